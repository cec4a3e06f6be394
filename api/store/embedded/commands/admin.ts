import { Binary, Int32, Long, Timestamp } from 'bson';
import type { Index } from '../catalog.ts';
import { documentPrefix } from '../documents.ts';
import { MongoError } from '../errors.ts';
import { afterPrefix } from '../keys.ts';
import { compileFilter } from '../match.ts';
import { equal, isDoc, type Doc, type Value } from '../values.ts';
import { RawBatch, type Command } from './read.ts';
import { encode } from '../values.ts';

export const VERSION = '7.0.14';
const startedAt = Date.now();

export const hello = (address: string): Command => (_engine, _command, _db, call) => ({
  helloOk: true, ismaster: true, isWritablePrimary: true, secondary: false, setName: 'rs0', setVersion: new Int32(1), hosts: [address], primary: address, me: address,
  maxBsonObjectSize: new Int32(16 * 1024 * 1024), maxMessageSizeBytes: new Int32(48_000_000), maxWriteBatchSize: new Int32(100_000), localTime: new Date(),
  logicalSessionTimeoutMinutes: new Int32(30), connectionId: new Int32(call.connection), minWireVersion: new Int32(0), maxWireVersion: new Int32(21), readOnly: false,
  lastWrite: { lastWriteDate: new Date(), majorityWriteDate: new Date() }, ok: 1,
});
const done: Command = () => ({ ok: 1 });

const names = (db: string, rows: readonly Doc[], coll: string): Doc => ({ cursor: { id: Long.ZERO, ns: `${db}.${coll}`, firstBatch: new RawBatch(rows.map((r) => encode(r))) }, ok: 1 });

