/** Updates: replacement, operators with positional forms and array filters, and pipelines. Untouched fields keep their bytes' types. */
import { Int32, Timestamp } from 'bson';
import { badValue, failedToParse, MongoError, typeMismatch } from './errors.ts';
import { compileCondition, compileFilter, isOperators, type Predicate } from './match.ts';
import { arithmetic, intOf } from './numbers.ts';
import { split } from './paths.ts';
import { sortComparator } from './sort.ts';
import { compare, equal, isDoc, isNumber, toDouble, typeName, type Doc, type Value } from './values.ts';

export type Update = { readonly kind: 'replace'; readonly doc: Doc } | { readonly kind: 'operators'; readonly ops: Doc; readonly filters: ReadonlyMap<string, Predicate> } | { readonly kind: 'pipeline'; readonly stages: Doc[] };
export type UpdateContext = { readonly now: Date; readonly inserting: boolean; /** Index that `$` stands for: of the array element that the filter matched. */ readonly positional: (path: string) => number | undefined };

export function parseUpdate(u: Value, arrayFilters: readonly Doc[] = []): Update {
  if (Array.isArray(u)) return { kind: 'pipeline', stages: u as Doc[] };
  if (!isDoc(u)) throw failedToParse('Update argument must be either an object or an array');
  const keys = Object.keys(u);
  if (keys.length === 0 || !keys[0]!.startsWith('$')) {
    const wrong = keys.find((k) => k.startsWith('$'));
    if (wrong) throw new MongoError(52, 'DollarPrefixedFieldName', `The dollar ($) prefixed field '${wrong}' in '${wrong}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`);
    return { kind: 'replace', doc: u };
  }
  const unknown = keys.find((k) => !(k in OPERATORS));
  if (unknown) throw failedToParse(`Unknown modifier: ${unknown}. Expected a valid update modifier or pipeline-style update specified as an array`);
  checkConflicts(u);
  return { kind: 'operators', ops: u, filters: filterMap(arrayFilters) };
}

function filterMap(filters: readonly Doc[]): ReadonlyMap<string, Predicate> {
  return new Map(filters.map((f) => {
    const first = Object.keys(f).find((k) => !k.startsWith('$')) ?? Object.keys((f['$and'] ?? f['$or'] ?? [{}]) instanceof Array ? (((f['$and'] ?? f['$or']) as Doc[] | undefined)?.[0] ?? {}) : {})[0];
    const name = split(first ?? '')[0] ?? '';
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) throw badValue(`Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`);
    const filter = compileFilter(f);
    return [name, (item: Doc) => filter({ [name]: item })] as const;
  }));
}

function checkConflicts(u: Doc): void {
  const paths = Object.entries(u).flatMap(([op, fields]) => {
    if (!isDoc(fields)) throw failedToParse(`Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${op}: ${String(fields)}}`);
    return op === '$rename' ? Object.entries(fields).flatMap(([a, b]) => [a, String(b)]) : Object.keys(fields);
  }).sort();
  for (let i = 1; i < paths.length; i += 1) {
    const [a, b] = [paths[i - 1]!, paths[i]!];
    if (a === b || b.startsWith(`${a}.`)) throw new MongoError(40, 'ConflictingUpdateOperators', `Updating the path '${b}' would create a conflict at '${a}'`);
  }
}

type Node = { parent: Doc | Value[]; key: string };
const has = (at: Node): boolean => (Array.isArray(at.parent) ? Number(at.key) < at.parent.length : Object.hasOwn(at.parent, at.key));
const read = (at: Node): Value => (Array.isArray(at.parent) ? at.parent[Number(at.key)] : at.parent[at.key]);
const write = (at: Node, value: Value): void => {
  if (!Array.isArray(at.parent)) return void (at.parent[at.key] = value);
  while (at.parent.length < Number(at.key)) at.parent.push(null);
  at.parent[Number(at.key)] = value;
};

