import type { Collection, Db, Document, MongoClient } from 'mongodb';

type Row = { _id: string; n?: number; k?: number; list?: number[] };
/** What writers were told, to be compared with what is there after a kill. */
export type Told = { readonly singles: Set<string>; readonly bulks: Set<string>; readonly pairs: Set<string>; readonly counters: Map<string, { sure: number; unsure: number }>; acknowledged: number };

const BULK = 20;
const COUNTERS = 8;

/**
 * 64 writers at once: single inserts, bulks, increments that the driver retries, transactions of two documents in two
 * collections, and indexes that come and go. They write until `over` says so; each ends with its own last answer.
 */
export async function write64(client: MongoClient, db: Db, over: () => boolean, told: Told): Promise<void> {
  const c = (name: string): Collection<Row> => db.collection<Row>(name);
  const until = async (work: (i: number) => Promise<void>): Promise<void> => {
    for (let i = 0; !over(); i += 1) await work(i).catch(() => undefined);
  };
  const acknowledged = (n: number): void => { told.acknowledged += n; };
  const single = (w: number) => async (i: number): Promise<void> => {
    const _id = `s${w}-${i}`;
    await c('singles').insertOne({ _id, n: i, k: i % 7, list: [i, w] });
    told.singles.add(_id);
    acknowledged(1);
  };
  const bulk = (w: number) => async (i: number): Promise<void> => {
    const rows = Array.from({ length: BULK }, (_, n): Row => ({ _id: `b${w}-${i}-${n}`, n, k: i % 7 }));
    await c('singles').insertMany(rows);
    for (const { _id } of rows) told.bulks.add(_id);
    acknowledged(BULK);
  };
  const increment = (w: number) => async (): Promise<void> => {
    const _id = `c${w % COUNTERS}-${w}`;
    const count = told.counters.get(_id) ?? { sure: 0, unsure: 0 };
    told.counters.set(_id, count);
    try {
      await c('counters').updateOne({ _id }, { $inc: { n: 1 } }, { upsert: true });
      count.sure += 1;
      acknowledged(1);
    } catch (error) {
      count.unsure += 1;
      throw error;
    }
  };
  const pair = (w: number) => async (i: number): Promise<void> => {
    const _id = `p${w}-${i}`;
    await client.withSession(async (session) => {
      session.startTransaction();
      await c('left').insertOne({ _id, n: i }, { session });
      await c('right').insertOne({ _id, n: i }, { session });
      await session.commitTransaction();
    });
    told.pairs.add(_id);
    acknowledged(2);
  };
  const index = (w: number) => async (i: number): Promise<void> => {
    await c('singles').createIndex({ k: 1, n: w }, { name: `i${w}-${i % 3}` });
    if (i % 2 === 1) await c('singles').dropIndex(`i${w}-${i % 3}`);
  };
  await Promise.all(Array.from({ length: 64 }, (_, w) => until(w < 24 ? single(w) : w < 34 ? bulk(w) : w < 46 ? increment(w) : w < 62 ? pair(w) : index(w === 62 ? 1 : -1))));
}

/** What is wrong after a kill, in words; nothing when all is well. */
export async function lost(db: Db, told: Told): Promise<string[]> {
  const wrong: string[] = [];
  const ids = async (name: string): Promise<Set<string>> => new Set((await db.collection<Row>(name).find({}, { projection: { _id: 1 } }).toArray()).map((d) => d._id));
  const [singles, left, right] = [await ids('singles'), await ids('left'), await ids('right')];
  for (const id of [...told.singles, ...told.bulks]) if (!singles.has(id)) wrong.push(`acknowledged ${id} is lost`);
  for (const id of told.pairs) if (!left.has(id) || !right.has(id)) wrong.push(`acknowledged transaction ${id} is lost`);
  for (const id of left) if (!right.has(id)) wrong.push(`transaction ${id} is there by half`);
  for (const id of right) if (!left.has(id)) wrong.push(`transaction ${id} is there by half`);
  for (const id of singles) {
    const [, bulk] = /^(b\d+-\d+)-\d+$/.exec(id) ?? [];
    if (bulk && !singles.has(`${bulk}-${BULK - 1}`)) wrong.push(`bulk ${bulk} is there by part, which this store never does`);
  }
  const counters = new Map((await db.collection<Row>('counters').find().toArray()).map((d) => [d._id, d.n ?? 0]));
  for (const [id, { sure, unsure }] of told.counters) {
    const n = counters.get(id) ?? 0;
    if (n < sure || n > sure + unsure) wrong.push(`counter ${id} is ${n} after ${sure} acknowledged and ${unsure} unknown increments`);
  }
  for (const name of ['singles', 'left', 'right', 'counters']) {
    if ((await db.listCollections({ name }).toArray()).length === 0) continue;
    const found: Document = await db.command({ validate: name });
    if (!found['valid']) wrong.push(...(found['errors'] as string[]));
    if (found['nrecords'] !== await db.collection(name).countDocuments({})) wrong.push(`${name} counts otherwise than it holds`);
  }
  return [...new Set(wrong)];
}
