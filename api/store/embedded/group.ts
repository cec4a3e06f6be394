/** `$group`, its accumulators, `$bucket` and `$bucketAuto`. */
import { Double, Int32 } from 'bson';
import { MongoError } from './errors.ts';
import { DistinctValues } from './expressions-array.ts';
import { compile, evaluate, missing, type Evaluate, type Scope } from './expressions.ts';
import { compareValues, needNumber, same, shape, type Env } from './expression-core.ts';
import { valueMark } from './keys.ts';
import { Total } from './numbers.ts';
import { Breather, PAUSE, type Row, type Rows } from './rows.ts';
import { sorter } from './sort.ts';
import { HELD_BYTES, MOST_BYTES, Spill, type Disk } from './spill.ts';
import { compareStrings, decode, encode, isDoc, isNumber, toDouble, type Doc, type Value } from './values.ts';
import type { Variables } from './expression-core.ts';

/** An accumulator gathers a value per document and answers at the end (or between: `result` changes nothing). */
export type Accumulator = { readonly add: (scope: Scope) => void; readonly result: () => Value };
export type Make = () => Accumulator;
type Define = (arg: Value, env: Env) => Make;

/** A group without lists: its key, its Map entry, its accumulators. Measured 2026-11 at about 300 bytes with two sums. */
const GROUP_BYTES = 320;
export const overMemory = (stage: string): MongoError => new MongoError(292, 'QueryExceededMemoryLimitNoDiskUseAllowed', `PlanExecutor error during aggregation :: caused by :: Exceeded memory limit for ${stage}, but didn't allow external sort. Pass allowDiskUse:true to opt in.`);

/** Bytes held in lists by the accumulators of one stage. */
class Held {
  bytes = 0;
  add(v: Value): void {
    this.bytes += roughSize(v);
    if (this.bytes > MOST_BYTES) throw overMemory('$group');
  }
}
export function roughSize(v: Value): number {
  if (typeof v === 'string') return 32 + v.length * 2;
  if (Array.isArray(v)) return (v as Value[]).reduce<number>((n, x) => n + roughSize(x), 32);
  if (isDoc(v)) return Object.entries(v).reduce((n, [k, x]) => n + k.length + roughSize(x), 48);
  return 32;
}
let held = new Held();

