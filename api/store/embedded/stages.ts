/** The stages of a pipeline. Each is compiled first; what is wrong with it is refused before a document is read. */
import { Int32, Long } from 'bson';
import { compileStages, namedStages, type Context, type Work } from './aggregate.ts';
import { MongoError } from './errors.ts';
import { checkedPath, compile, shape, type Env } from './expression-core.ts';
import { evaluate, missing } from './expressions.ts';
import { autoBucketing, bucketing, gather, grouping, overMemory, roughSize } from './group.ts';
import { graphLookup, lookup, unionWith } from './joins.ts';
import { compileFilter } from './match.ts';
import { addingFields, compileProjection } from './project.ts';
import { Breather, PAUSE, type Row } from './rows.ts';
import { sorter, sortKeys } from './sort.ts';
import { sortedRows } from './spill.ts';
import { decode, encode, isDoc, isNumber, toDouble, typeName, type Doc, type Value } from './values.ts';
import { windowing } from './window.ts';

export type Stage = (arg: Value, env: Env, context: Context) => Work;

/** One document in, one or none out. */
const each = (work: (doc: Doc) => Doc | undefined): Work => function* mapped(docs) {
  for (const doc of docs) {
    if (doc === PAUSE) { yield PAUSE; continue; }
    const made = work(doc);
    if (made !== undefined) yield made;
  }
};

const match: Stage = (arg, env, context) => {
  if (!isDoc(arg)) throw new MongoError(15959, 'Location15959', 'the match filter must be an expression in an object');
  const test = compileFilter(arg, context.variables, env.text);
  return each((doc) => (test(doc) ? doc : undefined));
};
const sort: Stage = (arg, env, context) => {
  if (!isDoc(arg)) throw new MongoError(15973, 'Location15973', 'the $sort key specification must be an object');
  if (sortKeys(arg).length === 0) throw new MongoError(15976, 'Location15976', '$sort stage must have at least one sort key');
  const order = sorter(arg, env.text);
  return (docs) => sortedRows(docs, { keysOf: order.keysOf, compare: order.compareKeys, keep: (doc) => doc, size: roughSize, toBytes: (doc) => encode(doc, Infinity), fromBytes: decode, over: () => overMemory('$sort') }, context.view.disk);
};
function count(arg: Value, least: number, code: number, message: string): number {
  if (!isNumber(arg) || !Number.isInteger(toDouble(arg)) || toDouble(arg) < 0) throw new MongoError(code === 15958 ? 5107201 : 5107200, `Location${code === 15958 ? 5107201 : 5107200}`, `invalid argument to ${message}: Expected a non-negative number in: ${String(arg)}`);
  if (toDouble(arg) < least) throw new MongoError(code, `Location${code}`, 'the limit must be positive');
  return toDouble(arg);
}
const limit: Stage = (arg) => {
  const most = count(arg, 1, 15958, '$limit stage');
  return function* limited(docs) {
    let left = most;
    for (const doc of docs) {
      yield doc;
      if (doc === PAUSE) continue;
      left -= 1;
      if (left === 0) return;
    }
  };
};
const skip: Stage = (arg) => {
  const most = count(arg, 0, 15956, '$skip stage');
  return function* skipped(docs) {
    let left = most;
    for (const doc of docs) if (doc !== PAUSE && left > 0) left -= 1; else yield doc;
  };
};
const project: Stage = (arg, env, context) => {
  if (!isDoc(arg)) throw new MongoError(15969, 'Location15969', '$project specification must be an object');
  const projection = compileProjection(arg, { kind: 'aggregate', env });
  if (!projection) throw new MongoError(51272, 'Location51272', 'Invalid $project :: caused by :: projection specification must have at least one field');
  return each((doc) => projection(doc, context.variables));
};
const set: Stage = (arg, env, context) => {
  const add = addingFields(arg, env);
  return each((doc) => add(doc, context.variables));
};
const unset: Stage = (arg, env, context) => {
  const names = Array.isArray(arg) ? (arg as Value[]) : [arg];
  if (names.length === 0) throw new MongoError(31119, 'Location31119', '$unset specification must be a string or an array with at least one field');
  if (names.some((n) => typeof n !== 'string')) throw new MongoError(Array.isArray(arg) ? 31120 : 31002, `Location${Array.isArray(arg) ? 31120 : 31002}`, '$unset specification must be a string or an array containing only string values');
  return project(Object.fromEntries((names as string[]).map((f) => [f, false])), env, context);
};
const replaceRoot = (expression: (arg: Value) => Value): Stage => (arg, env, context) => {
  const root = compile(expression(arg), env);
  return each((doc) => {
    const made = root({ root: doc, vars: context.variables });
    if (!isDoc(made)) throw new MongoError(40228, 'Location40228', `'newRoot' expression must evaluate to an object, but resulting value was: ${String(made)}. Type of resulting value: '${typeName(made)}'.`);
    return made;
  });
};
const newRoot = (arg: Value): Value => {
  if (!isDoc(arg)) throw new MongoError(40229, 'Location40229', 'expected an object as specification for $replaceRoot stage');
  if (!('newRoot' in arg)) throw new MongoError(40231, 'Location40231', 'no newRoot specified for the $replaceRoot stage');
  return arg['newRoot'];
};

