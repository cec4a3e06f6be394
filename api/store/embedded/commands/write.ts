import { Int32 } from 'bson';
import { runPipeline } from '../aggregate.ts';
import type { Collection } from '../catalog.ts';
import { insertDocument, removeDocument, replaceDocument } from '../documents.ts';
import type { Engine } from '../engine.ts';
import { failedToParse, IntentHeld, MongoError } from '../errors.ts';
import type { Variables } from '../expressions.ts';
import { find } from '../find.ts';
import { compileFilter, isOperators } from '../match.ts';
import { split } from '../paths.ts';
import { compileProjection } from '../project.ts';
import { applyOperators, parseUpdate, type Update } from '../update.ts';
import { equal, isDoc, truthy, type Doc, type Value } from '../values.ts';
import type { View } from '../view.ts';
import { sortOf, variablesOf, type Call, type Command } from './read.ts';
import { setPath } from '../aggregate.ts';

const MAX_BATCH = 100_000;
const namespace = (db: string, name: Value): string => {
  if (typeof name !== 'string' || name === '') throw new MongoError(73, 'InvalidNamespace', `Invalid namespace specified '${db}.${String(name)}'`);
  return `${db}.${name}`;
};
type Outcome = { n: number; reply?: Doc };

/** Runs the statements of a write command; a refused one is undone by itself and told in writeErrors. */
function statements(engine: Engine, command: Doc, list: readonly Doc[], call: Call, one: (view: View, statement: Doc, index: number) => Outcome): { n: number; errors: Doc[]; view: View; outcomes: Outcome[] } {
  if (list.length === 0 || list.length > MAX_BATCH) throw new MongoError(16, 'InvalidLength', `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${list.length} operations.`);
  const view = engine.sessions.viewFor(command);
  view.watch = call.op;
  const errors: Doc[] = [];
  const outcomes: Outcome[] = [];
  let n = 0;
  for (const [index, statement] of list.entries()) {
    const point = view.savepoint();
    try {
      const outcome = one(view, statement, index);
      outcomes.push(outcome);
      n += outcome.n;
    } catch (error) {
      view.rollbackTo(point);
      if (!(error instanceof MongoError) || error.labels.includes('TransientTransactionError') || error instanceof IntentHeld) throw error;
      if (view.inTransaction) throw error;
      errors.push({ index: new Int32(index), code: new Int32(error.code), errmsg: error.message, ...error.extra });
      if (command['ordered'] !== false) break;
    }
  }
  return { n, errors, view, outcomes };
}

function finish(engine: Engine, command: Doc, view: View, reply: Doc, call: Call): Doc {
  if (view.inTransaction) return reply;
  if (engine.failPoints && command['txnNumber'] !== undefined && engine.failPoints.retryableWrite()?.close) call.closeAfter = true;
  engine.sessions.remember(view, command, reply);
  view.commit();
  return reply;
}
const refuseCollation = (statement: Doc): void => {
  if (isDoc(statement['collation']) && statement['collation']['locale'] !== 'simple') throw new MongoError(303, 'NotImplemented', 'collation is not supported by this store');
};

export const insert: Command = (engine, command, db, call) => {
  const again = engine.sessions.answered(command);
  if (again) return again;
  const ns = namespace(db, command['insert']);
  const done = statements(engine, command, command['documents'] as Doc[], call, (view, doc) => {
    insertDocument(view, engine.open(view, ns), doc);
    return { n: 1 };
  });
  return finish(engine, command, done.view, { n: new Int32(done.n), ...(done.errors.length > 0 ? { writeErrors: done.errors } : {}), ok: 1 }, call);
};

export const remove: Command = (engine, command, db, call) => {
  const again = engine.sessions.answered(command);
  if (again) return again;
  const ns = namespace(db, command['delete']);
  const variables = variablesOf(command);
  const done = statements(engine, command, command['deletes'] as Doc[], call, (view, s) => {
    refuseCollation(s);
    const collection = view.collection(ns);
    const rows = [...find(view, collection, { filter: s['q'] as Doc, limit: truthy(s['limit']) ? 1 : 0, hint: s['hint'], variables })];
    for (const { doc } of rows) removeDocument(view, collection!, doc);
    return { n: rows.length };
  });
  return finish(engine, command, done.view, { n: new Int32(done.n), ...(done.errors.length > 0 ? { writeErrors: done.errors } : {}), ok: 1 }, call);
};