const listCollections: Command = (engine, command, db) => {
  const test = compileFilter((command['filter'] as Doc | undefined) ?? {});
  const rows = engine.catalog.list(db).map((c) => ({ name: c.name, type: 'collection', options: c.options, info: { readOnly: false }, idIndex: { v: new Int32(2), key: { _id: new Int32(1) }, name: '_id_' } }));
  return names(db, rows.filter(test), '$cmd.listCollections');
};
const indexRow = (i: Index): Doc => ({ v: new Int32(2), ...Object.fromEntries(Object.entries(i.options).filter(([k]) => !['id', 'multikey', 'unique', 'sparse', 'v'].includes(k))), key: i.key, name: i.name, ...(i.unique && i.name !== '_id_' ? { unique: true } : {}), ...(i.sparse ? { sparse: true } : {}) });
const listIndexes: Command = (engine, command, db) => {
  const collection = engine.catalog.get(`${db}.${String(command['listIndexes'])}`);
  if (!collection) throw new MongoError(26, 'NamespaceNotFound', `ns does not exist: ${db}.${String(command['listIndexes'])}`);
  return names(db, collection.indexes.map(indexRow), collection.name);
};
const createIndexes: Command = (engine, command, db) => {
  const ns = `${db}.${String(command['createIndexes'])}`;
  const existed = Boolean(engine.catalog.get(ns));
  const collection = engine.catalog.open(ns);
  const before = collection.indexes.length;
  for (const spec of command['indexes'] as Doc[]) engine.createIndex(collection, spec);
  return { numIndexesBefore: new Int32(before), numIndexesAfter: new Int32(collection.indexes.length), createdCollectionAutomatically: !existed, ok: 1 };
};
const dropIndexes: Command = (engine, command, db) => {
  const collection = engine.catalog.get(`${db}.${String(command['dropIndexes'])}`);
  if (!collection) throw new MongoError(26, 'NamespaceNotFound', 'ns not found');
  const wanted = command['index'];
  const before = collection.indexes.length;
  for (const one of Array.isArray(wanted) ? (wanted as Value[]) : [wanted]) {
    const hit = collection.indexes.filter((i) => i.name !== '_id_' && (one === '*' || i.name === one || (isDoc(one) && equal(i.key, one))));
    if (hit.length === 0 && one !== '*') throw new MongoError(27, 'IndexNotFound', `index not found with name [${String(one)}]`);
    for (const index of hit) engine.dropIndex(collection, index);
  }
  return { nIndexesWas: new Int32(before), ok: 1 };
};
const create: Command = (engine, command, db) => {
  const ns = `${db}.${String(command['create'])}`;
  for (const option of ['capped', 'timeseries', 'viewOn', 'validator', 'collation', 'clusteredIndex']) {
    if (command[option] !== undefined && command[option] !== false && !(isDoc(command[option]) && Object.keys(command[option]).length === 0)) throw new MongoError(303, 'NotImplemented', `create with ${option} is not supported by this store`);
  }
  if (engine.catalog.get(ns)) throw new MongoError(48, 'NamespaceExists', `Collection ${ns} already exists.`);
  engine.catalog.open(ns);
  return { ok: 1 };
};
const drop: Command = (engine, command, db) => {
  const collection = engine.catalog.get(`${db}.${String(command['drop'])}`);
  if (collection) engine.dropCollection(collection);
  return { ns: `${db}.${String(command['drop'])}`, nIndexesWas: new Int32(collection?.indexes.length ?? 0), ok: 1 };
};
const dropDatabase: Command = (engine, _command, db) => {
  for (const collection of engine.catalog.list(db)) engine.dropCollection(collection);
  return { dropped: db, ok: 1 };
};
const listDatabases: Command = (engine) => {
  const databases = [...new Set(engine.catalog.list().map((c) => c.db))].map((name) => ({ name, sizeOnDisk: Long.fromNumber(0), empty: false }));
  return { databases, totalSize: Long.fromNumber(0), ok: 1 };
};
const stats: Command = (engine, command, db) => {
  const wanted = command['collStats'] ? engine.catalog.list(db).filter((c) => c.name === command['collStats']) : engine.catalog.list(db);
  let [count, size] = [0, 0];
  for (const c of wanted) {
    const prefix = documentPrefix(c);
    for (const { value } of engine.storage.range({ start: prefix, end: afterPrefix(prefix) })) { count += 1; size += value.length; }
  }
  return { ns: db, count: new Int32(count), objects: new Int32(count), size: Long.fromNumber(size), dataSize: Long.fromNumber(size), storageSize: Long.fromNumber(size), nindexes: new Int32(wanted.reduce((n, c) => n + c.indexes.length, 0)), collections: new Int32(wanted.length), ok: 1 };
};
const buildInfo: Command = () => ({ version: VERSION, versionArray: VERSION.split('.').map((n) => new Int32(Number(n))).concat(new Int32(0)), modules: [], bits: new Int32(64), maxBsonObjectSize: new Int32(16 * 1024 * 1024), storageEngines: ['lmdb'], ok: 1 });
const serverStatus: Command = () => ({ version: VERSION, process: 'suanpan-store', pid: Long.fromNumber(process.pid), uptime: Math.floor((Date.now() - startedAt) / 1000), storageEngine: { name: 'lmdb' }, mem: { resident: new Int32(Math.round(process.memoryUsage.rss() / 2 ** 20)) }, ok: 1 });

export const ADMIN: Readonly<Record<string, Command>> = {
  ping: done, buildInfo, buildinfo: buildInfo, serverStatus, listCollections, listIndexes, createIndexes, dropIndexes, create, drop, dropDatabase, listDatabases, dbStats: stats, collStats: stats,
  getParameter: () => ({ ok: 1 }), connectionStatus: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }), replSetGetStatus: () => ({ set: 'rs0', myState: new Int32(1), ok: 1 }),
  endSessions: (engine, command) => { engine.sessions.end(command['endSessions'] as Doc[]); return { ok: 1 }; },
  killSessions: (engine, command) => { engine.sessions.end(command['killSessions'] as Doc[]); return { ok: 1 }; },
  refreshSessions: done, killAllSessions: (engine) => { engine.sessions.endAll(); return { ok: 1 }; },
  commitTransaction: (engine, command) => { engine.sessions.commit(command); return { ok: 1 }; },
  abortTransaction: (engine, command) => { engine.sessions.abort(command); return { ok: 1 }; },
};
let last = { t: 0, i: 0 };
/** A time that grows with every reply: seconds, then a count. */
export function operationTime(): Timestamp {
  const t = Math.floor(Date.now() / 1000);
  last = t > last.t ? { t, i: 1 } : { t: last.t, i: last.i + 1 };
  return new Timestamp(last);
}
export const clusterTime = (at: Timestamp): Doc => ({ clusterTime: at, signature: { hash: new Binary(Buffer.alloc(20)), keyId: Long.ZERO } });
