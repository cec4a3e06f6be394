/** What drivers and people ask of the server itself. */
import { Int32, Long } from 'bson';
import { hostname } from 'node:os';
import { documentPrefix } from '../documents.ts';
import type { Engine } from '../engine.ts';
import { MongoError } from '../errors.ts';
import { afterPrefix } from '../keys.ts';
import { isNumber, toDouble, truthy, type Doc, type Value } from '../values.ts';
import { DDL } from './ddl.ts';
import type { Command } from './read.ts';
import { validate } from './validate.ts';

export const VERSION = '7.0.14';
const WIRE_VERSION = 21;
const startedAt = Date.now();

export const hello = (address: string): Command => (engine, _command, _db, call) => ({
  helloOk: true, ismaster: true, isWritablePrimary: true, secondary: false, setName: 'rs0', setVersion: new Int32(1), hosts: [address], primary: address, me: address,
  maxBsonObjectSize: new Int32(16 * 1024 * 1024), maxMessageSizeBytes: new Int32(48_000_000), maxWriteBatchSize: new Int32(100_000), localTime: new Date(),
  logicalSessionTimeoutMinutes: new Int32(30), connectionId: new Int32(call.connection), minWireVersion: new Int32(0), maxWireVersion: new Int32(WIRE_VERSION), readOnly: false,
  lastWrite: { opTime: { ts: engine.oplog.clock.last(), t: Long.fromNumber(1) }, lastWriteDate: new Date(), majorityOpTime: { ts: engine.oplog.clock.last(), t: Long.fromNumber(1) }, majorityWriteDate: new Date() }, ok: 1,
});
const done: Command = () => ({ ok: 1 });

/** Counts by walking: exact, and only asked for by people. */
function weigh(engine: Engine, wanted: ReturnType<Engine['catalog']['list']>): { count: number; size: number } {
  let [count, size] = [0, 0];
  for (const c of wanted) {
    const prefix = documentPrefix(c);
    for (const { value } of engine.storage.range({ start: prefix, end: afterPrefix(prefix) })) { count += 1; size += value.length; }
  }
  return { count, size };
}
const collStats: Command = (engine, command, db) => {
  const scale = isNumber(command['scale']) ? toDouble(command['scale']) : 1;
  const wanted = engine.catalog.list(db).filter((c) => c.name === command['collStats']);
  const { count, size } = weigh(engine, wanted);
  const indexes = wanted[0]?.indexes ?? [];
  return {
    ns: `${db}.${String(command['collStats'])}`, size: scaled(size, scale), count: new Int32(count), avgObjSize: new Int32(count === 0 ? 0 : Math.round(size / count)), storageSize: scaled(size, scale), capped: false,
    nindexes: new Int32(indexes.length), indexBuilds: (wanted[0]?.building ?? []).map((i) => i.name), totalIndexSize: new Int32(0), indexSizes: Object.fromEntries(indexes.map((i) => [i.name, new Int32(0)])), scaleFactor: new Int32(scale), ok: 1,
  };
};
const scaled = (bytes: number, scale: number): Long => Long.fromNumber(Math.round(bytes / scale));
const dbStats: Command = (engine, command, db) => {
  const scale = isNumber(command['scale']) ? toDouble(command['scale']) : 1;
  const wanted = engine.catalog.list(db);
  const { count, size } = weigh(engine, wanted);
  return {
    db, collections: new Int32(wanted.length), views: new Int32(0), objects: Long.fromNumber(count), avgObjSize: count === 0 ? 0 : size / count, dataSize: scaled(size, scale), storageSize: scaled(size, scale),
    indexes: new Int32(wanted.reduce((n, c) => n + c.indexes.length, 0)), indexSize: Long.ZERO, totalSize: scaled(size, scale), scaleFactor: new Int32(scale), fsUsedSize: scaled(engine.storage.fileBytes(), scale), ok: 1,
  };
};

const buildInfo: Command = () => ({
  version: VERSION, gitVersion: 'suanpan-store', versionArray: [...VERSION.split('.').map((n) => new Int32(Number(n))), new Int32(0)], modules: [], bits: new Int32(64), debug: false, maxBsonObjectSize: new Int32(16 * 1024 * 1024), storageEngines: ['lmdb'], ok: 1,
});
const serverStatus: Command = (engine) => {
  const memory = process.memoryUsage();
  const { sessions, transactions } = engine.sessions.counts();
  return {
    host: hostname(), version: VERSION, process: 'suanpan-store', pid: Long.fromNumber(process.pid), uptime: Math.floor((Date.now() - startedAt) / 1000), localTime: new Date(),
    storageEngine: { name: 'lmdb', supportsCommittedReads: true, persistent: true }, commits: Long.fromNumber(engine.storage.commits), fileBytes: Long.fromNumber(engine.storage.fileBytes()),
    mem: { bits: new Int32(64), resident: new Int32(Math.round(memory.rss / 2 ** 20)), heap: new Int32(Math.round(memory.heapUsed / 2 ** 20)), supported: true },
    logicalSessionRecordCache: { activeSessionsCount: new Int32(sessions) }, transactions: { currentOpen: Long.fromNumber(transactions) }, metrics: { cursor: { open: { total: Long.fromNumber(engine.cursors.count()) } } },
    connections: { current: new Int32(engine.connections()), available: new Int32(10_000) }, repl: { setName: 'rs0', isWritablePrimary: true }, ok: 1,
  };
};

