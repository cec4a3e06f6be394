/** Updates as they are written: their kinds, their paths, and what of them is refused before any document is looked at. */
import { badValue, failedToParse, MongoError } from './errors.ts';
import { compileFilter, type Predicate } from './match.ts';
import { split } from './paths.ts';
import { compareStrings, isDoc, typeName, type CompareText, type Doc, type Value } from './values.ts';
import { MODIFIERS } from './modifiers.ts';

/** One change at one path, in the order in which MongoDB makes them: by path, numbers as numbers. */
export type Change = { readonly op: string; readonly path: string; readonly parts: readonly string[]; readonly arg: Value };
export type Update =
  | { readonly kind: 'replace'; readonly doc: Doc }
  | { readonly kind: 'operators'; readonly changes: readonly Change[]; readonly filters: ReadonlyMap<string, (item: Value) => boolean>; readonly text: CompareText }
  | { readonly kind: 'pipeline'; readonly stages: Doc[] };

const STAGES = new Set(['$set', '$addFields', '$unset', '$project', '$replaceRoot', '$replaceWith']);

export function parseUpdate(u: Value, arrayFilters: readonly Doc[] = [], text: CompareText = compareStrings): Update {
  if (Array.isArray(u)) {
    for (const stage of u as Doc[]) {
      const name = isDoc(stage) ? (Object.keys(stage)[0] ?? '') : '';
      if (!STAGES.has(name)) throw new MongoError(72, 'InvalidOptions', `${name} is not allowed to be used within an update`);
    }
    if (arrayFilters.length > 0) throw failedToParse('arrayFilters may not be specified for pipeline-style updates');
    return { kind: 'pipeline', stages: u as Doc[] };
  }
  if (!isDoc(u)) throw failedToParse('Update argument must be either an object or an array');
  const keys = Object.keys(u);
  if (keys.length === 0 || !keys[0]!.startsWith('$')) return replacement(u, keys, arrayFilters);
  for (const k of keys) {
    if (!Object.hasOwn(MODIFIERS, k)) throw failedToParse(`Unknown modifier: ${k}. Expected a valid update modifier or pipeline-style update specified as an array`);
    if (!isDoc(u[k])) throw failedToParse(`Modifiers operate on fields but we found type ${typeName(u[k])} instead. For example: {$mod: {<field>: ...}} not {${k}: ${String(u[k])}}`);
  }
  const changes = keys.flatMap((op) => Object.entries(u[op] as Doc).map(([path, arg]): Change => checked(op, path, arg)));
  refuseConflicts(changes);
  const filters = filterMap(arrayFilters, text);
  for (const name of filters.keys()) if (!changes.some((c) => c.parts.includes(`$[${name}]`))) throw failedToParse(`The array filter for identifier '${name}' was not used in the update ${JSON.stringify(u)}`);
  return { kind: 'operators', changes: [...changes].sort(byPath), filters, text };
}

function replacement(doc: Doc, keys: readonly string[], arrayFilters: readonly Doc[]): Update {
  const wrong = keys.find((k) => k.startsWith('$') && k !== '$ref' && k !== '$id' && k !== '$db');
  if (wrong) throw new MongoError(52, 'DollarPrefixedFieldName', `The dollar ($) prefixed field '${wrong}' in '${wrong}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`);
  if (arrayFilters.length > 0) throw failedToParse('arrayFilters may not be specified for replacement-style updates');
  return { kind: 'replace', doc };
}

function checked(op: string, path: string, arg: Value): Change {
  const parts = split(path);
  if (path === '') throw new MongoError(56, 'EmptyFieldName', 'An empty update path is not valid.');
  if (parts.includes('')) throw new MongoError(56, 'EmptyFieldName', `The update path '${path}' contains an empty field name, which is not allowed.`);
  if (parts.includes('__proto__') || parts.includes('_bsontype')) throw badValue(`the field name in '${path}' is not supported by this store`);
  if (parts[0] === '$' || parts[0]!.startsWith('$[')) throw badValue(`Cannot have positional (i.e. '$') element in the first position in path '${path}'`);
  if (parts.filter((p) => p === '$').length > 1) throw badValue(`Too many positional (i.e. '$') elements found in path '${path}'`);
  if (op !== '$rename') {
    MODIFIERS[op]!.check?.(arg, path);
    return { op, path, parts, arg };
  }
  if (typeof arg !== 'string') throw badValue(`The 'to' field for $rename must be a string: ${path}: ${String(arg)}`);
  if (arg === path) throw badValue(`The source and target field for $rename must differ: ${path}: "${arg}"`);
  for (const p of [path, arg]) if (split(p).some((x) => x === '$' || x.startsWith('$['))) throw badValue(`The source or target field for $rename may not be dynamic: ${p}`);
  if (split(arg).includes('')) throw new MongoError(56, 'EmptyFieldName', `The update path '${arg}' contains an empty field name, which is not allowed.`);
  return { op, path: arg, parts: split(arg), arg: path };
}

function refuseConflicts(changes: readonly Change[]): void {
  const taken = new Set<string>();
  const parents = new Set<string>();
  for (const { op, path, arg } of changes) {
    for (const p of op === '$rename' ? [path, String(arg)] : [path]) {
      const parts = split(p);
      const prefixes = parts.map((_x, i) => parts.slice(0, i + 1).join('.'));
      const hit = prefixes.find((x) => taken.has(x)) ?? (parents.has(p) ? p : undefined);
      if (hit !== undefined) throw new MongoError(40, 'ConflictingUpdateOperators', `Updating the path '${p}' would create a conflict at '${hit}'`);
      taken.add(p);
      for (const x of prefixes.slice(0, -1)) parents.add(x);
    }
  }
}

const NUMERIC = /^\d+$/;
function byPath(a: Change, b: Change): number {
  for (let i = 0; i < Math.min(a.parts.length, b.parts.length); i += 1) {
    const [x, y] = [a.parts[i]!, b.parts[i]!];
    if (x === y) continue;
    return NUMERIC.test(x) && NUMERIC.test(y) ? Number(x) - Number(y) : compareStrings(x, y);
  }
  return a.parts.length - b.parts.length;
}

function filterMap(filters: readonly Doc[], text: CompareText): ReadonlyMap<string, (item: Value) => boolean> {
  const out = new Map<string, (item: Value) => boolean>();
  for (const f of filters) {
    const names = new Set(namesOf(f));
    if (names.size === 0) throw failedToParse('Cannot use an expression without a top-level field name in arrayFilters');
    if (names.size > 1) throw failedToParse(`Error parsing array filter :: caused by :: Expected a single top-level field name, found '${[...names].join("' and '")}'`);
    const [name = ''] = names;
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) throw badValue(`Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`);
    if (out.has(name)) throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
    const filter: Predicate = compileFilter(f, {}, text);
    out.set(name, (item) => filter({ [name]: item }));
  }
  return out;
}
function namesOf(filter: Doc): string[] {
  return Object.entries(filter).flatMap(([key, value]) => {
    if (!key.startsWith('$')) return [split(key)[0]!];
    return Array.isArray(value) ? (value as Value[]).flatMap((v) => (isDoc(v) ? namesOf(v) : [])) : [];
  });
}
