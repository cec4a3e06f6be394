/** One document, changed: by operators, by a replacement, or by a pipeline; and the document that an upsert makes. */
import { updatePipeline } from './aggregate.ts';
import { badValue, MongoError } from './errors.ts';
import type { Variables } from './expressions.ts';
import { isOperators, isRegex } from './match.ts';
import { has, MODIFIERS, read, unset, write, type Context, type Place } from './modifiers.ts';
import { positionalOf } from './positional.ts';
import { isIndex, split } from './paths.ts';
import type { Change, Update } from './update.ts';
import { compareStrings, equal, isDoc, typeName, type CompareText, type Doc, type Value } from './values.ts';

export type Situation = { readonly now: Date; readonly inserting: boolean; readonly filter: Doc; readonly variables: Variables; /** `c` of the statement: constants of a pipeline. */ readonly constants?: Doc | undefined; readonly text?: CompareText | undefined };

/** The document as the update leaves it; the given one is not touched. */
export function changed(doc: Doc, update: Update, situation: Situation): Doc {
  if (update.kind === 'replace') return keepingId(doc, { ...update.doc });
  if (update.kind === 'operators') return byOperators(doc, update, situation);
  const made = updatePipeline(doc, update.stages, { ...situation.variables, ...(situation.constants ?? {}) });
  return keepingId(doc, made);
}

function keepingId(before: Doc, after: Doc): Doc {
  if (!('_id' in before)) return after;
  if (!('_id' in after)) return { _id: before['_id'], ...after };
  if (!equal(after['_id'], before['_id'])) throw new MongoError(66, 'ImmutableField', `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${String(after['_id'])}`);
  const { _id: _given, ...rest } = after;
  return { _id: before['_id'], ...rest };
}

/** The top fields that an update touches, when it names them plainly: then no other has to be read. */
export function topsOf(update: Update): readonly string[] | undefined {
  if (update.kind !== 'operators' || update.changes.some((c) => c.op === '$rename' || c.parts.some((p) => p.startsWith('$')))) return undefined;
  return [...new Set(update.changes.map((c) => c.parts[0]!))];
}

type Operators = Extract<Update, { kind: 'operators' }>;
function byOperators(doc: Doc, update: Operators, situation: Situation): Doc {
  const out = copied(doc) as Doc;
  const context: Context = { now: situation.now, inserting: situation.inserting, text: situation.text ?? update.text, id: doc['_id'] };
  const position = positionalOf(doc, situation.inserting ? {} : situation.filter, situation.text ?? compareStrings);
  for (const change of update.changes) {
    if (change.op === '$setOnInsert' && !context.inserting) continue;
    if (change.op === '$rename') rename(out, change, update, position);
    else for (const at of places(out, change, MODIFIERS[change.op]!.makes, update, position)) MODIFIERS[change.op]!.apply(at, copied(change.arg), context);
  }
  if ('_id' in doc && !equal(out['_id'], doc['_id'])) throw new MongoError(66, 'ImmutableField', "Performing an update on the path '_id' would modify the immutable field '_id'");
  return out;
}

type Position = (path: string) => number | undefined;
/** Places that a path names, positional forms resolved. `make`: missing embedded documents are made on the way. */
function places(doc: Doc, change: Pick<Change, 'parts' | 'path'>, make: boolean, update: Operators, position: Position): Place[] {
  const { parts } = change;
  const positional = parts.findIndex((p) => p.startsWith('$'));
  // Also where nothing lies on the way: MongoDB asks for the match before it looks.
  if (parts[positional] === '$') matched(position, parts.slice(0, positional).join('.'));
  let at: { value: Doc | Value[]; path: string }[] = [{ value: doc, path: '' }];
  for (const [i, part] of parts.entries()) {
    const here = at.flatMap(({ value, path }) => keysOf(value, part, path, change.path, make || awaitsList(parts, i), update, position).map((key): Place => ({ parent: value, key, path: path === '' ? key : `${path}.${key}` })));
    if (i === parts.length - 1) return here;
    at = here.flatMap((place) => entered(place, parts, i, make));
  }
  return [];
}
const awaitsList = (parts: readonly string[], i: number): boolean => parts.slice(i + 1).some((p) => p.startsWith('$['));
/** The document or list behind a place on the way. */
function entered(place: Place, parts: readonly string[], i: number, make: boolean): { value: Doc | Value[]; path: string }[] {
  const next = parts[i + 1]!;
  // Array updates need their array, also where nothing would be made.
  const later = awaitsList(parts, i);
  if (!has(place)) {
    if (!make && !later) return [];
    if (next === '$' || later) throw badValue(`The path '${place.path}' must exist in the document in order to apply array updates.`);
    write(place, {});
  }
  const value = read(place);
  if (isDoc(value) || Array.isArray(value)) return [{ value: value as Doc | Value[], path: place.path }];
  if (next.startsWith('$[')) throw badValue(`Cannot apply array updates to non-array element ${place.key}: ${String(value)}`);
  if (later) throw badValue(`The path '${parts.join('.')}' must exist in the document in order to apply array updates.`);
  if (make) throw new MongoError(28, 'PathNotViable', `Cannot create field '${next}' in element {${place.key}: ${typeof value === 'string' ? `"${value}"` : String(value)}}`);
  return [];
}

