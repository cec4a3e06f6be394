/** Updates by operators: each path in turn, in the order of the paths, numbers as numbers. */
import { Int32, Long } from 'mongodb';
import { special } from './expressions.ts';
import { exactly, exactOf, isNumeric, type Numeric } from './exact.ts';
import { hasOperators, matches } from './filters.ts';
import { aggregate } from './pipelines.ts';
import { bySort } from './sorting.ts';
import { asNumber, compare, copy, isDoc, isList, MISSING, Refused, same, type Doc, type Value } from './values.ts';
import { BSONRegExp } from 'mongodb';

export type Update = { readonly update: Doc | Doc[]; readonly arrayFilters?: Doc[]; /** The path and condition that `$` goes by. */ readonly position?: { readonly list: string; readonly test: (item: Value) => boolean } };

export function updated(before: Doc, { update, arrayFilters = [], position }: Update): Doc {
  if (isList(update)) { const [after] = aggregate([before], update, []); return { _id: before['_id'], ...after }; }
  const doc = copy(before);
  const changes = Object.entries(update).flatMap(([op, fields]) => Object.entries(fields as Doc).map(([path, arg]) => (op === '$rename' ? { op, path: String(arg), arg: path } : { op, path, arg })));
  for (const { op, path, arg } of changes.sort((a, b) => byPath(a.path.split('.'), b.path.split('.')))) {
    if (op === '$rename') rename(doc, String(arg), path);
    else for (const parts of placesOf(before, doc, path.split('.'), arrayFilters, position)) change(doc, parts, op, copy(arg));
  }
  return doc;
}
/** Two changes of one place, or of a place and one inside it, are refused before any document is looked at. */
export function refuseConflicts(update: Doc | Doc[]): void {
  if (isList(update)) return;
  const paths = Object.entries(update).flatMap(([op, fields]) => Object.entries(fields as Doc).flatMap(([p, arg]) => (op === '$rename' ? [p, String(arg)] : [p])));
  if (paths.some((p, i) => paths.some((q, j) => i !== j && (p === q || p.startsWith(`${q}.`))))) throw new Refused('a conflict');
}
function byPath(a: string[], b: string[]): number {
  const i = a.findIndex((p, n) => p !== b[n]);
  if (i < 0) return -1;
  if (b[i] === undefined) return 1;
  const [x, y] = [a[i]!, b[i]!];
  return /^\d+$/.test(x) && /^\d+$/.test(y) ? Number(x) - Number(y) : compare(x, y);
}
const child = (at: Value, name: string): Value => (isDoc(at) && Object.hasOwn(at, name) ? at[name] : isList(at) && /^\d+$/.test(name) && Number(name) < at.length ? at[Number(name)] : MISSING);
const valueAt = (root: Value, parts: readonly string[]): Value => parts.reduce(child, root);