/** Sets a value at a path; documents on the way are made. */
export function setPath(doc: Doc, parts: readonly string[], value: Value): Doc {
  const [first = '', ...rest] = parts;
  return { ...doc, [first]: rest.length === 0 ? value : setPath(isDoc(doc[first]) ? doc[first] : {}, rest, value) };
}
function removePath(doc: Doc, parts: readonly string[]): Doc {
  const [first = '', ...rest] = parts;
  const { [first]: inner, ...others } = doc;
  return rest.length === 0 ? others : { ...doc, [first]: removePath(isDoc(inner) ? inner : {}, rest) };
}
const unwind: Stage = (arg) => {
  const spec = isDoc(arg) ? shape('$unwind', arg, ['path'], ['includeArrayIndex', 'preserveNullAndEmptyArrays']) : { path: arg };
  const path = spec['path'];
  if (typeof path !== 'string') throw new MongoError(28808, 'Location28808', `expected a string as the path for $unwind stage, got ${typeName(path)}`);
  if (!path.startsWith('$')) throw new MongoError(28818, 'Location28818', `path option to $unwind stage should be prefixed with a '$': ${path}`);
  const parts = checkedPath(path.slice(1));
  const indexName = (spec as Doc)['includeArrayIndex'];
  const index = typeof indexName === 'string' ? checkedPath(indexName) : undefined;
  const preserve = (spec as Doc)['preserveNullAndEmptyArrays'] === true;
  const withIndex = (doc: Doc, at: Value): Doc => (index ? setPath(doc, index, at) : doc);
  return function* unwound(docs) {
    const breather = new Breather();
    for (const doc of docs) {
      if (doc === PAUSE) { yield PAUSE; continue; }
      // Through documents only: an array on the way hides what is behind it.
      const value = parts.reduce<Value>((at, p) => (isDoc(at) && Object.hasOwn(at, p) ? at[p] : undefined), doc);
      if (!Array.isArray(value)) {
        if (preserve || !missing(value)) yield withIndex(doc, null);
        continue;
      }
      if (value.length === 0 && preserve) yield withIndex(removePath(doc, parts), null);
      for (const [i, item] of (value as Value[]).entries()) {
        if (breather.due()) yield PAUSE;
        yield withIndex(setPath(doc, parts, item), Long.fromNumber(i));
      }
    }
  };
};

