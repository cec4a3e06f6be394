/** TTL indexes: documents whose date lies further back than the index says are removed, a few at a time. Source: the manual, "TTL Indexes". */
import type { Collection, Index } from './catalog.ts';
import { removeDocument } from './documents.ts';
import type { Engine } from './engine.ts';
import { IntentHeld, MongoError } from './errors.ts';
import { find } from './find.ts';
import { breathe } from './rows.ts';
import type { Doc } from './values.ts';
import { View } from './view.ts';

const STEP = 200;

export async function removeExpired(engine: Engine, now = new Date()): Promise<number> {
  let removed = 0;
  for (const { ns } of engine.catalog.list()) {
    for (const { name } of engine.catalog.get(ns)?.indexes ?? []) {
      for (;;) {
        const collection = engine.catalog.get(ns);
        const index = collection?.indexes.find((i) => i.name === name);
        if (!collection || !index || index.expireAfterSeconds === undefined) break;
        const { found, gone } = step(engine, collection, index, now);
        removed += gone;
        await engine.storage.flushed();
        await breathe();
        if (found < STEP || gone === 0) break;
      }
    }
  }
  return removed;
}

function step(engine: Engine, collection: Collection, index: Index, now: Date): { found: number; gone: number } {
  const [field] = index.fields;
  const due: Doc = { [field!.path]: { $lte: new Date(now.getTime() - index.expireAfterSeconds! * 1000) } };
  const view = new View(engine.ground);
  const rows = [...find(view, collection, { filter: index.partial ? { $and: [index.partial, due] } : due, hint: index.hidden ? undefined : index.name, limit: STEP })];
  let gone = 0;
  for (const { doc } of rows) {
    const point = view.savepoint();
    try {
      removeDocument(view, collection, doc);
      gone += 1;
    } catch (error) {
      // An open transaction holds it: the next round will see.
      if (!(error instanceof IntentHeld) && !(error instanceof MongoError)) throw error;
      view.rollbackTo(point);
    }
  }
  view.commit();
  return { found: rows.length, gone };
}
