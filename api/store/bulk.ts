import type mongoose from 'mongoose';
import type { ClientSession } from 'mongoose';

/**
 * Many documents in one write, handed to the driver as they are. Mongoose would make an object of each, walk its schema and write it
 * back: three times the price of the write itself, for what the types have said already. Only for whole documents of our own making:
 * no default is filled in.
 */
type Kept = { readonly collection: mongoose.Collection };
type Step<D> = { readonly filter: { readonly _id: string } & Partial<D>; readonly update: Record<`$${string}`, unknown> };
type Native = Record<string, unknown>;

export async function insertAll<D extends { readonly _id: string }>(model: Kept, docs: readonly D[], session: ClientSession): Promise<void> {
  if (docs.length > 0) await model.collection.insertMany(docs as never, { session, ignoreUndefined: true });
}

/** Outside a transaction, of documents that may be there already: those stay as they are. */
export async function insertNew<D extends { readonly _id: string }>(model: Kept, docs: readonly D[]): Promise<void> {
  if (docs.length === 0) return;
  try {
    await model.collection.insertMany(docs as never, { ordered: false, ignoreUndefined: true });
  } catch (error) {
    const failed = (error as { writeErrors?: { code: number }[] | { code: number } }).writeErrors ?? [];
    const list = Array.isArray(failed) ? failed : [failed];
    if (list.length === 0 || list.some((e) => e.code !== 11000)) throw error;
  }
}

/** One update a document, each found by its id (and what else it must still be). Answers how many were. */
export async function updateAll<D extends { readonly _id: string }>(model: Kept, steps: readonly Step<D>[], session: ClientSession): Promise<number> {
  if (steps.length === 0) return 0;
  const done = await model.collection.bulkWrite(steps.map((s) => ({ updateOne: { filter: s.filter as Native, update: s.update as Native } })) as never, { session, ignoreUndefined: true });
  return done.matchedCount;
}
