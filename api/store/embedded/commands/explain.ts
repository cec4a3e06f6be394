/** How a command would be done, and what that takes. The form is MongoDB's explain version 1. */
import { Int32 } from 'bson';
import { pipelineParts, pipelineRows } from '../aggregate.ts';
import type { Collection } from '../catalog.ts';
import { textFor } from '../collation.ts';
import { resolved } from '../derived.ts';
import { distinct, leapingIndex } from '../distinct.ts';
import type { Engine } from '../engine.ts';
import { MongoError } from '../errors.ts';
import { counted, planOf, search, type Examined, type Query } from '../find.ts';
import { split } from '../paths.ts';
import type { Plan } from '../plan.ts';
import { describeBounds } from '../plan-bounds.ts';
import { finished, PAUSE, type Pause } from '../rows.ts';
import { isDoc, truthy, type Doc, type Value } from '../values.ts';
import { View } from '../view.ts';
import { numberOf, sortOf, variablesOf, type Call, type Command } from './read.ts';

const VERBOSITIES = ['queryPlanner', 'executionStats', 'allPlansExecution'];

/** What of a command the planner sees, and the stages around its plan from the inside out. */
type Asked = { readonly name: string; readonly coll: string; readonly query: Query; readonly kind: 'find' | 'count' | 'distinct' | 'write'; readonly key?: string; readonly rest: readonly Doc[]; readonly outer?: string };

export const explain: Command = async (engine, command, db, call) => {
  const inner = command['explain'];
  if (!isDoc(inner)) throw new MongoError(14, 'TypeMismatch', "BSON field 'explain' is the wrong type, expected type 'object'");
  const verbosity = command['verbosity'] === undefined ? 'allPlansExecution' : String(command['verbosity']);
  if (!VERBOSITIES.includes(verbosity)) throw new MongoError(2, 'BadValue', `verbosity string must be one of {'queryPlanner', 'executionStats', 'allPlansExecution'}`);
  return explained(engine, inner, db, call, verbosity !== 'queryPlanner');
};

export async function explained(engine: Engine, inner: Doc, db: string, call: Call, executed: boolean): Promise<Doc> {
  const view = new View(engine.ground, engine.storage.snapshot());
  view.watch = call.op;
  try {
    const asked = askedBy(view, inner, db);
    const collection = view.collection(`${db}.${asked.coll}`);
    const examined: Examined = { keys: 0, docs: 0 };
    const from = performance.now();
    const n = executed ? await finished(run(view, db, collection, asked, examined, inner), () => call.op.check()) : 0;
    const winning = winningPlan(collection, asked, view);
    const planner: Doc = { namespace: `${db}.${asked.coll}`, indexFilterSet: false, parsedQuery: asked.query.filter, winningPlan: winning, rejectedPlans: [] };
    const stats: Doc = executed ? {
      executionStats: {
        executionSuccess: true, nReturned: new Int32(asked.kind === 'write' ? 0 : n), executionTimeMillis: new Int32(Math.round(performance.now() - from)), totalKeysExamined: new Int32(examined.keys), totalDocsExamined: new Int32(examined.docs), executionStages: winning,
      },
    } : {};
    const head = { explainVersion: '1', command: { ...inner, $db: db }, serverInfo: { version: '7.0' }, ok: 1 };
    if (asked.rest.length === 0) return { ...head, queryPlanner: planner, ...stats };
    return { ...head, stages: [{ $cursor: { queryPlanner: planner, ...stats } }, ...asked.rest] };
  } finally {
    view.close();
  }
}

function askedBy(view: View, inner: Doc, db: string): Asked {
  const name = Object.keys(inner)[0] ?? '';
  const coll = String(inner[name]);
  const statement = (list: Value): Doc => (Array.isArray(list) && isDoc(list[0]) ? list[0] : {});
  const query = (filter: Value, spec: Doc, limit: number): Query => ({
    filter: isDoc(filter) ? filter : {}, sort: sortOf(spec['sort']), skip: numberOf(spec['skip'], 0), limit, hint: spec['hint'], variables: variablesOf(inner), text: textFor(view.collection(`${db}.${coll}`), spec['collation']),
  });
  switch (name) {
    case 'find': return { name, coll, kind: 'find', rest: [], query: query(inner['filter'], inner, Math.abs(numberOf(inner['limit'], 0))) };
    case 'count': return { name, coll, kind: 'count', rest: [], query: query(inner['query'], inner, Math.abs(numberOf(inner['limit'], 0))), outer: 'COUNT' };
    case 'distinct': return { name, coll, kind: 'distinct', key: String(inner['key']), rest: [], query: query(inner['query'], inner, 0) };
    case 'update': { const s = statement(inner['updates']); return { name, coll, kind: 'write', rest: [], query: query(s['q'], s, truthy(s['multi']) ? 0 : 1), outer: 'UPDATE' }; }
    case 'delete': { const s = statement(inner['deletes']); return { name, coll, kind: 'write', rest: [], query: query(s['q'], s, truthy(s['limit']) ? 1 : 0), outer: 'DELETE' }; }
    case 'findAndModify': case 'findandmodify': return { name, coll, kind: 'write', rest: [], query: query(inner['query'], inner, 1), outer: truthy(inner['remove']) ? 'DELETE' : 'UPDATE' };
    case 'aggregate': return askedByPipeline(view, inner, db, coll, query);
    default: throw new MongoError(59, 'CommandNotFound', `Explain failed due to unknown command: ${name}`);
  }
}
function askedByPipeline(view: View, inner: Doc, db: string, coll: string, query: (filter: Value, spec: Doc, limit: number) => Query): Asked {
  if (!Array.isArray(inner['pipeline'])) throw new MongoError(14, 'TypeMismatch', "'pipeline' option must be specified as an array");
  const target = resolved(view, db, coll);
  const stages = (inner['pipeline'] as Doc[]).filter((s) => !('$out' in s || '$merge' in s));
  const parts = pipelineParts([...target.stages, ...stages]);
  const base = query(parts.filter, { hint: inner['hint'], collation: inner['collation'], sort: parts.sort }, parts.limit ?? 0);
  return { name: 'aggregate', coll: target.name, kind: 'find', query: { ...base, skip: parts.skip }, rest: [...parts.rest, ...(inner['pipeline'] as Doc[]).slice(stages.length)] };
}