export const update: Command = (engine, command, db, call) => {
  const again = engine.sessions.answered(command);
  if (again) return again;
  const variables = variablesOf(command);
  const ns = namespace(db, command['update']);
  const upserted: Doc[] = [];
  let modified = 0;
  const done = statements(engine, command, command['updates'] as Doc[], call, (view, s, index) => {
    refuseCollation(s);
    const collection = view.collection(ns);
    const parsed = parseUpdate(s['u'], s['arrayFilters'] as Doc[] | undefined);
    if (parsed.kind === 'replace' && truthy(s['multi'])) throw failedToParse('multi update is not supported for replacement-style update');
    const filter = s['q'] as Doc;
    const rows = [...find(view, collection, { filter, sort: sortOf(s['sort']), limit: truthy(s['multi']) ? 0 : 1, hint: s['hint'], variables })];
    if (rows.length === 0 && truthy(s['upsert'])) {
      const doc = insertDocument(view, engine.open(view, ns), upsertDocument({ filter, parsed, statement: s, variables }));
      upserted.push({ index: new Int32(index), _id: doc['_id'] });
      return { n: 1 };
    }
    for (const { doc } of rows) if (changeOne(view, collection!, doc, { filter, parsed, statement: s, variables })) modified += 1;
    return { n: rows.length };
  });
  return finish(engine, command, done.view, {
    n: new Int32(done.n), nModified: new Int32(modified), ...(upserted.length > 0 ? { upserted } : {}), ...(done.errors.length > 0 ? { writeErrors: done.errors } : {}), ok: 1,
  }, call);
};

const NOTHING = { collection: () => undefined, list: () => [] };
type Work = { readonly filter: Doc; readonly parsed: Update; readonly statement: Doc; readonly variables: Variables };
function changed(doc: Doc, { parsed, filter, statement, variables: given }: Work, inserting: boolean): Doc {
  if (parsed.kind === 'replace') {
    const next: Doc = { _id: parsed.doc['_id'] ?? doc['_id'], ...Object.fromEntries(Object.entries(parsed.doc).filter(([k]) => k !== '_id')) };
    if (next['_id'] === undefined) delete next['_id'];
    return next;
  }
  if (parsed.kind === 'operators') return applyOperators(doc, parsed, { now: new Date(), inserting, positional: positionalOf(doc, filter) });
  const variables = { ...given, ...(isDoc(statement['c']) ? statement['c'] : {}) };
  const context = { view: undefined as never, catalog: NOTHING, db: '', variables, examined: { keys: 0, docs: 0 } };
  const allowed = ['$set', '$addFields', '$unset', '$project', '$replaceRoot', '$replaceWith'];
  for (const stage of parsed.stages) if (!allowed.includes(Object.keys(stage)[0] ?? '')) throw new MongoError(72, 'InvalidOptions', `${Object.keys(stage)[0] ?? ''} is not allowed to be used within an update`);
  const out = [...runPipeline(context, undefined, [{ $documents: [{ $literal: doc }] }, ...parsed.stages])][0] ?? {};
  return '_id' in out || !('_id' in doc) ? out : { _id: doc['_id'], ...out };
}

/** Answers the document as it is after, or undefined when nothing changed. */
function changeOne(view: View, collection: Collection, before: Doc, work: Work): Doc | undefined {
  const after = changed(before, work, false);
  if (!equal(after['_id'], before['_id'])) throw new MongoError(66, 'ImmutableField', `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${String(after['_id'])}`);
  if (equal(before, after) && sameTypes(before, after)) return undefined;
  replaceDocument(view, collection, before, after, work.parsed.kind === 'replace' ? 'replace' : 'update');
  return after;
}
/** Equal by order is not the same by type: Int32 1 and Double 1 compare equal. */
const sameTypes = (a: Doc, b: Doc): boolean => {
  const type = (v: Value): Value => (Array.isArray(v) ? (v as Value[]).map(type) : isDoc(v) ? Object.entries(v).map(([k, x]) => [k, type(x)]) : typeof v === 'object' && v !== null && '_bsontype' in v ? `${String(v._bsontype)}:${String(v)}` : typeof v);
  return JSON.stringify(type(a)) === JSON.stringify(type(b));
};

