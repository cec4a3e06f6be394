/** Pipelines. The first $match, $sort and $limit go through the planner; the rest works on documents in memory. */
import { Int32 } from 'bson';
import type { CatalogReader } from './catalog.ts';
import { MongoError } from './errors.ts';
import { evaluate, missing, type Variables } from './expressions.ts';
import { find, type Examined } from './find.ts';
import { bucket, group } from './group.ts';
import { valueBytes } from './keys.ts';
import { compileFilter } from './match.ts';
import { expressionPath, split, valuesAt } from './paths.ts';
import { addFields, compileProjection } from './project.ts';
import { sortComparator } from './sort.ts';
import { isDoc, isNumber, toDouble, type Doc, type Value } from './values.ts';
import type { View } from './view.ts';
import { windowFields } from './window.ts';

export type Context = { readonly view: View; readonly catalog: CatalogReader; readonly db: string; readonly variables: Variables; readonly examined: Examined };
type Stage = (docs: Iterable<Doc>, arg: Value, context: Context) => Iterable<Doc>;

export function* runPipeline(context: Context, collectionName: string | undefined, pipeline: readonly Doc[], hint?: Value): Generator<Doc> {
  const stages = pipeline.map(stageOf);
  let rest = stages;
  let docs: Iterable<Doc> = [];
  if (collectionName !== undefined) {
    const { filter, sort, limit, used } = pushedDown(stages);
    rest = stages.slice(used);
    const collection = context.catalog.collection(`${context.db}.${collectionName}`);
    docs = docsOf(find(context.view, collection, { filter, sort, ...(limit ? { limit } : {}), hint, variables: context.variables }, context.examined));
  }
  for (const [name, arg] of rest) docs = STAGES[name]!(docs, arg, context);
  yield* docs;
}
function* docsOf(found: Iterable<{ doc: Doc }>): Generator<Doc> {
  for (const f of found) yield f.doc;
}

function stageOf(stage: Doc): [string, Value] {
  const entries = isDoc(stage) ? Object.entries(stage) : [];
  if (entries.length !== 1) throw new MongoError(40323, 'Location40323', 'A pipeline stage specification object must contain exactly one field.');
  const [name, arg] = entries[0]!;
  if (!(name in STAGES)) throw new MongoError(40324, 'Location40324', `Unrecognized pipeline stage name: '${name}'`);
  return [name, arg];
}

function pushedDown(stages: readonly [string, Value][]): { filter: Doc; sort: Doc | undefined; limit: number | undefined; used: number } {
  let used = 0;
  const filters: Doc[] = [];
  while (stages[used]?.[0] === '$match') filters.push(stages[used++]![1] as Doc);
  const sort = stages[used]?.[0] === '$sort' ? (stages[used++]![1] as Doc) : undefined;
  const limit = stages[used]?.[0] === '$limit' ? toDouble(stages[used++]![1]) : undefined;
  return { filter: filters.length === 0 ? {} : filters.length === 1 ? filters[0]! : { $and: filters }, sort, limit, used };
}

const withVars = (doc: Doc, context: Context): Variables => ({ ...context.variables, ROOT: doc, CURRENT: doc });
function* mapped(docs: Iterable<Doc>, work: (doc: Doc) => Doc): Generator<Doc> {
  for (const doc of docs) yield work(doc);
}

function* unwind(docs: Iterable<Doc>, arg: Value): Generator<Doc> {
  const spec = isDoc(arg) ? arg : { path: arg };
  const parts = split(String(spec['path']).replace(/^\$/, ''));
  const index = spec['includeArrayIndex'] as string | undefined;
  for (const doc of docs) {
    const value = expressionPath(doc, parts);
    if (!Array.isArray(value)) {
      if (!missing(value)) yield index ? setPath(doc, split(index), null) : doc;
      else if (spec['preserveNullAndEmptyArrays'] === true) yield index ? setPath(doc, split(index), null) : doc;
      continue;
    }
    if (value.length === 0 && spec['preserveNullAndEmptyArrays'] === true) yield removePath(doc, parts);
    for (const [i, item] of (value as Value[]).entries()) {
      const out = setPath(doc, parts, item);
      yield index ? setPath(out, split(index), new Int32(i)) : out;
    }
  }
}
export function setPath(doc: Doc, parts: readonly string[], value: Value): Doc {
  const [first = '', ...rest] = parts;
  return { ...doc, [first]: rest.length === 0 ? value : setPath(isDoc(doc[first]) ? doc[first] : {}, rest, value) };
}
function removePath(doc: Doc, parts: readonly string[]): Doc {
  const [first = '', ...rest] = parts;
  const { [first]: inner, ...others } = doc;
  return rest.length === 0 ? others : { ...doc, [first]: removePath(isDoc(inner) ? inner : {}, rest) };
}

