/**
 * What a single update or delete means, looked for before anything is written. Where that takes long, it is done on a snapshot
 * with pauses, and each document is looked at again when its turn comes: as in MongoDB, a write without a transaction does not
 * hold others back while it searches, and what has changed meanwhile is judged by its newest state.
 */
import type { Collection } from '../catalog.ts';
import { documentKey } from '../documents.ts';
import type { Engine } from '../engine.ts';
import { MongoError } from '../errors.ts';
import { find, search, type Query } from '../find.ts';
import { compileFilter } from '../match.ts';
import { breathe, PAUSE } from '../rows.ts';
import { decode, type Doc, type Value } from '../values.ts';
import { View } from '../view.ts';
import type { Call } from './read.ts';

/** The documents for the statement that is being carried out now, as they are now. */
export type Ahead = (view: View, collection: Collection) => { readonly doc: Doc }[];

/** Undefined: nothing was found out, the statement looks for itself. Answers at once when the search was short. */
export function scanAhead(engine: Engine, command: Doc, list: Value, ns: string, queryOf: (statement: Doc) => Query, call: Call): Ahead | undefined | Promise<Ahead | undefined> {
  if (command['autocommit'] === false || !Array.isArray(list) || list.length !== 1) return undefined;
  const collection = engine.catalog.get(ns);
  if (!collection) return undefined;
  const view = new View(engine.ground);
  const rows: { readonly doc: Doc }[] = [];
  let query: Query;
  try {
    query = queryOf(list[0] as Doc);
    if (query.sort) return undefined;
    for (const found of search(view, collection, query, call.op.examined)) {
      if (found === PAUSE) return onSnapshot(engine, ns, query, call);
      rows.push(found);
    }
  } catch (error) {
    // It is said again, in its place, by the statement itself.
    if (error instanceof MongoError) return undefined;
    throw error;
  }
  return () => rows;
}

async function onSnapshot(engine: Engine, ns: string, query: Query, call: Call): Promise<Ahead | undefined> {
  // A snapshot has what was flushed: all that anybody was told of.
  await engine.storage.flushed();
  const view = new View(engine.ground, engine.storage.snapshot());
  view.watch = call.op;
  const ids: Value[] = [];
  try {
    for (const found of search(view, view.collection(ns), { ...query, fields: new Set(['_id']) }, call.op.examined)) {
      if (found !== PAUSE) {
        ids.push(found.doc['_id']);
        continue;
      }
      await breathe();
      call.op.check();
    }
  } finally {
    view.close();
  }
  const test = compileFilter(query.filter, query.variables, query.text);
  return (now, collection) => {
    const rows = ids.flatMap((id) => {
      const bytes = now.get(documentKey(collection, id));
      const doc = bytes && decode(bytes);
      return doc && test(doc) ? [{ doc }] : [];
    });
    // The one that was found is another now, or one has come since: then there may be one, and only a look at all can tell.
    return query.limit === 1 && rows.length === 0 ? [...find(now, collection, query)] : rows;
  };
}