const gathered = (finish: (values: Value[], env: Env) => Value, keep: (v: Value) => boolean = () => true): Define => (arg, env) => {
  const value = compile(arg, env);
  const memory = held;
  return () => {
    const values: Value[] = [];
    return { add: (s) => { const v = value(s); if (keep(v)) { memory.add(v); values.push(v); } }, result: () => finish([...values], env) };
  };
};
const best = (sign: number): Define => (arg, env) => {
  const value = compile(arg, env);
  return () => {
    let kept: Value;
    return { add: (s) => { const v = value(s); if (!missing(v) && (kept === undefined || compareValues(v, kept, env) * sign > 0)) kept = v; }, result: () => kept ?? null };
  };
};
const total = (finish: (t: Total) => Value): Define => (arg, env) => {
  const value = compile(arg, env);
  return () => {
    const t = new Total();
    return { add: (s) => { const v = value(s); if (isNumber(v)) t.add(v); }, result: () => finish(t) };
  };
};
const first: Define = (arg, env) => {
  const value = compile(arg, env);
  return () => { let kept: { v: Value } | undefined; return { add: (s) => { kept ??= { v: value(s) }; }, result: () => kept?.v ?? null }; };
};
const last: Define = (arg, env) => {
  const value = compile(arg, env);
  return () => { let kept: Value; return { add: (s) => { kept = value(s); }, result: () => kept ?? null }; };
};
const addToSet: Define = (arg, env) => {
  const value = compile(arg, env);
  const memory = held;
  return () => { const set = new DistinctValues(env); return { add: (s) => { const v = value(s); if (v !== undefined && !set.has(v)) { memory.add(v); set.add(v); } }, result: () => set.values() }; };
};
const sizeOf = (n: Evaluate, s: Scope, name: string): number => {
  const size = toDouble(needNumber(n(s), name));
  if (!Number.isInteger(size) || size < 1) throw new MongoError(5787908, 'Location5787908', `'n' must be greater than 0, found ${size}`);
  return size;
};
/** $top/$bottom and the N forms: rows with their sort keys. */
const topOf = (name: string, fromEnd: boolean, several: boolean): Define => (arg, env) => {
  const fields = shape(name, arg, several ? ['n', 'sortBy', 'output'] : ['sortBy', 'output'], []);
  const [output, n] = [compile(fields['output'], env), compile(several ? fields['n'] : new Int32(1), env)];
  const order = sorter(fields['sortBy'] as Doc, env.text);
  const memory = held;
  return () => {
    const rows: { keys: Value[]; value: Value }[] = [];
    let count = 1;
    return {
      add: (s) => { count = sizeOf(n, s, name); const value = output(s) ?? null; memory.add(value); rows.push({ keys: order.keysOf(s.root as Doc), value }); },
      result: () => {
        const ordered = [...rows].sort((a, b) => order.compareKeys(a.keys, b.keys)).map((r) => r.value);
        const part = fromEnd ? ordered.slice(-count) : ordered.slice(0, count);
        return several ? part : (part[0] ?? null);
      },
    };
  };
};
const listN = (name: string, pick: (values: Value[], n: number, env: Env) => Value[], keep: (v: Value) => boolean): Define => (arg, env) => {
  const fields = shape(name, arg, ['input', 'n'], []);
  const [input, n] = [compile(fields['input'], env), compile(fields['n'], env)];
  const memory = held;
  return () => {
    const values: Value[] = [];
    let count = 1;
    return { add: (s) => { count = sizeOf(n, s, name); const v = input(s); if (keep(v)) { memory.add(v); values.push(v ?? null); } }, result: () => pick([...values], count, env) };
  };
};
const deviation = (sample: boolean): Define => gathered((values) => {
  const n = values.map(toDouble);
  if (n.length <= (sample ? 1 : 0)) return null;
  const mean = n.reduce((a, b) => a + b, 0) / n.length;
  return new Double(Math.sqrt(n.reduce((a, b) => a + (b - mean) ** 2, 0) / (n.length - (sample ? 1 : 0))));
}, isNumber);
const merged = (values: Value[]): Value => values.reduce<Doc>((out, v) => {
  if (!isDoc(v)) throw new MongoError(40400, 'Location40400', '$mergeObjects requires object inputs');
  return Object.assign(out, v) as Doc;
}, {});
const sortedBy = (sign: number) => (values: Value[], n: number, env: Env): Value[] => values.sort((a, b) => compareValues(a, b, env) * sign).slice(0, n);

export const ACCUMULATORS: Readonly<Record<string, Define>> = {
  $sum: total((t) => t.result()), $avg: total((t) => t.average()), $min: best(-1), $max: best(1), $first: first, $last: last,
  $count: (arg, env) => { if (!isDoc(arg) || Object.keys(arg).length > 0) throw new MongoError(14, 'TypeMismatch', '$count takes no arguments, i.e. $count:{}'); return total((t) => t.result())(new Int32(1), env); },
  $push: gathered((v) => v, (v) => v !== undefined), $addToSet: addToSet, $mergeObjects: gathered(merged, (v) => !missing(v)), $stdDevPop: deviation(false), $stdDevSamp: deviation(true),
  $top: topOf('$top', false, false), $bottom: topOf('$bottom', true, false), $topN: topOf('$topN', false, true), $bottomN: topOf('$bottomN', true, true),
  $firstN: listN('$firstN', (v, n) => v.slice(0, n), () => true), $lastN: listN('$lastN', (v, n) => v.slice(-n), () => true),
  $minN: listN('$minN', sortedBy(1), (v) => !missing(v)), $maxN: listN('$maxN', sortedBy(-1), (v) => !missing(v)),
};

export function accumulatorOf(field: string, spec: Value, env: Env): Make {
  if (!isDoc(spec)) throw new MongoError(40234, 'Location40234', `The field '${field}' must be an accumulator object`);
  const entries = Object.entries(spec);
  if (entries.length !== 1) throw new MongoError(40238, 'Location40238', `The field '${field}' must specify one accumulator`);
  const [name, arg] = entries[0]!;
  const made = Object.hasOwn(ACCUMULATORS, name) ? ACCUMULATORS[name] : undefined;
  if (!made) throw new MongoError(15952, 'Location15952', `unknown group operator '${name}'`);
  return made(arg, env);
}

