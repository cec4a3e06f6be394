import { Int32 } from 'bson';
import type { Collection } from '../catalog.ts';
import { textFor } from '../collation.ts';
import { isDerived, notOnView } from '../derived.ts';
import { fieldSlices, spliced } from '../bson.ts';
import { insertDocument, reachOf, removeDocument, replaceDocument, spliceDocument } from '../documents.ts';
import type { Engine } from '../engine.ts';
import { failedToParse, IntentHeld, MongoError } from '../errors.ts';
import type { Variables } from '../expressions.ts';
import { find, Found, type Query } from '../find.ts';
import { changed, topsOf, upserted, type Situation } from '../modify.ts';
import { compileProjection } from '../project.ts';
import { parseUpdate, type Update } from '../update.ts';
import { compareStrings, identical, isDoc, truthy, type CompareText, type Doc, type Value } from '../values.ts';
import type { View } from '../view.ts';
import { byId } from './by-id.ts';
import { scanAhead, type Ahead } from './scan-ahead.ts';
import { sortOf, variablesOf, type Call, type Command } from './read.ts';

const MAX_BATCH = 100_000;
const namespace = (db: string, name: Value): string => {
  if (typeof name !== 'string' || name === '') throw new MongoError(73, 'InvalidNamespace', `Invalid namespace specified '${db}.${String(name)}'`);
  return `${db}.${name}`;
};
const writable = (view: View, ns: string): Collection | undefined => {
  const found = view.collection(ns);
  if (isDerived(found)) throw notOnView(ns, 'it cannot be written to');
  return found;
};
type Outcome = { n: number; reply?: Doc };

/** Runs the statements of a write command; a refused one is undone by itself and told in writeErrors. */
function statements(engine: Engine, command: Doc, list: readonly Doc[], call: Call, one: (view: View, statement: Doc, index: number) => Outcome): { n: number; errors: Doc[]; view: View; outcomes: Outcome[] } {
  if (list.length === 0 || list.length > MAX_BATCH) throw new MongoError(16, 'InvalidLength', `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${list.length} operations.`);
  const view = engine.sessions.viewFor(command);
  view.watch = call.op;
  view.unchecked = truthy(command['bypassDocumentValidation']);
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
  if (command['txnNumber'] !== undefined) engine.failPoints?.retryableWrite(call);
  engine.sessions.remember(view, command, reply);
  view.commit();
  return reply;
}
export const insert: Command = (engine, command, db, call) => {
  const again = engine.sessions.answered(command);
  if (again) return again;
  const ns = namespace(db, command['insert']);
  const done = statements(engine, command, command['documents'] as Doc[], call, (view, doc, index) => {
    insertDocument(view, engine.open(view, ns), doc, call.raw?.[index]);
    return { n: 1 };
  });
  return finish(engine, command, done.view, { n: new Int32(done.n), ...(done.errors.length > 0 ? { writeErrors: done.errors } : {}), ok: 1 }, call);
};

/** Carries a command out after a search that may have waited, or in this very turn. */
function after(ahead: Ahead | undefined | Promise<Ahead | undefined>, work: (ahead: Ahead | undefined) => Doc): Doc | Promise<Doc> {
  return ahead instanceof Promise ? ahead.then(work) : work(ahead);
}
const queryFor = (engine: Engine, ns: string, variables: Variables, limit: (s: Doc) => number) => (s: Doc): Query =>
  ({ filter: s['q'] as Doc, sort: sortOf(s['sort']), limit: limit(s), hint: s['hint'], variables, text: textFor(engine.catalog.get(ns), s['collation']) });

export const remove: Command = (engine, command, db, call) => {
  const again = engine.sessions.answered(command);
  if (again) return again;
  const ns = namespace(db, command['delete']);
  const variables = variablesOf(command);
  const ahead = scanAhead(engine, command, command['deletes'], ns, queryFor(engine, ns, variables, (s) => (truthy(s['limit']) ? 1 : 0)), call);
  return after(ahead, (found) => removed(engine, command, ns, variables, call, found));
};
function removed(engine: Engine, command: Doc, ns: string, variables: Variables, call: Call, ahead: Ahead | undefined): Doc {
  const done = statements(engine, command, command['deletes'] as Doc[], call, (view, s) => {
    const collection = writable(view, ns);
    const rows = ahead && collection ? ahead(view, collection) : [...find(view, collection, { filter: s['q'] as Doc, limit: truthy(s['limit']) ? 1 : 0, hint: s['hint'], variables, text: textFor(collection, s['collation']) }, call.op.examined)];
    for (const { doc } of rows) removeDocument(view, collection!, doc);
    return { n: rows.length };
  });
  return finish(engine, command, done.view, { n: new Int32(done.n), ...(done.errors.length > 0 ? { writeErrors: done.errors } : {}), ok: 1 }, call);
}

