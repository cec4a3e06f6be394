import { Int32, Long } from 'bson';
import { pipelineRows, type Context } from '../aggregate.ts';
import { textFor } from '../collation.ts';
import { isDerived } from '../derived.ts';
import { distinct as distinctValues, distinctOf } from '../distinct.ts';
import { FIRST_BATCH } from '../cursors.ts';
import type { Engine } from '../engine.ts';
import { badValue, MongoError } from '../errors.ts';
import { envOf, evaluate, type Variables } from '../expressions.ts';
import { counted, search, type Query } from '../find.ts';
import type { Operation } from '../operations.ts';
import { split } from '../paths.ts';
import { byteProjection } from '../project-bytes.ts';
import { parseProjection, projectionOf, type ProjectionOptions } from '../project.ts';
import { finished, PAUSE, type Pause } from '../rows.ts';
import { compareStrings, encode, isDoc, isNumber, toDouble, truthy, typeName, type Doc, type Value } from '../values.ts';
import { View } from '../view.ts';
import { explained } from './explain.ts';
import { watch } from './watch.ts';
import { runMerge, runOut } from './write-stages.ts';

/** The connection that a command came by. */
export type Call = { readonly connection: number; appName: string | undefined; /** The command that runs now. */ op: Operation; /** A fail point wants the connection gone when the work is done. */ closeAfter: boolean; /** The documents of an insert, as they came. */ raw: readonly (Buffer | undefined)[] | undefined };
export type Command = (engine: Engine, command: Doc, db: string, call: Call) => Doc | Promise<Doc>;
export const numberOf = (v: Value, otherwise: number): number => (isNumber(v) ? toDouble(v) : otherwise);
const variablesOf = (command: Doc): Variables => {
  const base: Doc = { NOW: new Date() };
  if (!isDoc(command['let'])) return base;
  return { ...base, ...Object.fromEntries(Object.entries(command['let']).map(([k, e]) => [k, evaluate(e, { ...base, ROOT: {}, CURRENT: {} })])) };
};
export { variablesOf };

/** Reads outside a transaction take a snapshot of their own, which lives as long as their cursor. */
function readView(engine: Engine, command: Doc, call: Call): { readonly view: View; readonly own: boolean; readonly at: Doc } {
  const { view, own, atClusterTime } = engine.sessions.readView(command);
  view.watch = call.op;
  view.diskUse = truthy(command['allowDiskUse']);
  return { view, own, at: atClusterTime ? { atClusterTime } : {} };
}