function* lookup(docs: Iterable<Doc>, arg: Value, context: Context): Generator<Doc> {
  const { from, localField, foreignField, as, pipeline, let: own } = arg as { from: string; localField?: string; foreignField?: string; as: string; pipeline?: Doc[]; let?: Doc };
  const joined = localField !== undefined && foreignField !== undefined;
  // Documents that ask for the same value are answered once.
  const kept = new Map<string, Doc[]>();
  for (const doc of docs) {
    const values = joined ? valuesAt(doc, split(localField)).flatMap((v) => (Array.isArray(v) ? (v as Value[]) : [v ?? null])) : [];
    const variables = own ? { ...context.variables, ...Object.fromEntries(Object.entries(own).map(([k, e]) => [k, evaluate(e, withVars(doc, context)) ?? null])) } : context.variables;
    const key = own ? undefined : valueBytes(values).toString('latin1');
    let rows = key === undefined ? undefined : kept.get(key);
    if (!rows) {
      const match: Doc[] = joined ? [{ $match: { [foreignField]: values.length === 1 ? { $eq: values[0] } : { $in: values } } }] : [];
      rows = [...runPipeline({ ...context, variables }, from, [...match, ...(pipeline ?? [])])];
      if (key !== undefined) kept.set(key, rows);
    }
    yield setPath(doc, split(as), rows);
  }
}

function* unionWith(docs: Iterable<Doc>, arg: Value, context: Context): Generator<Doc> {
  yield* docs;
  const spec = isDoc(arg) ? arg : { coll: arg };
  yield* runPipeline(context, String(spec['coll']), (spec['pipeline'] as Doc[] | undefined) ?? []);
}
function facet(docs: Iterable<Doc>, arg: Value, context: Context): Doc[] {
  const all = [...docs];
  return [Object.fromEntries(Object.entries(arg as Doc).map(([name, stages]) => {
    let rows: Iterable<Doc> = all;
    for (const [stage, a] of (stages as Doc[]).map(stageOf)) rows = STAGES[stage]!(rows, a, context);
    return [name, [...rows]];
  }))];
}
function count(docs: Iterable<Doc>, name: Value): Doc[] {
  let n = 0;
  for (const _ of docs) n += 1;
  return n === 0 ? [] : [{ [String(name)]: new Int32(n) }];
}
function* limited(docs: Iterable<Doc>, n: number): Generator<Doc> {
  if (n <= 0) throw new MongoError(15958, 'Location15958', 'the limit must be positive');
  let left = n;
  for (const doc of docs) {
    yield doc;
    left -= 1;
    if (left === 0) return;
  }
}
function* skipped(docs: Iterable<Doc>, n: number): Generator<Doc> {
  let left = n;
  for (const doc of docs) if (left > 0) left -= 1; else yield doc;
}
const sorted: Stage = (docs, arg) => [...docs].sort(sortComparator(arg as Doc));
const project: Stage = (docs, arg, context) => {
  const projection = compileProjection(arg as Doc);
  if (!projection) throw new MongoError(51272, 'Location51272', 'Invalid $project :: caused by :: projection specification must have at least one field');
  return mapped(docs, (d) => projection(d, context.variables));
};
const set: Stage = (docs, arg, context) => mapped(docs, (d) => addFields(d, arg as Doc, context.variables));
const replaceRoot = (expression: (arg: Value) => Value): Stage => (docs, arg, context) => mapped(docs, (d) => {
  const made = evaluate(expression(arg), withVars(d, context));
  if (!isDoc(made)) throw new MongoError(40228, 'Location40228', "'newRoot' expression must evaluate to an object");
  return made;
});

export const STAGES: Readonly<Record<string, Stage>> = {
  $match: (docs, arg, context) => { const test = compileFilter(arg as Doc, context.variables); return filtered(docs, test); },
  $sort: sorted, $limit: (docs, n) => limited(docs, toDouble(n)), $skip: (docs, n) => skipped(docs, toDouble(n)),
  $project: project, $addFields: set, $set: set,
  $unset: (docs, arg, context) => project(docs, Object.fromEntries((Array.isArray(arg) ? (arg as string[]) : [String(arg)]).map((f) => [f, new Int32(0)])), context),
  $group: (docs, arg, context) => group(docs, arg as Doc, context.variables), $bucket: (docs, arg, context) => bucket(docs, arg as Doc, context.variables),
  $unwind: unwind, $lookup: lookup, $unionWith: unionWith, $facet: facet, $count: count,
  $replaceRoot: replaceRoot((a) => (a as Doc)['newRoot']), $replaceWith: replaceRoot((a) => a),
  $sortByCount: (docs, arg, context) => sorted(group(docs, { _id: arg, count: { $sum: new Int32(1) } }, context.variables), { count: new Int32(-1) }, context),
  $setWindowFields: (docs, arg, context) => windowFields([...docs], arg as Doc, context.variables),
  $sample: (docs, arg) => { const rows = [...docs]; const n = isNumber((arg as Doc)['size']) ? toDouble((arg as Doc)['size']) : 0; return rows.map((d) => ({ d, r: Math.random() })).sort((a, b) => a.r - b.r).slice(0, n).map((x) => x.d); },
  $documents: (_docs, arg, context) => evaluate(arg, context.variables) as Doc[],
};
function* filtered(docs: Iterable<Doc>, test: (doc: Doc) => boolean): Generator<Doc> {
  for (const doc of docs) if (test(doc)) yield doc;
}