export const update: Command = (engine, command, db, call) => {
  const again = engine.sessions.answered(command);
  if (again) return again;
  const variables = variablesOf(command);
  const ns = namespace(db, command['update']);
  const ahead = scanAhead(engine, command, command['updates'], ns, queryFor(engine, ns, variables, (s) => (truthy(s['multi']) ? 0 : 1)), call);
  return after(ahead, (found) => updated(engine, command, ns, variables, call, found));
};
function updated(engine: Engine, command: Doc, ns: string, variables: Variables, call: Call, ahead: Ahead | undefined): Doc {
  const made: Doc[] = [];
  let modified = 0;
  const done = statements(engine, command, command['updates'] as Doc[], call, (view, s, index) => {
    const collection = writable(view, ns);
    const text = textFor(collection, s['collation']);
    const parsed = parseUpdate(s['u'], s['arrayFilters'] as Doc[] | undefined, text);
    if (parsed.kind === 'replace' && truthy(s['multi'])) throw failedToParse('multi update is not supported for replacement-style update');
    const filter = s['q'] as Doc;
    const rows = ahead && collection ? ahead(view, collection) : byId(view, collection, s, call.op.examined) ?? [...find(view, collection, { filter, sort: sortOf(s['sort']), limit: truthy(s['multi']) ? 0 : 1, hint: s['hint'], variables, text }, call.op.examined)];
    if (rows.length === 0 && truthy(s['upsert'])) {
      const doc = insertDocument(view, engine.open(view, ns), upsertDocument({ filter, parsed, statement: s, variables, text }));
      made.push({ index: new Int32(index), _id: doc['_id'] });
      return { n: 1 };
    }
    for (const row of rows) if (changeRow(view, collection!, row, { filter, parsed, statement: s, variables, text })) modified += 1;
    return { n: rows.length };
  });
  return finish(engine, command, done.view, {
    n: new Int32(done.n), nModified: new Int32(modified), ...(made.length > 0 ? { upserted: made } : {}), ...(done.errors.length > 0 ? { writeErrors: done.errors } : {}), ok: 1,
  }, call);
}

type Work = { readonly filter: Doc; readonly parsed: Update; readonly statement: Doc; readonly variables: Variables; readonly text: CompareText | undefined };
const situation = ({ filter, statement, variables, text }: Work, inserting: boolean): Situation => ({ now: new Date(), inserting, filter, variables, constants: isDoc(statement['c']) ? statement['c'] : undefined, text });

/** Changes a document where only that is asked: did it? Where the update says which fields it touches, the others stay as they lie. */
function changeRow(view: View, collection: Collection, row: { readonly doc: Doc } | Found, work: Work): boolean {
  const tops = row instanceof Found ? topsOf(work.parsed) : undefined;
  const reach = tops && reachOf(collection, tops);
  if (!(row instanceof Found) || !tops || !reach) return changeOne(view, collection, row.doc, work) !== undefined;
  const { doc: before, slices } = fieldSlices(row.bytes, reach.wanted);
  const after = changed(before, work.parsed, situation(work, false));
  if (tops.every((top) => identical(before[top], after[top]))) return false;
  const made = Object.fromEntries(tops.flatMap((top) => (Object.hasOwn(after, top) ? [[top, after[top]]] : [])));
  const touched = new Set(tops);
  spliceDocument(view, collection, reach, { before, after, old: row.bytes, bytes: spliced(row.bytes, slices.filter((s) => touched.has(s.name)), made) });
  return true;
}
/** Answers the document as it is after, or undefined when nothing changed. */
function changeOne(view: View, collection: Collection, before: Doc, work: Work): Doc | undefined {
  const after = changed(before, work.parsed, situation(work, false));
  if (identical(before, after)) return undefined;
  replaceDocument(view, collection, before, after, work.parsed.kind === 'replace' ? 'replace' : 'update');
  return after;
}
const upsertDocument = (work: Work): Doc => upserted(work.filter, work.parsed, situation(work, true));

export const findAndModify: Command = (engine, command, db, call) => {
  const again = engine.sessions.answered(command);
  if (again) return again;
  const ns = namespace(db, command['findAndModify'] ?? command['findandmodify']);
  const view = engine.sessions.viewFor(command);
  view.watch = call.op;
  view.unchecked = truthy(command['bypassDocumentValidation']);
  const point = view.savepoint();
  try {
    const reply = modifyOne(engine, view, ns, command, call);
    return finish(engine, command, view, reply, call);
  } catch (error) {
    view.rollbackTo(point);
    throw error;
  }
};

function modifyOne(engine: Engine, view: View, ns: string, command: Doc, call: Call): Doc {
  const filter = (command['query'] as Doc | undefined) ?? {};
  const upsert = truthy(command['upsert']);
  const collection = writable(view, ns);
  const variables = variablesOf(command);
  const text = textFor(collection, command['collation']);
  const found = find(view, collection, { filter, sort: sortOf(command['sort']), limit: 1, hint: command['hint'], variables, text }, call.op.examined).next().value as { doc: Doc } | undefined;
  const fields = command['fields'] as Doc | undefined;
  const projection = fields ? compileProjection(fields, { filter, text: text ?? compareStrings }) : undefined;
  const shown = (doc: Doc | null): Doc | null => (doc && projection ? projection(doc) : doc);
  if (truthy(command['remove'])) {
    if (found) removeDocument(view, collection!, found.doc);
    return { lastErrorObject: { n: new Int32(found ? 1 : 0) }, value: shown(found?.doc ?? null), ok: 1 };
  }
  const work: Work = { filter, parsed: parseUpdate(command['update'], command['arrayFilters'] as Doc[] | undefined, text), statement: command, variables, text };
  if (!found) {
    if (!upsert) return { lastErrorObject: { n: new Int32(0), updatedExisting: false }, value: null, ok: 1 };
    const made = insertDocument(view, engine.open(view, ns), upsertDocument(work));
    return { lastErrorObject: { n: new Int32(1), updatedExisting: false, upserted: made['_id'] }, value: truthy(command['new']) ? shown(made) : null, ok: 1 };
  }
  const after = changeOne(view, collection!, found.doc, work) ?? found.doc;
  return { lastErrorObject: { n: new Int32(1), updatedExisting: true }, value: shown(truthy(command['new']) ? after : found.doc), ok: 1 };
}