/** The array element that the filter matched, for `$` in an update's path. */
function positionalOf(doc: Doc, filter: Doc): (path: string) => number | undefined {
  return (path) => {
    for (const [key, condition] of conditions(filter)) {
      if (key !== path && !key.startsWith(`${path}.`)) continue;
      const list = split(path).reduce<Value>((at, p) => (isDoc(at) ? at[p] : Array.isArray(at) ? (at as Value[])[Number(p)] : undefined), doc);
      if (!Array.isArray(list)) continue;
      const rest = key.slice(path.length + 1);
      const test = rest === '' ? elementTest(condition) : (item: Value): boolean => compileFilter({ [rest]: condition })(item as Doc);
      const index = (list as Value[]).findIndex((item) => (isDoc(item) || rest === '' ? test(item) : false));
      if (index >= 0) return index;
    }
    return undefined;
  };
}
const elementTest = (condition: Value): ((item: Value) => boolean) => {
  const inner = isDoc(condition) && '$elemMatch' in condition ? (condition['$elemMatch'] as Doc) : undefined;
  if (inner && !isOperators(inner)) return (item) => isDoc(item) && compileFilter(inner)(item);
  return (item) => compileFilter({ v: inner ?? condition })({ v: item });
};
function* conditions(filter: Doc): Generator<[string, Value]> {
  for (const [key, value] of Object.entries(filter)) {
    if (key === '$and' && Array.isArray(value)) for (const part of value as Doc[]) yield* conditions(part);
    else if (!key.startsWith('$')) yield [key, value];
  }
}

/** The document that an upsert makes: equalities of the filter, then the update. */
function upsertDocument(work: Work): Doc {
  const { filter, parsed } = work;
  let base: Doc = {};
  for (const [path, value] of equalities(filter)) base = setPath(base, split(path), value);
  if (parsed.kind === 'replace') return 'id' in base || '_id' in base ? { _id: base['_id'], ...parsed.doc } : parsed.doc;
  return changed(base, work, true);
}
function* equalities(filter: Doc): Generator<[string, Value]> {
  for (const [key, value] of Object.entries(filter)) {
    if (key === '$and' && Array.isArray(value)) for (const part of value as Doc[]) yield* equalities(part);
    else if (key === '$or' && Array.isArray(value) && value.length === 1) yield* equalities(value[0] as Doc);
    else if (key.startsWith('$')) continue;
    else if (!isOperators(value)) { if (!(value instanceof RegExp)) yield [key, value]; }
    else if ('$eq' in value) yield [key, value['$eq']];
    else if (Array.isArray(value['$in']) && value['$in'].length === 1) yield [key, (value['$in'] as Value[])[0]];
  }
}

export const findAndModify: Command = (engine, command, db, call) => {
  const again = engine.sessions.answered(command);
  if (again) return again;
  refuseCollation(command);
  const ns = namespace(db, command['findAndModify'] ?? command['findandmodify']);
  const view = engine.sessions.viewFor(command);
  view.watch = call.op;
  const point = view.savepoint();
  try {
    const reply = modifyOne(engine, view, ns, command);
    return finish(engine, command, view, reply, call);
  } catch (error) {
    view.rollbackTo(point);
    throw error;
  }
};

function modifyOne(engine: Engine, view: View, ns: string, command: Doc): Doc {
  const filter = (command['query'] as Doc | undefined) ?? {};
  const upsert = truthy(command['upsert']);
  const collection = view.collection(ns);
  const variables = variablesOf(command);
  const found = find(view, collection, { filter, sort: sortOf(command['sort']), limit: 1, hint: command['hint'], variables }).next().value as { doc: Doc } | undefined;
  const fields = command['fields'] as Doc | undefined;
  const projection = fields ? compileProjection(fields) : undefined;
  const shown = (doc: Doc | null): Doc | null => (doc && projection ? projection(doc) : doc);
  if (truthy(command['remove'])) {
    if (found) removeDocument(view, collection!, found.doc);
    return { lastErrorObject: { n: new Int32(found ? 1 : 0) }, value: shown(found?.doc ?? null), ok: 1 };
  }
  const work: Work = { filter, parsed: parseUpdate(command['update'], command['arrayFilters'] as Doc[] | undefined), statement: command, variables };
  if (!found) {
    if (!upsert) return { lastErrorObject: { n: new Int32(0), updatedExisting: false }, value: null, ok: 1 };
    const made = insertDocument(view, engine.open(view, ns), upsertDocument(work));
    return { lastErrorObject: { n: new Int32(1), updatedExisting: false, upserted: made['_id'] }, value: truthy(command['new']) ? shown(made) : null, ok: 1 };
  }
  const after = changeOne(view, collection!, found.doc, work) ?? found.doc;
  return { lastErrorObject: { n: new Int32(1), updatedExisting: true }, value: shown(truthy(command['new']) ? after : found.doc), ok: 1 };
}