/** Does the work without its effects; answers how many documents came out. */
function* run(view: View, db: string, collection: Collection | undefined, asked: Asked, examined: Examined, inner: Doc): Generator<Pause, number> {
  if (asked.kind === 'count') {
    yield* counted(view, collection, asked.query, examined);
    return 0;
  }
  if (asked.kind === 'distinct') return (yield* distinct(view, collection, split(asked.key!), asked.query, examined)).length;
  const context = { view, catalog: view, db, variables: asked.query.variables ?? {}, examined, text: asked.query.text };
  const rows: Iterable<unknown> = asked.rest.length === 0 ? search(view, collection, asked.query, examined) : pipelineRows(context, String(inner['aggregate']), (inner['pipeline'] as Doc[]).filter((s) => !('$out' in s || '$merge' in s)), inner['hint']);
  let n = 0;
  for (const row of rows) if (row === PAUSE) yield PAUSE; else n += 1;
  return n;
}

function winningPlan(collection: Collection | undefined, asked: Asked, view: View): Doc {
  const { query } = asked;
  if (!collection) return around({ stage: 'EOF' }, asked);
  const plan = planOf(collection, query, view);
  if (asked.kind === 'count') {
    if (Object.keys(query.filter).length === 0 && (!plan.index || plan.index.name === '_id_')) return { stage: 'RECORD_STORE_FAST_COUNT' };
    if (plan.exact) return { stage: 'COUNT', inputStage: { ...indexStage(plan), stage: 'COUNT_SCAN' } };
  }
  const leap = asked.kind === 'distinct' ? leapingIndex(collection, split(asked.key!), query) : undefined;
  if (leap) return { stage: 'DISTINCT_SCAN', keyPattern: leap.key, indexName: leap.name, direction: 'forward' };
  let stage = accessStage(plan, query);
  if (!plan.sorted) stage = { stage: 'SORT', sortPattern: query.sort, memLimit: new Int32(100 * 1024 * 1024), ...(query.limit ? { limitAmount: new Int32(query.limit + (query.skip ?? 0)) } : {}), inputStage: stage };
  if (query.skip) stage = { stage: 'SKIP', skipAmount: new Int32(query.skip), inputStage: stage };
  if (query.limit && asked.kind === 'find' && plan.sorted) stage = { stage: 'LIMIT', limitAmount: new Int32(query.limit), inputStage: stage };
  return around(stage, asked);
}
const around = (stage: Doc, asked: Asked): Doc => (asked.outer ? { stage: asked.outer, inputStage: stage } : stage);

function accessStage(plan: Plan, query: Query): Doc {
  const filter = Object.keys(query.filter).length === 0 ? {} : { filter: query.filter };
  if (plan.branches) return { stage: 'FETCH', ...filter, inputStage: { stage: 'OR', inputStages: plan.branches.map(indexStage) } };
  if (!plan.index) return { stage: 'COLLSCAN', ...filter, direction: plan.reverse ? 'backward' : 'forward' };
  if (plan.index.name === '_id_' && plan.exact && plan.ranges.length === 1 && plan.ranges[0]!.point) return { stage: 'IDHACK', keyPattern: plan.index.key, indexName: plan.index.name };
  const scan = indexStage(plan);
  return { stage: 'FETCH', ...(plan.exact ? {} : filter), inputStage: plan.merged ? { stage: 'SORT_MERGE', sortPattern: query.sort, inputStages: plan.ranges.map(() => scan) } : scan };
}
function indexStage(plan: Plan): Doc {
  const index = plan.index!;
  return {
    stage: 'IXSCAN', keyPattern: index.key, indexName: index.name, isMultiKey: index.multikey, isUnique: index.unique || index.name === '_id_', isSparse: index.sparse, isPartial: index.partial !== undefined, indexVersion: new Int32(2),
    direction: plan.reverse ? 'backward' : 'forward', indexBounds: describeBounds(plan),
  };
}
