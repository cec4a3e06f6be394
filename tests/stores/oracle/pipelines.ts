/** Stages of the pipeline, each a plain function from documents to documents. */
import { Int32, Long } from 'mongodb';
import { accumulated, evaluate } from './expressions.ts';
import { matches, reach } from './filters.ts';
import { addFields, project } from './projections.ts';
import { sorted, type Sort } from './sorting.ts';
import { asNumber, compare, isDoc, isList, MISSING, nothing, Refused, same, type Doc, type Value } from './values.ts';

export const sortOf = (spec: Doc): Sort => Object.entries(spec).map(([k, d]) => [k, asNumber(d)] as const);
const onlyEntry = (stage: Doc): [string, Value] => Object.entries(stage)[0]!;

/** `other` is the collection that joins look at. */
export function aggregate(docs: readonly Doc[], stages: readonly Doc[], other: readonly Doc[]): Doc[] {
  return stages.reduce<Doc[]>((rows, stage) => { const [name, arg] = onlyEntry(stage); return staged(rows, name, arg, other); }, [...docs]);
}
function staged(rows: Doc[], name: string, arg: Value, other: readonly Doc[]): Doc[] {
  const spec = arg as Doc;
  switch (name) {
    case '$match': return rows.filter((d) => matches(d, spec));
    case '$project': return rows.map((d) => project(d, spec));
    case '$set': case '$addFields': return rows.map((d) => addFields(d, spec));
    case '$unset': return rows.map((d) => project(d, Object.fromEntries((isList(arg) ? arg : [arg]).map((p) => [p, false]))));
    case '$sort': return sorted(rows, sortOf(spec));
    case '$limit': return rows.slice(0, asNumber(arg));
    case '$skip': return rows.slice(asNumber(arg));
    case '$count': return rows.length === 0 ? [] : [{ [String(arg)]: new Int32(rows.length) }];
    case '$replaceRoot': return rows.map((d) => { const made = evaluate(spec['newRoot'], d); if (!isDoc(made)) throw new Refused('$replaceRoot'); return made; });
    case '$group': return grouped(rows, spec);
    case '$sortByCount': return sorted(grouped(rows, { _id: arg, count: { $sum: new Int32(1) } }), [['count', -1]]);
    case '$bucket': return bucketed(rows, spec);
    case '$unwind': return rows.flatMap((d) => unwound(d, isDoc(arg) ? arg : { path: arg }));
    case '$facet': return [Object.fromEntries(Object.entries(spec).map(([k, stages]) => [k, aggregate(rows, stages as Doc[], other)]))];
    case '$unionWith': return [...rows, ...aggregate(other, (spec['pipeline'] ?? []) as Doc[], other)];
    case '$lookup': return rows.map((d) => ({ ...d, [String(spec['as'])]: joinedRows(d, spec, other) }));
    case '$setWindowFields': return windowed(rows, spec);
    default: throw new Refused(name);
  }
}
function groupsOf(rows: readonly Doc[], key: (d: Doc) => Value): { key: Value; rows: Doc[] }[] {
  const groups: { key: Value; rows: Doc[] }[] = [];
  for (const row of rows) {
    const k = key(row);
    const found = groups.find((g) => same(g.key, k));
    if (found) found.rows.push(row);
    else groups.push({ key: k, rows: [row] });
  }
  return groups;
}
const accumulators = (rows: readonly Doc[], spec: Doc): Doc => Object.fromEntries(Object.entries(spec).filter(([k]) => k !== '_id').map(([k, a]) => { const [name, e] = onlyEntry(a as Doc); return [k, accumulated(name, rows.map((d) => evaluate(e, d)))]; }));
const orNull = (v: Value): Value => (v === MISSING ? null : v);
const grouped = (rows: Doc[], spec: Doc): Doc[] => groupsOf(rows, (d) => orNull(evaluate(spec['_id'], d))).map((g) => ({ _id: g.key, ...accumulators(g.rows, spec) }));

function bucketed(rows: Doc[], spec: Doc): Doc[] {
  const bounds = spec['boundaries'] as Value[];
  const place = (d: Doc): Value => {
    const v = orNull(evaluate(spec['groupBy'], d));
    const i = bounds.findLastIndex((b) => compare(v, b) >= 0);
    return i >= 0 && i < bounds.length - 1 ? bounds[i] : spec['default'];
  };
  return groupsOf(rows, place).sort((a, b) => compare(a.key, b.key)).map((g) => ({ _id: g.key, ...accumulators(g.rows, spec['output'] as Doc) }));
}
/** $unwind goes through documents only: an array on the way hides what is behind it. */
function unwound(doc: Doc, spec: Doc): Doc[] {
  const path = String(spec['path']).slice(1).split('.');
  const value = path.reduce<Value>((at, p) => (isDoc(at) && Object.hasOwn(at, p) ? at[p] : MISSING), doc);
  const index = spec['includeArrayIndex'] as string | undefined;
  const numbered = (d: Doc, i: Value): Doc => (index === undefined ? d : { ...d, [index]: i });
  if (!isList(value)) return nothing(value) && spec['preserveNullAndEmptyArrays'] !== true ? [] : [numbered(doc, null)];
  if (value.length === 0) return spec['preserveNullAndEmptyArrays'] === true ? [numbered(replaced(doc, path, MISSING), null)] : [];
  return value.map((item, i) => numbered(replaced(doc, path, item), Long.fromNumber(i)));
}
function replaced(doc: Doc, [first = '', ...rest]: readonly string[], value: Value): Doc {
  const v = rest.length === 0 ? value : replaced(doc[first] as Doc, rest, value);
  const out = { ...doc, [first]: v };
  if (v === MISSING) delete out[first];
  return out;
}
/** A local field joins by each of its values; a missing one as null. Of the foreign field any value may be the one. */
function joinedRows(doc: Doc, spec: Doc, other: readonly Doc[]): Doc[] {
  const local = reach(doc, String(spec['localField']).split('.'), true).flatMap((v) => (isList(v) ? v : v === MISSING ? [] : [v]));
  const wanted = local.length === 0 ? [null] : local;
  const found = other.filter((o) => wanted.some((v) => matches(o, { [String(spec['foreignField'])]: { $eq: v } })));
  return aggregate(found, (spec['pipeline'] ?? []) as Doc[], other);
}
function windowed(rows: Doc[], spec: Doc): Doc[] {
  const partition = (d: Doc): Value => { const v = orNull(evaluate(spec['partitionBy'], d)); if (isList(v)) throw new Refused('an array does not part'); return v; };
  return groupsOf(rows, partition).sort((a, b) => compare(a.key, b.key)).flatMap(({ rows: part }) => {
    const inOrder = sorted(part, sortOf(spec['sortBy'] as Doc));
    return inOrder.map((d, i) => ({ ...d, ...Object.fromEntries(Object.entries(spec['output'] as Doc).map(([k, o]) => [k, windowValue(o as Doc, inOrder, i)])) }));
  });
}
function windowValue(output: Doc, rows: readonly Doc[], i: number): Value {
  const [name, e] = onlyEntry(output);
  if (name === '$documentNumber') return new Int32(i + 1);
  const [from, to] = ((output['window'] as Doc)['documents'] as Value[]).map((b) => (b === 'unbounded' ? undefined : b === 'current' ? 0 : asNumber(b)));
  const part = rows.slice(from === undefined ? 0 : Math.max(0, i + from), to === undefined ? rows.length : Math.max(0, i + to + 1));
  return accumulated(name, part.map((d) => evaluate(e, d)));
}