const NOT_OF_FIND = ['min', 'max', 'returnKey', 'showRecordId'];
const COUNTS_OF_FIND = ['skip', 'limit', 'batchSize'];
/** Options of a find that this store does not have are refused by name; its numbers are what MongoDB lets them be. */
function checkFind(command: Doc): void {
  for (const name of NOT_OF_FIND) {
    const asked = command[name];
    if (isDoc(asked) ? Object.keys(asked).length > 0 : truthy(asked)) throw new MongoError(303, 'NotImplemented', `find with ${name} is not supported by this store`);
  }
  for (const name of COUNTS_OF_FIND) {
    const n = command[name];
    if (n === undefined) continue;
    if (!isNumber(n)) throw new MongoError(14, 'TypeMismatch', `BSON field 'FindCommandRequest.${name}' is the wrong type '${typeName(n)}', expected types '[long, int, decimal, double']`);
    if (toDouble(n) < 0) throw new MongoError(51024, 'Location51024', `BSON field '${name}' value must be >= 0, actual value '${String(n)}'`);
  }
}
export const findCommand: Command = async (engine, command, db, call) => {
  const ns = `${db}.${String(command['find'])}`;
  checkFind(command);
  if (truthy(command['tailable'])) throw badValue('error processing query: tailable cursor requested on non capped collection');
  const { view, own, at } = readView(engine, command, call);
  try {
    const limit = numberOf(command['limit'], 0);
    const size = 'batchSize' in command ? numberOf(command['batchSize'], FIRST_BATCH) : FIRST_BATCH;
    const filter = (command['filter'] as Doc | undefined) ?? {};
    const collection = view.collection(ns);
    const text = textFor(collection, command['collation']);
    const variables = variablesOf(command);
    const shown = isDoc(command['projection']) ? shownBy(command['projection'], { filter, env: envOf(variables, text), text: text ?? compareStrings }) : undefined;
    const query: Query = { filter, sort: sortOf(command['sort']), skip: numberOf(command['skip'], 0), limit, hint: command['hint'], variables, text };
    const found = isDerived(collection) ? throughView(view, db, String(command['find']), query) : search(view, collection, query, call.op.examined);
    const rows = (function* rows() { for (const f of found) yield f === PAUSE ? PAUSE : shown ? shown(f, variables) : f.bytes; })();
    const single = command['singleBatch'] === true;
    const batch = await engine.cursors.first(ns, { rows, view, own }, size, single, call.op);
    return { cursor: { firstBatch: new RawBatch(batch.rows), id: batch.id, ns, ...at }, ok: 1 };
  } catch (error) {
    if (own) view.close();
    throw error;
  }
};
/** What a projection makes of a document: of its bytes where they are enough. */
function shownBy(spec: Doc, how: ProjectionOptions): ((found: { readonly doc: Doc; readonly bytes: Buffer }, variables: Variables) => Buffer) | undefined {
  const parsed = parseProjection(spec, how);
  if (!parsed) return undefined;
  const [lean, whole] = [byteProjection(parsed), projectionOf(parsed, how)];
  return (found, variables) => lean?.(found.bytes) ?? encode(whole(found.doc, variables));
}
/** A find on a view is a pipeline after the view's own. */
function* throughView(view: View, db: string, name: string, { filter, sort, skip, limit, variables, text }: Query): Generator<{ readonly doc: Doc; readonly bytes: Buffer } | Pause> {
  const stages: Doc[] = [{ $match: filter }, ...(sort ? [{ $sort: sort }] : []), ...(skip ? [{ $skip: new Int32(skip) }] : []), ...(limit ? [{ $limit: new Int32(limit) }] : [])];
  for (const doc of pipelineRows({ view, catalog: view, db, variables: variables ?? {}, examined: { keys: 0, docs: 0 }, text }, name, stages)) yield doc === PAUSE ? PAUSE : { doc, get bytes() { return encode(doc); } };
}
/** Rows that are already bytes: put into the reply as they are. */
export class RawBatch {
  readonly rows: readonly Buffer[];
  constructor(rows: readonly Buffer[]) { this.rows = rows; }
}
export const sortOf = (sort: Value): Doc | undefined => (isDoc(sort) && Object.keys(sort).length > 0 ? sort : undefined);
export const cursorId = (command: Doc): bigint => (command['getMore'] instanceof Long ? command['getMore'].toBigInt() : BigInt(Math.trunc(numberOf(command['getMore'], 0))));
export const getMore: Command = async (engine, command, db, call) => {
  const ns = `${db}.${String(command['collection'])}`;
  const wait = command['maxTimeMS'] === undefined ? undefined : numberOf(command['maxTimeMS'], 0);
  const batch = await engine.cursors.more(cursorId(command), ns, numberOf(command['batchSize'], 0), wait, call.op, () => engine.failPoints?.cursorCheckedOut());
  return { cursor: { nextBatch: new RawBatch(batch.rows), id: batch.id, ns, ...(batch.token ? { postBatchResumeToken: batch.token } : {}) }, ok: 1 };
};
export const killCursors: Command = (engine, command) => {
  const ids = (command['cursors'] as Value[]).map((c) => (c instanceof Long ? c : Long.fromNumber(numberOf(c, 0))));
  const killed = ids.filter((id) => engine.cursors.kill(id.toBigInt()));
  return { cursorsKilled: killed, cursorsNotFound: ids.filter((id) => !killed.includes(id)), cursorsAlive: [], cursorsUnknown: [], ok: 1 };
};

/** $listLocalSessions reads the server, not a collection. */
function withSessions(engine: Engine, pipeline: readonly Doc[]): readonly Doc[] {
  const [first, ...rest] = pipeline;
  return isDoc(first) && '$listLocalSessions' in first ? [{ $documents: engine.sessions.list().map((s) => ({ $literal: s })) }, ...rest] : pipeline;
}