function matched(position: Position, path: string): number {
  const index = position(path);
  if (index === undefined) throw badValue('The positional operator did not find the match needed from the query.');
  return index;
}
function keysOf(value: Doc | Value[], part: string, here: string, path: string, make: boolean, update: Operators, position: Position): string[] {
  if (part === '$') return [String(matched(position, here))];
  const all = /^\$\[(\w*)\]$/.exec(part);
  if (!all) {
    if (!Array.isArray(value) || isIndex(part)) return [part];
    if (!make) return [];
    throw new MongoError(28, 'PathNotViable', `Cannot create field '${part}' in element {${here}: ${JSON.stringify(value).slice(0, 80)}}`);
  }
  const name = all[1]!;
  const test = name === '' ? (): boolean => true : update.filters.get(name);
  if (!test) throw badValue(`No array filter found for identifier '${name}' in path '${path}'`);
  if (!Array.isArray(value)) throw badValue(`Cannot apply array updates to non-array element ${here}: ${typeName(value)}`);
  return (value as Value[]).flatMap((item, i) => (test(item) ? [String(i)] : []));
}

/** `change.path` is the new name, `change.arg` the old one. */
function rename(doc: Doc, change: Change, update: Operators, position: Position): void {
  const from = { path: String(change.arg), parts: split(String(change.arg)) };
  const [source] = places(doc, from, false, update, position);
  if (!source || !has(source)) return;
  if (throughList(doc, from.parts)) throw badValue(`The source field cannot be an array element, '${from.path}' in doc with _id: ${String(doc['_id'])} has an array field called '${from.parts[0]}'`);
  if (throughList(doc, change.parts)) throw badValue(`The destination field cannot be an array element, '${change.path}' in doc with _id: ${String(doc['_id'])}`);
  const value = read(source);
  unset(source);
  for (const at of places(doc, change, true, update, position)) write(at, value);
}
function throughList(doc: Doc, parts: readonly string[]): boolean {
  let at: Value = doc;
  for (const part of parts.slice(0, -1)) {
    at = isDoc(at) ? at[part] : undefined;
    if (Array.isArray(at)) return true;
  }
  return false;
}

/** A copy of documents and arrays; BSON values are never changed in place, so they are shared. */
function copied(v: Value): Value {
  if (Array.isArray(v)) return (v as Value[]).map(copied);
  if (!isDoc(v)) return v;
  const out: Doc = {};
  for (const key of Object.keys(v)) out[key] = copied(v[key]);
  return out;
}

/** The document that an upsert makes: equalities of the filter, then the update. */
export function upserted(filter: Doc, update: Update, situation: Situation): Doc {
  const base: Doc = {};
  const seen: string[] = [];
  for (const [path, value] of equalities(filter)) {
    if (update.kind === 'replace' && path !== '_id') continue;
    const hit = seen.find((p) => p === path || p.startsWith(`${path}.`) || path.startsWith(`${p}.`));
    if (hit !== undefined) throw new MongoError(54, 'NotSingleValueField', `cannot infer query fields to set, ${hit === path ? `path '${path}' is matched twice` : `both paths '${hit}' and '${path}' are matched`}`);
    seen.push(path);
    setPath(base, split(path), value);
  }
  if (update.kind === 'replace') return '_id' in base ? keepingId(base, { ...update.doc }) : update.doc;
  const made = changed(base, update, { ...situation, inserting: true });
  return made;
}
function setPath(doc: Doc, parts: readonly string[], value: Value): void {
  let at = doc;
  for (const part of parts.slice(0, -1)) {
    if (!isDoc(at[part])) at[part] = {};
    at = at[part] as Doc;
  }
  at[parts.at(-1)!] = value;
}
function* equalities(filter: Doc): Generator<[string, Value]> {
  for (const [key, value] of Object.entries(filter)) {
    if (key === '$and' && Array.isArray(value)) for (const part of value as Doc[]) yield* equalities(part);
    else if (key === '$or' && Array.isArray(value) && value.length === 1) yield* equalities(value[0] as Doc);
    else if (key.startsWith('$') || isRegex(value)) continue;
    else if (!isOperators(value)) yield [key, value];
    else if ('$eq' in value) yield [key, value['$eq']];
    else for (const op of ['$in', '$all']) { const list = value[op]; if (Array.isArray(list) && list.length === 1 && !isOperators(list[0]) && !isRegex(list[0])) yield [key, (list as Value[])[0]]; }
  }
}
