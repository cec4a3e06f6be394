/** $setWindowFields: partitions, an order, and per row a window of documents or of a range. */
import { Int32 } from 'bson';
import { MongoError } from './errors.ts';
import { evaluate, type Variables } from './expressions.ts';
import { ACCUMULATORS } from './group.ts';
import { valueBytes } from './keys.ts';
import { split, valuesAt } from './paths.ts';
import { sortComparator } from './sort.ts';
import { addFields } from './project.ts';
import { isDoc, isNumber, toDouble, type Doc, type Value } from './values.ts';

const UNIT_MS: Readonly<Record<string, number>> = { millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

export function windowFields(docs: Doc[], spec: Doc, variables: Variables): Doc[] {
  const groups = new Map<string, Doc[]>();
  for (const doc of docs) {
    const key = 'partitionBy' in spec ? valueBytes(evaluate(spec['partitionBy'], { ...variables, ROOT: doc, CURRENT: doc }) ?? null).toString('latin1') : '';
    const rows = groups.get(key);
    if (rows) rows.push(doc);
    else groups.set(key, [doc]);
  }
  const sort = spec['sortBy'] as Doc | undefined;
  return [...groups.values()].flatMap((rows) => {
    const ordered = sort ? rows.sort(sortComparator(sort)) : rows;
    return ordered.map((doc, i) => Object.entries(spec['output'] as Doc).reduce((out, [path, one]) => addFields(out, { [path]: { $literal: windowed(ordered, i, one as Doc, sort, variables) } }, variables), doc));
  });
}

function windowed(rows: Doc[], at: number, spec: Doc, sort: Doc | undefined, variables: Variables): Value {
  const [name = '', arg] = Object.entries(spec).find(([k]) => k.startsWith('$')) ?? [];
  if (name === '$documentNumber') return new Int32(at + 1);
  if (name === '$rank' || name === '$denseRank') return ranked(rows, at, sort ?? {}, name === '$denseRank');
  if (name === '$shift') return shifted(rows, at, arg as Doc, variables);
  const make = ACCUMULATORS[name];
  if (!make) throw new MongoError(9, 'FailedToParse', `Unrecognized window function, ${name}`);
  const accumulator = make(arg);
  for (const doc of inWindow(rows, at, spec['window'] as Doc | undefined, sort)) accumulator.add(doc, { ...variables, ROOT: doc, CURRENT: doc });
  return accumulator.result();
}

function shifted(rows: Doc[], at: number, arg: Doc, variables: Variables): Value {
  const doc = rows[at + toDouble(arg['by'])];
  return doc ? (evaluate(arg['output'], { ...variables, ROOT: doc, CURRENT: doc }) ?? null) : (arg['default'] ?? null);
}
function ranked(rows: Doc[], at: number, sort: Doc, dense: boolean): Value {
  const by = sortComparator(sort);
  let rank = 1;
  for (let i = 1; i <= at; i += 1) if (by(rows[i - 1]!, rows[i]!) !== 0) rank = dense ? rank + 1 : i + 1;
  return new Int32(rank);
}

function inWindow(rows: Doc[], at: number, window: Doc | undefined, sort: Doc | undefined): Doc[] {
  if (!window) return rows;
  if (Array.isArray(window['documents'])) {
    const [from, to] = (window['documents'] as Value[]).map((b, i) => (b === 'unbounded' ? (i === 0 ? 0 : rows.length - 1) : b === 'current' ? at : at + toDouble(b))) as [number, number];
    return rows.slice(Math.max(0, from), Math.max(0, to + 1));
  }
  const [field = ''] = Object.keys(sort ?? {});
  const unit = typeof window['unit'] === 'string' ? UNIT_MS[window['unit']] : 1;
  if (unit === undefined) throw new MongoError(5397902, 'Location5397902', `window unit not supported by this store: ${String(window['unit'])}`);
  const value = (doc: Doc): number => { const v = valuesAt(doc, split(field))[0]; return v instanceof Date ? v.getTime() : isNumber(v) ? toDouble(v) : NaN; };
  const here = value(rows[at]!);
  const [low, high] = (window['range'] as Value[]).map((b, i) => (b === 'unbounded' ? (i === 0 ? -Infinity : Infinity) : b === 'current' ? here : here + toDouble(b) * unit)) as [number, number];
  return rows.filter((doc) => isDoc(doc) && value(doc) >= low && value(doc) <= high);
}