export const aggregate: Command = async (engine, command, db, call) => {
  const pipeline = command['pipeline'];
  if (!Array.isArray(pipeline)) throw new MongoError(14, 'TypeMismatch', "'pipeline' option must be specified as an array");
  const name = typeof command['aggregate'] === 'string' ? command['aggregate'] : undefined;
  if (command['explain'] === true) return explained(engine, command, db, call, false);
  if (isDoc(pipeline[0]) && '$changeStream' in pipeline[0]) return watch(engine, command, db, call);
  const last = (pipeline as Doc[]).at(-1);
  const writes = last && ('$out' in last || '$merge' in last) ? last : undefined;
  const ns = name === undefined ? `${db}.$cmd.aggregate` : `${db}.${name}`;
  if (writes && isDoc(command['readConcern']) && command['readConcern']['level'] === 'linearizable') throw new MongoError(72, 'InvalidOptions', `${Object.keys(writes)[0] ?? ''} cannot be used with a 'linearizable' read concern level`);
  const { view, own, at } = readView(engine, command, call);
  try {
    const context: Context = { view, catalog: view, db, variables: variablesOf(command), examined: call.op.examined, text: textFor(name === undefined ? undefined : view.collection(ns), command['collation']) };
    const stages = withSessions(engine, pipeline as Doc[]);
    const docs = pipelineRows(context, name, writes ? stages.slice(0, -1) : stages, command['hint']);
    if (writes) {
      if (command['autocommit'] === false) throw new MongoError(263, 'OperationNotSupportedInTransaction', `Stage not supported inside of a multi-document transaction: ${Object.keys(writes)[0] ?? ''}`);
      const writing = { check: () => call.op.check(), unchecked: truthy(command['bypassDocumentValidation']), variables: context.variables };
      if ('$out' in writes) await runOut(engine, db, writes['$out'], docs, writing);
      else await runMerge(engine, db, writes['$merge'], docs, writing);
      if (own) view.close();
      return { cursor: { firstBatch: [], id: Long.ZERO, ns }, ok: 1 };
    }
    const rows = (function* rows() { for (const d of docs) yield d === PAUSE ? PAUSE : encode(d); })();
    const size = isDoc(command['cursor']) && 'batchSize' in command['cursor'] ? numberOf(command['cursor']['batchSize'], FIRST_BATCH) : FIRST_BATCH;
    const batch = await engine.cursors.first(ns, { rows, view, own }, size, false, call.op);
    return { cursor: { firstBatch: new RawBatch(batch.rows), id: batch.id, ns, ...at }, ok: 1 };
  } catch (error) {
    if (own) view.close();
    throw error;
  }
};

export const count: Command = async (engine, command, db, call) => {
  const { view, own } = readView(engine, command, call);
  try {
    const collection = view.collection(`${db}.${String(command['count'])}`);
    const query: Query = { filter: (command['query'] as Doc | undefined) ?? {}, skip: numberOf(command['skip'], 0), limit: Math.abs(numberOf(command['limit'], 0)), hint: command['hint'], variables: variablesOf(command), text: textFor(collection, command['collation']) };
    const counting = isDerived(collection) ? rowsCounted(throughView(view, db, String(command['count']), query)) : counted(view, collection, query, call.op.examined);
    const n = await finished(counting, () => call.op.check());
    return { n: new Int32(n), ok: 1 };
  } finally {
    if (own) view.close();
  }
};

function* rowsCounted(rows: Iterable<unknown>): Generator<Pause, number> {
  let n = 0;
  for (const row of rows) if (row === PAUSE) yield PAUSE; else n += 1;
  return n;
}

export const distinct: Command = async (engine, command, db, call) => {
  const key = command['key'];
  if (typeof key !== 'string') throw badValue('"key" had the wrong type. Expected string');
  const { view, own, at } = readView(engine, command, call);
  try {
    const collection = view.collection(`${db}.${String(command['distinct'])}`);
    const path = split(key);
    const query: Query = { filter: (command['query'] as Doc | undefined) ?? {}, hint: command['hint'], variables: variablesOf(command), text: textFor(collection, command['collation']) };
    const values = isDerived(collection) ? distinctOf(throughView(view, db, String(command['distinct']), query), path, query.text) : distinctValues(view, collection, path, query, call.op.examined);
    return { values: await finished(values, () => call.op.check()), ...at, ok: 1 };
  } finally {
    if (own) view.close();
  }
};
