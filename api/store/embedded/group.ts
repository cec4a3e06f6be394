import { Int32 } from 'bson';
import { MongoError } from './errors.ts';
import { evaluate, missing, type Variables } from './expressions.ts';
import { valueBytes } from './keys.ts';
import { arithmetic, averageOf, sumOf } from './numbers.ts';
import { sortComparator } from './sort.ts';
import { compare, equal, isDoc, isNumber, toDouble, type Doc, type Value } from './values.ts';

/** An accumulator gathers a value per document and answers at the end. */
type Accumulator = { readonly add: (doc: Doc, vars: Variables) => void; readonly result: () => Value };
type Make = (arg: Value) => Accumulator;

const gathered = (finish: (values: Value[]) => Value, keep: (v: Value) => boolean = () => true): Make => (arg) => {
  const values: Value[] = [];
  return { add: (_doc, vars) => { const v = evaluate(arg, vars); if (keep(v)) values.push(v); }, result: () => finish(values) };
};
const best = (sign: number): Make => (arg) => {
  let kept: Value;
  return { add: (_d, vars) => { const v = evaluate(arg, vars); if (!missing(v) && (kept === undefined || compare(v, kept) * sign > 0)) kept = v; }, result: () => kept ?? null };
};
const sum: Make = (arg) => {
  let total: Value = new Int32(0);
  return { add: (_d, vars) => { const v = evaluate(arg, vars); if (isNumber(v)) total = arithmetic('add', total, v); }, result: () => total };
};
const distinct = (values: Value[]): Value[] => {
  const seen = new Map<string, Value>();
  for (const v of values) if (v !== undefined) { const k = valueBytes(v).toString('latin1'); if (!seen.has(k)) seen.set(k, v); }
  return [...seen.values()];
};
/** $top/$bottom and the N forms: rows with their sort documents. */
const topOf = (fromEnd: boolean, many: boolean): Make => (arg) => {
  const { n, sortBy, output } = arg as { n?: Value; sortBy: Doc; output: Value };
  const rows: { doc: Doc; value: Value }[] = [];
  return {
    add: (doc, vars) => void rows.push({ doc, value: evaluate(output, vars) ?? null }),
    result: () => {
      const by = sortComparator(sortBy);
      const ordered = rows.sort((a, b) => by(a.doc, b.doc)).map((r) => r.value);
      const count = many ? toDouble(n) : 1;
      const part = fromEnd ? ordered.slice(-count) : ordered.slice(0, count);
      return many ? part : (part[0] ?? null);
    },
  };
};
const firstN = (fromEnd: boolean): Make => (arg) => {
  const { n, input } = arg as { n: Value; input: Value };
  return gathered((values) => { const list = values.map((v) => v ?? null); return fromEnd ? list.slice(-toDouble(n)) : list.slice(0, toDouble(n)); })(input);
};
function deviation(sample: boolean): Make {
  return gathered((values) => {
    const n = values.map(toDouble);
    if (n.length <= (sample ? 1 : 0)) return null;
    const mean = n.reduce((a, b) => a + b, 0) / n.length;
    return Math.sqrt(n.reduce((a, b) => a + (b - mean) ** 2, 0) / (n.length - (sample ? 1 : 0)));
  }, isNumber);
}

export const ACCUMULATORS: Readonly<Record<string, Make>> = {
  $sum: sum, $avg: gathered(averageOf), $min: best(-1), $max: best(1), $count: () => sum(new Int32(1)),
  $first: gathered((v) => v[0] ?? null), $last: gathered((v) => v.at(-1) ?? null), $push: gathered((v) => v, (v) => v !== undefined), $addToSet: gathered(distinct),
  $mergeObjects: gathered((v) => Object.assign({}, ...(v.filter((x) => !missing(x)) as Doc[])) as Doc), $stdDevPop: deviation(false), $stdDevSamp: deviation(true),
  $top: topOf(false, false), $bottom: topOf(true, false), $topN: topOf(false, true), $bottomN: topOf(true, true), $firstN: firstN(false), $lastN: firstN(true),
};

export const accumulatorOf = (spec: Value): { make: Make; arg: Value } => {
  const [name, arg] = isDoc(spec) && Object.keys(spec).length === 1 ? Object.entries(spec)[0]! : ['', null];
  const make = ACCUMULATORS[name];
  if (!make) throw new MongoError(15952, 'Location15952', `unknown group operator '${name}'`);
  return { make, arg };
};

export function group(docs: Iterable<Doc>, spec: Doc, variables: Variables): Doc[] {
  if (!('_id' in spec)) throw new MongoError(15955, 'Location15955', 'a group specification must include an _id');
  const fields = Object.entries(spec).filter(([k]) => k !== '_id').map(([name, s]) => ({ name, ...accumulatorOf(s) }));
  const groups = new Map<string, { id: Value; accumulators: Accumulator[] }>();
  for (const doc of docs) {
    const vars = { ...variables, ROOT: doc, CURRENT: doc };
    const id = evaluate(spec['_id'], vars);
    const key = id === undefined ? 'missing' : valueBytes(id).toString('latin1');
    let found = groups.get(key);
    if (!found) {
      found = { id: id ?? null, accumulators: fields.map((f) => f.make(f.arg)) };
      groups.set(key, found);
    }
    for (const a of found.accumulators) a.add(doc, vars);
  }
  return [...groups.values()].map((g) => ({ _id: g.id, ...Object.fromEntries(fields.map((f, i) => [f.name, g.accumulators[i]!.result()])) }));
}

export function bucket(docs: Iterable<Doc>, spec: Doc, variables: Variables): Doc[] {
  const bounds = spec['boundaries'] as Value[];
  const output = (spec['output'] as Doc | undefined) ?? { count: { $sum: new Int32(1) } };
  const place = (doc: Doc): Value => {
    const v = evaluate(spec['groupBy'], { ...variables, ROOT: doc, CURRENT: doc });
    const i = bounds.findIndex((b, n) => n < bounds.length - 1 && compare(v, b) >= 0 && compare(v, bounds[n + 1]) < 0);
    if (i >= 0) return bounds[i];
    if (!('default' in spec)) throw new MongoError(40066, 'Location40066', '$switch could not find a matching branch for an input, and no default was specified.');
    return spec['default'];
  };
  const rows = [...docs].map((doc) => ({ at: place(doc), doc }));
  const ids = distinct(rows.map((r) => r.at)).sort(compare);
  return ids.map((id) => ({ ...group(rows.filter((r) => equal(r.at, id)).map((r) => r.doc), { _id: null, ...output }, variables)[0], _id: id })).map(({ _id, ...rest }) => ({ _id, ...rest }));
}
export { sumOf };