/** Places that a path names, positional forms resolved. `make`: missing embedded documents are made on the way. */
function places(doc: Doc, path: string, make: boolean, filters: ReadonlyMap<string, Predicate>, context: UpdateContext): Node[] {
  const parts = split(path);
  let at: { value: Value; path: string }[] = [{ value: doc, path: '' }];
  let nodes: Node[] = [];
  parts.forEach((part, i) => {
    nodes = at.flatMap(({ value, path: here }) => keysOf(value, part, here, filters, context).map((key) => ({ parent: value as Doc, key })));
    if (i === parts.length - 1) return;
    at = nodes.flatMap((n, j) => {
      if (!has(n) && make) write(n, {});
      const next = read(n);
      const where = `${at[Math.min(j, at.length - 1)]?.path ?? ''}${n.key}.`;
      if (isDoc(next) || Array.isArray(next)) return [{ value: next, path: where }];
      if (make) throw new MongoError(28, 'PathNotViable', `Cannot create field '${parts[i + 1]}' in element {${part}: ${JSON.stringify(next ?? null)}}`);
      return [];
    });
  });
  return nodes;
}

function keysOf(value: Value, part: string, here: string, filters: ReadonlyMap<string, Predicate>, context: UpdateContext): string[] {
  if (part === '$') {
    const index = context.positional(here.slice(0, -1));
    if (index === undefined) throw badValue('The positional operator did not find the match needed from the query.');
    return [String(index)];
  }
  const all = /^\$\[(\w*)\]$/.exec(part);
  if (!all) {
    if (Array.isArray(value) && !/^\d+$/.test(part)) throw new MongoError(28, 'PathNotViable', `Cannot create field '${part}' in element {${here.slice(0, -1)}: ${JSON.stringify(value).slice(0, 60)}}`);
    return [part];
  }
  if (!Array.isArray(value)) throw badValue(`The path '${here.slice(0, -1)}' must exist in the document in order to apply array updates.`);
  const test = all[1] ? filters.get(all[1]) : undefined;
  if (all[1] && !test) throw badValue(`No array filter found for identifier '${all[1]}' in path '${here}${part}'`);
  return (value as Value[]).flatMap((item, i) => (!test || test(item as Doc) ? [String(i)] : []));
}

type Apply = (at: Node, arg: Value, context: UpdateContext) => void;
const number = (op: 'add' | 'multiply', name: string): Apply => (at, arg) => {
  if (!isNumber(arg)) throw typeMismatch(`Cannot ${name === '$inc' ? 'increment' : 'multiply'} with non-numeric argument: {${at.key}: ${JSON.stringify(arg)}}`);
  if (!has(at) || read(at) === undefined) return write(at, op === 'add' ? arg : arithmetic('multiply', arg, new Int32(0)));
  const now = read(at);
  if (!isNumber(now)) throw typeMismatch(`Cannot apply ${name} to a value of non-numeric type. {_id: …} has the field '${at.key}' of non-numeric type ${typeName(now)}`);
  const plain = typeof now === 'number' ? (Number.isInteger(now) ? intOf(BigInt(now), 'int') : now) : now;
  write(at, arithmetic(op, plain, arg));
};
const arrayAt = (at: Node, name: string): Value[] => {
  if (!has(at)) write(at, []);
  const list = read(at);
  if (!Array.isArray(list)) throw badValue(`The field '${at.key}' must be an array but is of type ${typeName(list)} in document (${name})`);
  return list as Value[];
};
const items = (arg: Value): Value[] => (isDoc(arg) && '$each' in arg ? (arg['$each'] as Value[]) : [arg]);