const NOT_IN_FACET = new Set(['$facet', '$out', '$merge', '$documents', '$indexStats', '$collStats']);
const facet: Stage = (arg, _env, context) => {
  if (!isDoc(arg) || Object.keys(arg).length === 0) throw new MongoError(40169, 'Location40169', 'the $facet specification must be a non-empty object');
  const parts = Object.entries(arg).map(([name, stages]) => {
    if (!Array.isArray(stages)) throw new MongoError(40170, 'Location40170', `arguments to $facet must be arrays, ${name} is type ${typeName(stages)}`);
    const list = namedStages(stages as Doc[]);
    const wrong = list.find(([n]) => NOT_IN_FACET.has(n));
    if (wrong) throw new MongoError(40600, 'Location40600', `${wrong[0]} is not allowed to be used within a $facet stage`);
    return { name, works: compileStages(list, context) };
  });
  return function* facets(docs) {
    const all: Doc[] = [];
    yield* gather(docs, all, '$facet');
    const out: Doc = {};
    for (const { name, works } of parts) {
      let rows: Iterable<Row> = all;
      for (const work of works) rows = work(rows);
      const list: Doc[] = [];
      yield* gather(rows, list, '$facet');
      out[name] = list;
    }
    yield out;
  };
};
const countStage: Stage = (arg) => {
  if (typeof arg !== 'string' || arg === '') throw new MongoError(40156, 'Location40156', 'the count field must be a non-empty string');
  if (arg.startsWith('$')) throw new MongoError(40158, 'Location40158', 'the count field cannot be a $-prefixed path');
  if (arg.includes('.')) throw new MongoError(40160, 'Location40160', "the count field cannot contain '.'");
  return function* counted(docs) {
    let n = 0;
    for (const doc of docs) if (doc === PAUSE) yield PAUSE; else n += 1;
    if (n > 0) yield { [arg]: new Int32(n) };
  };
};
const sample: Stage = (arg) => {
  const size = isDoc(arg) && isNumber(arg['size']) ? toDouble(arg['size']) : 0;
  if (size < 1) throw new MongoError(28747, 'Location28747', 'size argument to $sample must be a positive integer');
  return function* sampled(docs) {
    // A reservoir: each document is as likely as another, and no more than `size` are held.
    const kept: Doc[] = [];
    let seen = 0;
    for (const doc of docs) {
      if (doc === PAUSE) { yield PAUSE; continue; }
      seen += 1;
      if (kept.length < size) kept.push(doc);
      else { const at = Math.floor(Math.random() * seen); if (at < size) kept[at] = doc; }
    }
    yield* kept.map((doc) => ({ doc, r: Math.random() })).sort((a, b) => a.r - b.r).map((x) => x.doc);
  };
};
const documents: Stage = (arg, env, context) => {
  const list = evaluate(arg, context.variables, env.text);
  if (!Array.isArray(list) || !(list as Value[]).every(isDoc)) throw new MongoError(5858203, 'Location5858203', 'an array is expected in $documents');
  return function* made() { yield* list as Doc[]; };
};
const sortByCount: Stage = (arg, env, context) => {
  const [grouped, sorted] = [grouping({ _id: arg, count: { $sum: new Int32(1) } }, env, context.variables, context.view.disk), sort({ count: new Int32(-1) }, env, context)];
  return (docs) => sorted(grouped(docs));
};
const redact: Stage = (arg, env, context) => {
  const decide = compile(arg, env);
  const visit = (value: Value, doc: boolean): Value => {
    if (Array.isArray(value)) return (value as Value[]).map((v) => visit(v, true)).filter((v) => v !== undefined);
    if (!isDoc(value) || !doc) return value;
    const said = decide({ root: value, vars: context.variables });
    if (said === 'PRUNE') return undefined;
    if (said === 'KEEP') return value;
    if (said !== 'DESCEND') throw new MongoError(17053, 'Location17053', '$redact must resolve to either $$DESCEND, $$KEEP, or $$PRUNE');
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, visit(v, true)]).filter(([, v]) => v !== undefined));
  };
  return each((doc) => visit(doc, true) as Doc | undefined);
};
const withFields = (work: (arg: Value, env: Env, variables: Context['variables']) => Work): Stage => (arg, env, context) => work(arg, env, context.variables);


export const STAGES: Readonly<Record<string, Stage>> = {
  $match: match, $sort: sort, $limit: limit, $skip: skip, $project: project, $addFields: set, $set: set, $unset: unset,
  $group: (arg, env, context) => grouping(arg, env, context.variables, context.view.disk), $bucket: withFields(bucketing), $bucketAuto: withFields(autoBucketing), $setWindowFields: withFields(windowing),
  $unwind: unwind, $lookup: lookup, $graphLookup: graphLookup, $unionWith: unionWith, $facet: facet, $count: countStage, $sortByCount: sortByCount, $sample: sample, $documents: documents, $redact: redact,
  $replaceRoot: replaceRoot(newRoot), $replaceWith: replaceRoot((a) => a),
};
