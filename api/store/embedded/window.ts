/** $setWindowFields: partitions, an order, and per row a window of documents or of a range. */
import { Int32 } from 'bson';
import { failedToParse, MongoError } from './errors.ts';
import { compareValues, compile, missing, shape, type Env, type Variables } from './expression-core.ts';
import { ACCUMULATORS, overMemory, roughSize, type Accumulator } from './group.ts';
import { valueMark } from './keys.ts';
import { split, valuesAt } from './paths.ts';
import { addingFields } from './project.ts';
import { PAUSE, Breather, type Row, type Rows } from './rows.ts';
import { sortComparator, sortDocs } from './sort.ts';
import { MOST_BYTES } from './spill.ts';
import { isDoc, isNumber, toDouble, type Doc, type Value } from './values.ts';

const UNIT_MS: Readonly<Record<string, number>> = { millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
/** A column of one partition, its rows in order. */
type Column = (rows: readonly Doc[]) => Value[];

export function windowing(arg: Value, env: Env, variables: Variables): (docs: Rows) => Generator<Row> {
  const spec = shape('$setWindowFields', arg, ['output'], ['partitionBy', 'sortBy']);
  const partition = 'partitionBy' in spec ? compile(spec['partitionBy'], env) : undefined;
  const sort = spec['sortBy'] as Doc | undefined;
  const columns = Object.entries(spec['output'] as Doc).map(([path, one]) => ({ path, column: columnOf(one, sort, env, variables) }));
  const set = addingFields(Object.fromEntries(columns.map((c, i) => [c.path, `$$column${i}`])), { ...env, names: new Set([...env.names, ...columns.map((_c, i) => `column${i}`)]) });
  return function* windows(docs) {
    const groups = new Map<string, { key: Value; rows: Doc[] }>();
    let bytes = 0;
    for (const doc of docs) {
      if (doc === PAUSE) { yield PAUSE; continue; }
      bytes += roughSize(doc);
      if (bytes > MOST_BYTES) throw overMemory('$setWindowFields');
      const key = partition ? partition({ root: doc, vars: variables }) ?? null : null;
      if (Array.isArray(key)) throw new MongoError(14, 'TypeMismatch', 'An expression used to partition cannot evaluate to value of type array');
      const found = groups.get(valueMark(key));
      if (found) found.rows.push(doc);
      else groups.set(valueMark(key), { key, rows: [doc] });
    }
    const breather = new Breather();
    for (const { rows } of [...groups.values()].sort((a, b) => compareValues(a.key, b.key, env))) {
      const ordered = sort ? sortDocs(rows, (r) => r, sort, env.text) : rows;
      const made = columns.map((c) => c.column(ordered));
      for (const [i, doc] of ordered.entries()) {
        if (breather.due()) yield PAUSE;
        yield set(doc, { ...variables, ...Object.fromEntries(made.map((c, n) => [`column${n}`, c[i]])) });
      }
    }
  };
}

function columnOf(one: Value, sort: Doc | undefined, env: Env, variables: Variables): Column {
  if (!isDoc(one)) throw failedToParse("The field 'output' of $setWindowFields must hold objects");
  const [name = '', arg] = Object.entries(one).find(([k]) => k.startsWith('$')) ?? [];
  const order = sort ? sortComparator(sort, env.text) : undefined;
  if (['$rank', '$denseRank', '$documentNumber', '$shift'].includes(name) && !order) throw new MongoError(5371602, 'Location5371602', `${name} must be specified with a top level sortBy expression`);
  if (name === '$documentNumber') return (rows) => rows.map((_r, i) => new Int32(i + 1));
  if (name === '$rank' || name === '$denseRank') return (rows) => ranks(rows, order!, name === '$denseRank');
  if (name === '$shift') return shifted(arg, env, variables);
  if (name === '$locf') return carried(arg, env, variables);
  const define = Object.hasOwn(ACCUMULATORS, name) ? ACCUMULATORS[name] : undefined;
  if (!define) throw failedToParse(`Unrecognized window function, ${name}`);
  const make = define(arg, env);
  return overWindows(() => make(), one['window'] as Doc | undefined, sort, variables);
}
function ranks(rows: readonly Doc[], by: (a: Doc, b: Doc) => number, dense: boolean): Value[] {
  let rank = 0;
  return rows.map((row, i) => {
    if (i === 0 || by(rows[i - 1]!, row) !== 0) rank = dense ? rank + 1 : i + 1;
    return new Int32(rank);
  });
}
function shifted(arg: Value, env: Env, variables: Variables): Column {
  const fields = shape('$shift', arg, ['output', 'by'], ['default']);
  const [output, by] = [compile(fields['output'], env), toDouble(fields['by'])];
  const otherwise = 'default' in fields ? compile(fields['default'], env)({ root: {}, vars: variables }) : null;
  return (rows) => rows.map((_r, i) => (rows[i + by] ? (output({ root: rows[i + by]!, vars: variables }) ?? null) : otherwise));
}
function carried(arg: Value, env: Env, variables: Variables): Column {
  const value = compile(arg, env);
  return (rows) => { let kept: Value = null; return rows.map((r) => { const v = value({ root: r, vars: variables }); if (!missing(v)) kept = v; return kept; }); };
}

function overWindows(make: () => Accumulator, window: Doc | undefined, sort: Doc | undefined, variables: Variables): Column {
  const scope = (root: Doc): { root: Doc; vars: Variables } => ({ root, vars: variables });
  if (!window || Object.keys(window).length === 0) {
    return (rows) => { const a = make(); for (const r of rows) a.add(scope(r)); const v = a.result(); return rows.map(() => v); };
  }
  const range = rangeOf(window, sort);
  return (rows) => {
    const spans = range(rows);
    let [running, reached] = [make(), 0];
    return spans.map(([from, to]) => {
      // A window that only grows at its end is carried on from row to row.
      if (from === 0) {
        if (to < reached) [running, reached] = [make(), 0];
        for (; reached < to; reached += 1) running.add(scope(rows[reached]!));
        return running.result();
      }
      const a = make();
      for (let i = from; i < to; i += 1) a.add(scope(rows[i]!));
      return a.result();
    });
  };
}

/** For each row the window as [from, to) of row numbers. */
function rangeOf(window: Doc, sort: Doc | undefined): (rows: readonly Doc[]) => [number, number][] {
  if (Array.isArray(window['documents'])) {
    if (!sort && (window['documents'] as Value[]).some((b) => b !== 'unbounded')) throw new MongoError(5339901, 'Location5339901', 'Document-based bounds require a sortBy');
    const [low, high] = window['documents'] as [Value, Value];
    const place = (b: Value, at: number, end: number): number => (b === 'unbounded' ? end : b === 'current' ? at : at + toDouble(b));
    return (rows) => rows.map((_r, i) => [Math.min(rows.length, Math.max(0, place(low, i, 0))), Math.max(0, Math.min(rows.length, place(high, i, rows.length - 1) + 1))]);
  }
  if (!Array.isArray(window['range'])) throw failedToParse("'window' field can only contain 'documents' or 'range'");
  const keys = Object.entries(sort ?? {});
  if (keys.length !== 1 || toDouble(keys[0]![1]) !== 1) throw new MongoError(5339902, 'Location5339902', 'Range-based bounds require a single, ascending sortBy');
  const unit = typeof window['unit'] === 'string' ? UNIT_MS[window['unit']] : 1;
  if (unit === undefined) throw failedToParse(`the window unit ${String(window['unit'])} is not supported by this store`);
  const parts = split(keys[0]![0]);
  const [low, high] = window['range'] as [Value, Value];
  const value = (doc: Doc): number => { const v = valuesAt(doc, parts)[0]; return v instanceof Date ? v.getTime() : isNumber(v) ? toDouble(v) : NaN; };
  const bound = (b: Value, here: number, end: number): number => (b === 'unbounded' ? end : b === 'current' ? here : here + toDouble(b) * unit);
  return (rows) => {
    const at = rows.map(value);
    if (at.some(Number.isNaN)) throw new MongoError(5429413, 'Location5429413', 'Invalid range: Expected the sortBy field to be a number or a date in every document');
    let [from, to] = [0, 0];
    return at.map((here) => {
      const [least, most] = [bound(low, here, -Infinity), bound(high, here, Infinity)];
      while (from < at.length && at[from]! < least) from += 1;
      to = Math.max(to, from);
      while (to < at.length && at[to]! <= most) to += 1;
      return [from, to];
    });
  };
}
