/** Pipelines. The first $match, $sort, $skip and $limit go through the planner; the rest works on documents as they come. */
import { Int32 } from 'bson';
import type { CatalogReader } from './catalog.ts';
import { MongoError } from './errors.ts';
import { resolved } from './derived.ts';
import { envOf, type Variables } from './expressions.ts';
import type { Env } from './expression-core.ts';
import { counted, search, type Examined } from './find.ts';
import { neededFields } from './needed.ts';
import { PAUSE, plain, type Row, type Rows } from './rows.ts';
import { sortKeys } from './sort.ts';
import { STAGES } from './stages.ts';
import { compareStrings, isDoc, isNumber, toDouble, type CompareText, type Doc, type Value } from './values.ts';
import type { View } from './view.ts';

export type Context = { readonly view: View; readonly catalog: CatalogReader; readonly db: string; readonly variables: Variables; readonly examined: Examined; readonly text?: CompareText | undefined };
/** A stage, compiled: documents in, documents out. */
export type Work = (docs: Rows) => Iterable<Row>;
export type StageName = readonly [string, Value];

const envIn = (context: Context): Env => envOf(context.variables, context.text ?? compareStrings);

export function compileStages(stages: readonly StageName[], context: Context): Work[] {
  return stages.map(([name, arg]) => STAGES[name]!(arg, envIn(context), context));
}

/** Stages by name; unknown ones are refused here, before anything runs. */
export function namedStages(pipeline: readonly Doc[]): StageName[] {
  return pipeline.map((stage, i) => {
    const entries = isDoc(stage) ? Object.entries(stage) : [];
    if (entries.length !== 1) throw new MongoError(40323, 'Location40323', 'A pipeline stage specification object must contain exactly one field.');
    const [name, arg] = entries[0]!;
    if (name === '$out' || name === '$merge') throw new MongoError(40601, 'Location40601', `${name} can only be the final stage in the pipeline`);
    if (name === '$changeStream') throw new MongoError(40602, 'Location40602', '$changeStream is only valid as the first stage in a pipeline');
    if (!Object.hasOwn(STAGES, name)) throw new MongoError(40324, 'Location40324', `Unrecognized pipeline stage name: '${name}'`);
    if (name === '$documents' && i > 0) throw new MongoError(40602, 'Location40602', '$documents is only valid as the first stage in a pipeline');
    return [name, arg] as const;
  });
}

/** Runs a pipeline over a collection (none: the first stage makes the documents). */
export function* pipelineRows(context: Context, collectionName: string | undefined, pipeline: readonly Doc[], hint?: Value): Generator<Row> {
  const own = namedStages(pipeline);
  if (collectionName === undefined || own[0]?.[0] === '$documents') return yield* chained([], compileStages(own, context));
  const target = resolved(context.catalog, context.db, collectionName);
  const stages = target.stages.length === 0 ? own : [...namedStages(target.stages), ...own];
  const collection = context.catalog.collection(`${context.db}.${target.name}`);
  const pushed = pushedDown(stages);
  const rest = stages.slice(pushed.used);
  const works = compileStages(rest, context);
  const query = { filter: pushed.filter, sort: pushed.sort, skip: pushed.skip, ...(pushed.limit === undefined ? {} : { limit: pushed.limit }), hint, variables: context.variables, text: context.text };
  const single = pushed.sort ? undefined : countedBy(rest[0]);
  if (single) {
    const n = yield* counted(context.view, collection, query, context.examined);
    return yield* chained(n > 0 ? [single(n)] : [], works.slice(1));
  }
  yield* chained(docsOf(search(context.view, collection, { ...query, fields: neededFields(rest) }, context.examined)), works);
}
/** The same for callers that cannot wait. */
export const runPipeline = (context: Context, collectionName: string | undefined, pipeline: readonly Doc[], hint?: Value): Generator<Doc> => plain<Doc>(pipelineRows(context, collectionName, pipeline, hint));

export function* chained(docs: Rows, works: readonly Work[]): Generator<Row> {
  let rows: Iterable<Row> = docs;
  for (const work of works) rows = work(rows);
  yield* rows;
}
function* docsOf(found: Rows<{ readonly doc: Doc }>): Generator<Row> {
  for (const f of found) yield f === PAUSE ? PAUSE : f.doc;
}

/** `$count`, and the `$group` that drivers send for countDocuments: answered by counting, without the documents. */
function countedBy(stage: StageName | undefined): ((n: number) => Doc) | undefined {
  if (!stage) return undefined;
  const [name, arg] = stage;
  if (name === '$count') return (n) => ({ [String(arg)]: new Int32(n) });
  if (name !== '$group' || !isDoc(arg) || Object.keys(arg).length !== 2) return undefined;
  const [id, field, sum] = [arg['_id'], Object.keys(arg).find((k) => k !== '_id')!, Object.values(arg).find((v) => isDoc(v) && '$sum' in v)];
  const constant = id === null || isNumber(id);
  const one = isDoc(sum) && isNumber(sum['$sum']) && toDouble(sum['$sum']) === 1 && sum['$sum'] instanceof Int32;
  return constant && one ? (n) => ({ _id: id, [field]: new Int32(n) }) : undefined;
}

type Pushed = { filter: Doc; sort: Doc | undefined; skip: number; limit: number | undefined; used: number };
function pushedDown(stages: readonly StageName[]): Pushed {
  let used = 0;
  const filters: Doc[] = [];
  while (stages[used]?.[0] === '$match' && isDoc(stages[used]![1])) filters.push(stages[used++]![1] as Doc);
  const sort = stages[used]?.[0] === '$sort' && isDoc(stages[used]![1]) && Object.keys(stages[used]![1] as Doc).length > 0 ? (stages[used++]![1] as Doc) : undefined;
  if (sort) sortKeys(sort);
  const skip = stages[used]?.[0] === '$skip' && whole(stages[used]![1], 0) ? toDouble(stages[used++]![1]) : 0;
  const limit = stages[used]?.[0] === '$limit' && whole(stages[used]![1], 1) ? toDouble(stages[used++]![1]) : undefined;
  return { filter: filters.length === 0 ? {} : filters.length === 1 ? filters[0]! : { $and: filters }, sort, skip, limit, used };
}
/** What of a pipeline the planner takes, and the stages that are left. */
export function pipelineParts(pipeline: readonly Doc[]): Omit<Pushed, 'used'> & { readonly rest: readonly Doc[] } {
  const { used, ...parts } = pushedDown(namedStages(pipeline));
  return { ...parts, rest: pipeline.slice(used) };
}
const whole = (v: Value, least: number): boolean => isNumber(v) && Number.isInteger(toDouble(v)) && toDouble(v) >= least;

/** A pipeline of an update: over one document, with no collection to read. */
export function updatePipeline(doc: Doc, stages: readonly Doc[], variables: Variables): Doc {
  const context = { view: undefined as never, catalog: undefined as never, db: '', variables, examined: { keys: 0, docs: 0 } };
  const [made] = plain<Doc>(chained([doc], compileStages(namedStages(stages), context)));
  return made ?? {};
}