/** Documents of groups that are not held lie in so many files, by the mark of their group. */
const PARTS = 64;
function partOf(mark: string, depth: number): number {
  let hash = 2_166_136_261 ^ (depth * 2_654_435_761);
  for (let i = 0; i < mark.length; i += 1) hash = Math.imul(hash ^ mark.charCodeAt(i), 16_777_619);
  return ((hash >>> 16) ^ hash) & (PARTS - 1);
}

/** Compiles a $group; the result turns documents into groups. What memory does not hold is grouped after what it holds, part by part. */
export function grouping(spec: Value, env: Env, variables: Variables, disk: Disk): (docs: Rows) => Generator<Row> {
  if (!isDoc(spec)) throw new MongoError(15947, 'Location15947', "a group's fields must be specified in an object");
  if (!('_id' in spec)) throw new MongoError(15955, 'Location15955', 'a group specification must include an _id');
  const id = compile(spec['_id'], env);
  held = new Held();
  const memory = held;
  const fields = Object.entries(spec).filter(([k]) => k !== '_id').map(([name, one]) => {
    if (name.includes('.')) throw new MongoError(40235, 'Location40235', `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$')) throw new MongoError(40236, 'Location40236', `The field name '${name}' cannot be an operator name`);
    return { name, make: accumulatorOf(name, one, env) };
  });
  const reps: Value[] = [];
  const markOf = (value: Value): string => (env.text === compareStrings ? valueMark(value) : valueMark(representative(reps, value, env)));
  /** Bytes of the groups that were answered already. */
  let answered = 0;
  const group = function* group(docs: Rows, depth: number): Generator<Row> {
    const groups = new Map<string, { id: Value; accumulators: Accumulator[] }>();
    const parts: (Spill | undefined)[] = [];
    try {
      for (const doc of docs) {
        if (doc === PAUSE) { yield PAUSE; continue; }
        const scope = { root: doc, vars: variables };
        const value = id(scope) ?? null;
        const mark = markOf(value);
        let found = groups.get(mark);
        if (!found && groups.size > 0 && memory.bytes > HELD_BYTES) {
          const part = partOf(mark, depth);
          (parts[part] ??= startedSpill(disk)).write(encode(doc, Infinity));
          continue;
        }
        if (!found) {
          memory.bytes += GROUP_BYTES;
          memory.add(value);
          found = { id: value, accumulators: fields.map((f) => f.make()) };
          groups.set(mark, found);
          if (answered + memory.bytes > MOST_BYTES && !disk.allowed) throw overMemory('$group');
        }
        for (const a of found.accumulators) a.add(scope);
      }
      const breather = new Breather();
      for (const g of groups.values()) {
        const out: Doc = { _id: g.id };
        for (let i = 0; i < fields.length; i += 1) out[fields[i]!.name] = g.accumulators[i]!.result() ?? null;
        if (breather.due()) yield PAUSE;
        yield out;
      }
      groups.clear();
      answered += memory.bytes;
      for (const part of parts) {
        memory.bytes = 0;
        if (part) yield* group(spilled(part), depth + 1);
      }
    } finally {
      for (const part of parts) part?.close();
    }
  };
  return (docs) => group(docs, 0);
}
function startedSpill(disk: Disk): Spill {
  const spill = new Spill(disk);
  spill.startRun();
  return spill;
}
function* spilled(part: Spill): Generator<Row> {
  const breather = new Breather();
  for (const bytes of part.run(0)) {
    if (breather.due()) yield PAUSE;
    yield decode(bytes);
  }
}
/** Under a collation, the first value met stands for all that compare equal. */
function representative(reps: Value[], value: Value, env: Env): Value {
  const found = reps.find((r) => same(r, value, env));
  if (found !== undefined) return found;
  reps.push(value);
  return value;
}

export function bucketing(spec: Value, env: Env, variables: Variables): (docs: Rows) => Generator<Row> {
  const fields = shape('$bucket', spec, ['groupBy', 'boundaries'], ['default', 'output']);
  if (!Array.isArray(fields['boundaries']) || fields['boundaries'].length < 2) throw new MongoError(40192, 'Location40192', "The $bucket 'boundaries' field must have at least 2 values");
  const bounds = (fields['boundaries'] as Value[]).map((b) => evaluate(b, variables));
  for (let i = 1; i < bounds.length; i += 1) if (compareValues(bounds[i - 1], bounds[i], env) >= 0) throw new MongoError(40194, 'Location40194', "The 'boundaries' option to $bucket must be sorted in ascending order");
  const by = compile(fields['groupBy'], env);
  const spare = 'default' in fields;
  held = new Held();
  const output = Object.entries((fields['output'] as Doc | undefined) ?? { count: { $sum: new Int32(1) } }).map(([name, one]) => ({ name, make: accumulatorOf(name, one, env) }));
  const place = (doc: Doc): Value => {
    const v = by({ root: doc, vars: variables });
    const i = bounds.findIndex((b, n) => n < bounds.length - 1 && v !== undefined && compareValues(v, b, env) >= 0 && compareValues(v, bounds[n + 1], env) < 0);
    if (i >= 0) return bounds[i];
    if (!spare) throw new MongoError(40066, 'Location40066', '$switch could not find a matching branch for an input, and no default was specified.');
    return evaluate(fields['default'], variables);
  };
  return (docs) => placed(docs, place, output, env, variables);
}
/** As many buckets as are asked for, of as equal size as equal values let them be; a bucket ends where the next begins. Source: mongodb/mongo r7.0, document_source_bucket_auto.cpp. */
export function autoBucketing(spec: Value, env: Env, variables: Variables): (docs: Rows) => Generator<Row> {
  const fields = shape('$bucketAuto', spec, ['groupBy', 'buckets'], ['output', 'granularity']);
  if ('granularity' in fields) throw new MongoError(303, 'NotImplemented', '$bucketAuto with granularity is not supported by this store');
  const wanted = isNumber(fields['buckets']) ? toDouble(fields['buckets']) : NaN;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 2 ** 31 - 1) throw new MongoError(40243, 'Location40243', `The $bucketAuto 'buckets' field must be a whole number greater than 0, but found: ${String(fields['buckets'])}`);
  const by = compile(fields['groupBy'], env);
  held = new Held();
  const output = Object.entries((fields['output'] as Doc | undefined) ?? { count: { $sum: new Int32(1) } }).map(([name, one]) => ({ name, make: accumulatorOf(name, one, env) }));
  return function* bucketed(docs) {
    const rows: Doc[] = [];
    yield* gather(docs, rows, '$bucketAuto');
    const keyed = rows.map((doc) => ({ doc, key: by({ root: doc, vars: variables }) ?? null })).sort((a, b) => compareValues(a.key, b.key, env));
    const size = Math.max(1, Math.round(keyed.length / wanted));
    let at = 0;
    for (let bucket = 1; at < keyed.length; bucket += 1) {
      const from = at;
      at = bucket >= wanted ? keyed.length : Math.min(keyed.length, from + size);
      while (at < keyed.length && same(keyed[at]!.key, keyed[at - 1]!.key, env)) at += 1;
      const accumulators = output.map((o) => o.make());
      for (const { doc } of keyed.slice(from, at)) for (const a of accumulators) a.add({ root: doc, vars: variables });
      yield { _id: { min: keyed[from]!.key, max: (keyed[at] ?? keyed[at - 1]!).key }, ...Object.fromEntries(output.map((o, i) => [o.name, accumulators[i]!.result() ?? null])) };
    }
  };
}
/** All documents of a stage that must see the last before it answers. */
export function* gather(docs: Rows, into: Doc[], stage: string): Generator<Row> {
  let bytes = 0;
  for (const doc of docs) {
    if (doc === PAUSE) { yield PAUSE; continue; }
    bytes += roughSize(doc);
    if (bytes > MOST_BYTES) throw overMemory(stage);
    into.push(doc);
  }
}
/** Buckets come out in their order. */
function* placed(docs: Rows, place: (doc: Doc) => Value, output: readonly { name: string; make: Make }[], env: Env, variables: Variables): Generator<Row> {
  const buckets = new Map<string, { id: Value; accumulators: Accumulator[] }>();
  for (const doc of docs) {
    if (doc === PAUSE) { yield PAUSE; continue; }
    const id = place(doc);
    const key = valueMark(id);
    const found = buckets.get(key) ?? { id, accumulators: output.map((o) => o.make()) };
    buckets.set(key, found);
    for (const a of found.accumulators) a.add({ root: doc, vars: variables });
  }
  const ordered = [...buckets.values()].sort((a, b) => compareValues(a.id, b.id, env));
  for (const b of ordered) yield { _id: b.id, ...Object.fromEntries(output.map((o, i) => [o.name, b.accumulators[i]!.result() ?? null])) };
}