const currentOp: Command = (engine) => ({
  inprog: engine.operations.list().map((op) => ({ type: 'op', opid: new Int32(op.id), active: true, connectionId: new Int32(op.connection), ns: `${op.db}.${String(Object.values(op.command)[0])}`, command: { [Object.keys(op.command)[0] ?? '']: 1 }, microsecs_running: Long.fromNumber(Math.round(op.ms * 1000)), killPending: op.killed })),
  ok: 1,
});
const killOp: Command = (engine, command) => {
  engine.operations.kill(isNumber(command['op']) ? toDouble(command['op']) : -1);
  return { info: 'attempting to kill op', ok: 1 };
};

const PARAMETERS: Doc = { featureCompatibilityVersion: { version: '7.0' }, enableTestCommands: false, authenticationMechanisms: [], requireApiVersion: false };
const getParameter: Command = (engine, command) => {
  const all: Doc = { ...PARAMETERS, ...engine.parameters.shown(), enableTestCommands: engine.failPoints !== undefined };
  if (command['getParameter'] === '*') return { ...all, ok: 1 };
  const asked = Object.keys(command).filter((k) => k in all);
  if (asked.length === 0) throw new MongoError(72, 'InvalidOptions', 'no option found to get');
  return { ...Object.fromEntries(asked.map((k) => [k, all[k]])), ok: 1 };
};
const setParameter: Command = (engine, command) => {
  if (!engine.failPoints) throw new MongoError(59, 'CommandNotFound', "no such command: 'setParameter' (only with --test-commands)");
  const [name, value] = Object.entries(command).find(([k]) => k !== 'setParameter' && !k.startsWith('$') && k !== 'lsid') ?? [];
  if (name === undefined) throw new MongoError(72, 'InvalidOptions', 'no option found to set, use help:true to see options');
  return { was: engine.parameters.set(name, value), ok: 1 };
};
const lsids = (list: Value): Doc[] => (Array.isArray(list) ? (list as Doc[]) : []);
const noScript = (name: string): Command => () => { throw new MongoError(59, 'CommandNotFound', `${name} runs script on the server, which this store never does`); };

export const ADMIN: Readonly<Record<string, Command>> = {
  ...DDL, ping: done, buildInfo, buildinfo: buildInfo, serverStatus, dbStats, dbstats: dbStats, collStats, collstats: collStats, validate, currentOp, killOp, getParameter, setParameter,
  connectionStatus: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }),
  whatsmyuri: (_engine, _command, _db, call) => ({ you: `127.0.0.1:${call.connection}`, ok: 1 }),
  hostInfo: () => ({ system: { hostname: hostname() }, os: { type: process.platform }, ok: 1 }), getCmdLineOpts: () => ({ argv: [], parsed: {}, ok: 1 }),
  getLog: (_engine, command) => { if (!truthy(command['getLog'])) throw new MongoError(2, 'BadValue', 'getLog wants a name'); return { log: [], totalLinesWritten: new Int32(0), ok: 1 }; },
  replSetGetStatus: (engine) => ({ set: 'rs0', myState: new Int32(1), term: Long.fromNumber(1), members: [{ _id: new Int32(0), state: new Int32(1), stateStr: 'PRIMARY', self: true, optime: { ts: engine.oplog.clock.last(), t: Long.fromNumber(1) } }], ok: 1 }),
  endSessions: (engine, command) => { engine.sessions.end(lsids(command['endSessions'])); return { ok: 1 }; },
  killSessions: (engine, command) => { engine.sessions.end(lsids(command['killSessions'])); return { ok: 1 }; },
  killAllSessions: (engine) => { engine.sessions.endAll(); return { ok: 1 }; }, killAllSessionsByPattern: (engine) => { engine.sessions.endAll(); return { ok: 1 }; },
  refreshSessions: done, startSession: () => { throw new MongoError(59, 'CommandNotFound', "no such command: 'startSession': drivers make session ids themselves"); },
  commitTransaction: (engine, command) => { engine.sessions.commit(command); return { ok: 1 }; },
  abortTransaction: (engine, command) => { engine.sessions.abort(command); return { ok: 1 }; },
  mapReduce: noScript('mapReduce'), eval: noScript('eval'), $eval: noScript('$eval'),
};
