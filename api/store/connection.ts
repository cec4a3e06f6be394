import mongoose from 'mongoose';
import type { Log } from '../runtime/log.ts';

/** Connects mongoose and waits for a server that can write. */
export async function connectStore(uri: string, database: string): Promise<void> {
  mongoose.set('strictQuery', 'throw');
  mongoose.set('autoCreate', false);
  await mongoose.connect(uri, { dbName: database, serverSelectionTimeoutMS: 20_000, maxPoolSize: 64, retryWrites: true, w: 'majority' });
}

/** Makes the collections and the indexes that the models ask for; indexes that are there stay. */
export async function buildIndexes(log: Log): Promise<void> {
  const existing = new Set((await mongoose.connection.listCollections()).map((c) => c.name));
  for (const model of Object.values(mongoose.models)) {
    // A collection cannot be made inside a transaction on every server, so all are made now.
    if (!existing.has(model.collection.collectionName)) await model.createCollection();
    await model.createIndexes();
  }
  log.debug({ models: Object.keys(mongoose.models).length }, 'indexes built');
}

export const storeReached = async (): Promise<boolean> => {
  try {
    await mongoose.connection.db?.admin().ping();
    return mongoose.connection.readyState === 1;
  } catch {
    return false;
  }
};
export const disconnectStore = (): Promise<void> => mongoose.disconnect();

export type Proved = { readonly collection: string; readonly documents: number; readonly indexes: number; readonly errors: readonly string[] };
/** Each index of each collection against its documents, by the server's own `validate`. */
export async function* provedIndexes(): AsyncGenerator<Proved> {
  const { db } = mongoose.connection;
  if (!db) return;
  for (const { name, type } of await db.listCollections().toArray()) {
    if (type === 'view' || name.startsWith('system.')) continue;
    const found = await db.command({ validate: name });
    yield { collection: name, documents: Number(found['nrecords']), indexes: Number(found['nIndexes']), errors: [...(found['errors'] as string[]), ...(found['valid'] === true || (found['errors'] as string[]).length > 0 ? [] : ['not valid'])] };
  }
}