/** The plain paths that a positional path stands for. */
function placesOf(before: Doc, doc: Doc, parts: readonly string[], filters: readonly Doc[], position: Update['position']): string[][] {
  const at = parts.findIndex((p) => p.startsWith('$'));
  if (at < 0) return [[...parts]];
  const [head, sign, rest] = [parts.slice(0, at), parts[at]!, parts.slice(at + 1)];
  if (sign === '$') {
    const list = valueAt(before, head);
    const i = position && position.list === head.join('.') && isList(list) ? list.findIndex(position.test) : -1;
    if (i < 0) throw new Refused('no element was matched');
    return placesOf(before, doc, [...head, String(i), ...rest], filters, position);
  }
  const list = valueAt(doc, head);
  if (!isList(list)) throw new Refused('no array');
  const name = sign.slice(2, -1);
  const filter = filters.find((f) => Object.keys(f)[0]!.split('.')[0] === name);
  return list.flatMap((item, i) => (name === '' || matches({ [name]: item }, filter!) ? placesOf(before, doc, [...head, String(i), ...rest], filters, position) : []));
}
const MAKES_NOTHING = new Set(['$unset', '$pull', '$pullAll', '$pop', '$setOnInsert']);
function change(doc: Doc, parts: string[], op: string, arg: Value): void {
  let at: Value = doc;
  for (const [i, name] of parts.entries()) {
    const last = i === parts.length - 1;
    if (isList(at) ? !/^\d+$/.test(name) : !isDoc(at)) { if (MAKES_NOTHING.has(op)) return; throw new Refused('no way through'); }
    const there = child(at, name);
    if (!last && there === MISSING) { if (MAKES_NOTHING.has(op)) return; put(at, name, {}); }
    if (last) {
      const made = modified(op, there, arg);
      if (made === MISSING) { if (isList(at)) { if (there !== MISSING) put(at, name, null); } else delete (at as Doc)[name]; } else if (made !== undefined) put(at, name, made);
      return;
    }
    at = child(at, name);
  }
}
function put(at: Value, name: string, value: Value): void {
  if (!isList(at)) { (at as Doc)[name] = value; return; }
  while (at.length < Number(name)) at.push(null);
  at[Number(name)] = value;
}
/** The new value; MISSING takes the field away, undefined leaves it. */
function modified(op: string, now: Value, arg: Value): Value {
  switch (op) {
    case '$set': return arg;
    case '$setOnInsert': return undefined;
    case '$unset': return MISSING;
    case '$min': return now === MISSING || compare(arg, now) < 0 ? arg : undefined;
    case '$max': return now === MISSING || compare(arg, now) > 0 ? arg : undefined;
    case '$inc': case '$mul': return calculated(op, now, arg as Numeric);
    case '$bit': return bits(now, arg as Doc);
    default: return now === MISSING && ['$pull', '$pullAll', '$pop'].includes(op) ? undefined : listModified(op, now, arg);
  }
}
function calculated(op: string, now: Value, arg: Numeric): Value {
  if (now === MISSING) return op === '$inc' ? arg : exactly('multiply', arg, new Int32(0));
  if (!isNumeric(now)) throw new Refused('no number');
  if ([now, arg].some((v) => /NaN|Inf/.test(String(v)))) return special(op === '$inc' ? 'add' : 'multiply', [now, arg]);
  const made = exactly(op === '$inc' ? 'add' : 'multiply', now, arg);
  if (made === undefined) throw new Refused('past Long');
  return made;
}
function bits(now: Value, arg: Doc): Value {
  const [[name, n]] = Object.entries(arg) as [[string, Numeric]];
  const start = now === MISSING ? new Int32(0) : now;
  if (!(start instanceof Int32) && !(start instanceof Long && start._bsontype === 'Long')) throw new Refused('no whole number');
  const [a, b] = [start as Numeric, n].map((x) => (exactOf(x) as { n: bigint }).n) as [bigint, bigint];
  const made = name === 'and' ? a & b : name === 'or' ? a | b : a ^ b;
  return start instanceof Int32 && n instanceof Int32 ? new Int32(Number(made)) : Long.fromString(String(made));
}
function listModified(op: string, now: Value, arg: Value): Value {
  if (now !== MISSING && !isList(now)) throw new Refused('no array');
  const list = now === MISSING ? [] : [...now];
  const each = isDoc(arg) && '$each' in arg ? (arg['$each'] as Value[]) : [arg];
  switch (op) {
    case '$push': return pushed(list, each, isDoc(arg) && '$each' in arg ? arg : {});
    case '$addToSet': for (const v of each) if (!list.some((x) => same(x, v))) list.push(v); return list;
    case '$pull': return list.filter((v) => !pulls(v, arg));
    case '$pullAll': return list.filter((v) => !(arg as Value[]).some((x) => same(x, v)));
    case '$pop': return asNumber(arg) < 0 ? list.slice(1) : list.slice(0, -1);
    default: throw new Refused(op);
  }
}
function pushed(list: Value[], each: Value[], how: Doc): Value[] {
  const at = how['$position'] === undefined ? list.length : asNumber(how['$position']);
  list.splice(at < 0 ? Math.max(0, list.length + at) : at, 0, ...each);
  const by = how['$sort'];
  if (isDoc(by)) { const order = bySort(Object.entries(by).map(([k, d]) => [k, asNumber(d)] as const)); list.sort((a, b) => order(isDoc(a) ? a : {}, isDoc(b) ? b : {})); }
  else if (by !== undefined) list.sort((a, b) => compare(a, b) * asNumber(by));
  if (how['$slice'] === undefined) return list;
  const n = asNumber(how['$slice']);
  return n < 0 ? list.slice(n) : list.slice(0, n);
}
function pulls(v: Value, arg: Value): boolean {
  // A condition is asked of the item as of a field: an item that is a list holds it when one of its own does.
  if (arg instanceof BSONRegExp || hasOperators(arg)) return matches({ v }, { v: arg });
  return isDoc(arg) ? isDoc(v) && matches(v, arg) : same(v, arg);
}
function rename(doc: Doc, from: string, to: string): void {
  const [source, target] = [from.split('.'), to.split('.')];
  const value = valueAt(doc, source);
  const throughList = (parts: string[]): boolean => parts.slice(0, -1).some((_p, i) => isList(valueAt(doc, parts.slice(0, i + 1))));
  // Through arrays nothing is renamed: with a number the field is there, and that is refused.
  if (value === MISSING) { return; }
  if (throughList(source) || throughList(target)) throw new Refused('an array on the way');
  change(doc, source, '$unset', '');
  change(doc, target, '$set', value);
}