const push: Apply = (at, arg) => {
  const list = arrayAt(at, '$push');
  const spec = isDoc(arg) && '$each' in arg ? arg : {};
  if (isDoc(arg) && '$each' in arg && !Array.isArray(arg['$each'])) throw badValue('The argument to $each in $push must be an array');
  const position = '$position' in spec ? toDouble(spec['$position']) : list.length;
  list.splice(position < 0 ? Math.max(0, list.length + position) : Math.min(position, list.length), 0, ...items(arg));
  const by = spec['$sort'];
  if (by !== undefined) list.sort(isDoc(by) ? (a, b) => sortComparator(by)(a as Doc, b as Doc) : (a, b) => compare(a, b) * toDouble(by));
  if ('$slice' in spec) {
    const n = toDouble(spec['$slice']);
    write(at, n < 0 ? list.slice(n) : list.slice(0, n));
  }
};
const pull: Apply = (at, arg) => {
  if (!has(at)) return;
  const list = arrayAt(at, '$pull');
  const filter = isDoc(arg) && !isOperators(arg) ? compileFilter(arg) : undefined;
  const condition = filter ? undefined : compileCondition(arg, {});
  write(at, list.filter((v) => (filter ? !(isDoc(v) && filter(v)) : !condition!([v]))));
};
const bit: Apply = (at, arg) => {
  for (const [op, n] of Object.entries(arg as Doc)) {
    const [a, b] = [BigInt(has(at) ? toDouble(read(at)) : 0), BigInt(toDouble(n))];
    write(at, intOf(op === 'and' ? a & b : op === 'or' ? a | b : a ^ b, has(at) ? (typeName(read(at)) as 'int') : 'int'));
  }
};
const remove: Apply = (at) => {
  if (!has(at)) return;
  if (Array.isArray(at.parent)) at.parent[Number(at.key)] = null;
  else delete at.parent[at.key];
};
const extreme = (sign: number): Apply => (at, arg) => {
  if (!has(at) || compare(arg, read(at)) * sign > 0) write(at, arg);
};

type OperatorSpec = { readonly apply: Apply; /** Missing places are made. */ readonly makes: boolean };
const OPERATORS: Readonly<Record<string, OperatorSpec>> = {
  $set: { makes: true, apply: (at, arg) => write(at, arg) },
  $setOnInsert: { makes: true, apply: (at, arg) => write(at, arg) },
  $unset: { makes: false, apply: remove },
  $inc: { makes: true, apply: number('add', '$inc') }, $mul: { makes: true, apply: number('multiply', '$mul') },
  $min: { makes: true, apply: extreme(-1) }, $max: { makes: true, apply: extreme(1) },
  $push: { makes: true, apply: push }, $pull: { makes: false, apply: pull }, $bit: { makes: true, apply: bit },
  $addToSet: { makes: true, apply: (at, arg) => { const list = arrayAt(at, '$addToSet'); for (const v of items(arg)) if (!list.some((o) => equal(o, v))) list.push(v); } },
  $pullAll: { makes: false, apply: (at, arg) => { if (has(at)) write(at, arrayAt(at, '$pullAll').filter((v) => !(arg as Value[]).some((o) => equal(o, v)))); } },
  $pop: { makes: false, apply: (at, arg) => { if (has(at)) { const list = arrayAt(at, '$pop'); if (toDouble(arg) < 0) list.shift(); else list.pop(); } } },
  $currentDate: { makes: true, apply: (at, arg, context) => write(at, isDoc(arg) && arg['$type'] === 'timestamp' ? new Timestamp({ t: Math.floor(context.now.getTime() / 1000), i: 1 }) : new Date(context.now)) },
  $rename: { makes: false, apply: () => undefined },
};

/** The changed document; the given one is not touched. Pipelines are the caller's. */
export function applyOperators(doc: Doc, update: Extract<Update, { kind: 'operators' }>, context: UpdateContext): Doc {
  const out = structuredCopy(doc) as Doc;
  for (const [op, fields] of Object.entries(update.ops)) {
    if (op === '$setOnInsert' && !context.inserting) continue;
    const spec = OPERATORS[op]!;
    for (const [path, arg] of Object.entries(fields as Doc)) {
      if (op === '$rename') rename(out, path, String(arg), update.filters, context);
      else for (const at of places(out, path, spec.makes, update.filters, context)) spec.apply(at, structuredCopy(arg), context);
    }
  }
  if ('_id' in doc && !equal(out['_id'], doc['_id'])) throw new MongoError(66, 'ImmutableField', "Performing an update on the path '_id' would modify the immutable field '_id'");
  return out;
}

function rename(doc: Doc, from: string, to: string, filters: ReadonlyMap<string, Predicate>, context: UpdateContext): void {
  for (const at of places(doc, from, false, filters, context)) {
    if (!has(at)) continue;
    const value = read(at);
    remove(at, null, context);
    for (const target of places(doc, to, true, filters, context)) write(target, value);
  }
}

/** A copy of documents and arrays; BSON values are never changed in place, so they are shared. */
export function structuredCopy(v: Value): Value {
  if (Array.isArray(v)) return (v as Value[]).map(structuredCopy);
  return isDoc(v) ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, structuredCopy(x)])) : v;
}
