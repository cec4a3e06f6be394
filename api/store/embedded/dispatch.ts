/** One command from its name to its reply: fail points, waiting for open transactions, flush, refusals in MongoDB's form. */
import { Double, Int32 } from 'bson';
import { refuseUnfit } from './commands/admission.ts';
import { refuseUnknownFields } from './commands/known-fields.ts';
import { cursorId, RawBatch, type Call, type Command } from './commands/read.ts';
import type { Engine } from './engine.ts';
import { IntentHeld, MongoError } from './errors.ts';
import type { FailPoints } from './failpoints.ts';
import { labelsOf } from './labels.ts';
import { slowLine } from './slow-log.ts';
import type { Operation } from './operations.ts';
import { isDoc, isNumber, toDouble, type Doc } from './values.ts';
import type { Reply } from './wire.ts';

/** Commands whose answer may not be given before the store has flushed. */
export const DURABLE = new Set([
  'insert', 'update', 'delete', 'findAndModify', 'findandmodify', 'aggregate', 'commitTransaction', 'createIndexes', 'create', 'drop', 'dropDatabase', 'dropIndexes', 'collMod', 'renameCollection',
]);
/** What a transaction writes is flushed by its commit; an aggregate that only reads sees only what was flushed. */
function isDurable(command: Doc, name: string): boolean {
  if (!DURABLE.has(name) || (command['autocommit'] === false && name !== 'commitTransaction')) return false;
  const last = name === 'aggregate' && Array.isArray(command['pipeline']) ? (command['pipeline'] as unknown[]).at(-1) : undefined;
  return name !== 'aggregate' || (isDoc(last) && ('$out' in last || '$merge' in last));
}
/** What may run inside a transaction. Source: the manual, "Transactions and Operations". */
const IN_TRANSACTION = new Set(['find', 'aggregate', 'distinct', 'insert', 'update', 'delete', 'findAndModify', 'findandmodify', 'getMore', 'killCursors', 'create', 'createIndexes', 'commitTransaction', 'abortTransaction']);
const LOCK_TRIES = 200;
const DONE = new Double(1);
const FAILED = new Double(0);
/** The connection is to be closed without an answer. */
export const CLOSE = Symbol('close');

export class Dispatcher {
  private readonly engine: Engine;
  private readonly failPoints: FailPoints | undefined;
  private readonly commands: Readonly<Record<string, Command>>;
  constructor(engine: Engine, commands: Readonly<Record<string, Command>>, failPoints: FailPoints | undefined) {
    this.engine = engine;
    this.failPoints = failPoints;
    this.commands = failPoints ? { ...commands, configureFailPoint: (_engine, command) => failPoints.configure(command) } : commands;
  }

  async run(command: Doc, call: Call): Promise<Reply | typeof CLOSE> {
    const name = Object.keys(command)[0] ?? '';
    const db = String(command['$db'] ?? 'admin');
    const hit = this.failPoints?.command(name, call.appName);
    if (hit && hit.blockMs > 0) await new Promise((resolve) => { setTimeout(resolve, hit.blockMs); });
    if (hit?.close) return CLOSE;
    // Whether an error may be answered by opening the stream again; a fail point before the cursor does not know.
    const ofStream = name === 'getMore' && !hit?.error && this.engine.cursors.isStream(cursorId(command));
    const op = this.engine.operations.begin(command, db, call.connection, name === 'getMore' ? 0 : numberOf(command['maxTimeMS']));
    let returned: number | undefined;
    try {
      if (hit?.error) throw hit.error;
      refuseUnfit(command, name);
      const work = Object.hasOwn(this.commands, name) ? this.commands[name] : undefined;
      if (!work) throw new MongoError(59, 'CommandNotFound', `no such command: '${name}'`);
      refuseUnknownFields(command, name);
      this.engine.sessions.use(command);
      if (command['autocommit'] === false && !IN_TRANSACTION.has(name)) throw new MongoError(263, 'OperationNotSupportedInTransaction', `Cannot run '${name}' in a multi-document transaction.`);
      if (this.engine.storage.isFull && (isDurable(command, name) || (DURABLE.has(name) && command['autocommit'] === false && name !== 'aggregate'))) await this.engine.storage.assertWritable();
      const reply = await this.attempt(work, command, db, call, op);
      if (isDurable(command, name)) await this.engine.storage.flushed();
      returned = returnedBy(reply);
      if (call.closeAfter) return CLOSE;
      return this.stamped(withConcern(reply, command, name, hit?.writeConcernError, hit?.labels));
    } catch (error) {
      if (command['autocommit'] === false && name !== 'commitTransaction' && name !== 'abortTransaction' && !hit?.error) this.endTransaction(command);
      if (call.closeAfter) return CLOSE;
      return this.stamped(refusal(error, command, name, hit?.labels, ofStream));
    } finally {
      this.engine.operations.end(op);
      if (op.ms > this.engine.parameters.slowms && !ofStream) process.stderr.write(`${slowLine(op, name, `${db}.${String(name === 'getMore' ? command['collection'] : command[name])}`, returned)}\n`);
    }
  }

  private stamped(reply: Doc): Reply {
    reply['ok'] = reply['ok'] === 0 ? FAILED : DONE;
    return { doc: reply, at: this.engine.oplog.clock.now() };
  }

  private async attempt(work: Command, command: Doc, db: string, call: Call, op: Operation): Promise<Doc> {
    for (let tries = 1; ; tries += 1) {
      try {
        call.op = op;
        return await work(this.engine, command, db, call);
      } catch (error) {
        if (!(error instanceof IntentHeld) || tries >= LOCK_TRIES) throw error;
        await error.ended;
      }
    }
  }

  private endTransaction(command: Doc): void {
    try {
      this.engine.sessions.abortAfterError(command);
    } catch {
      // It had ended already.
    }
  }
}

function returnedBy(reply: Doc): number | undefined {
  const cursor = reply['cursor'];
  const batch = isDoc(cursor) ? (cursor['firstBatch'] ?? cursor['nextBatch']) : undefined;
  if (batch instanceof RawBatch) return batch.rows.length;
  return isNumber(reply['n']) ? toDouble(reply['n']) : undefined;
}

/** A set of one node can give one acknowledgement: more is refused beside the answer, as a set does that has too few nodes. */
function concernError(command: Doc): Doc | undefined {
  const concern = command['writeConcern'];
  if (!isDoc(concern)) return undefined;
  const w = concern['w'];
  if (isNumber(w) && toDouble(w) > 1) return { code: new Int32(100), codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' };
  if (typeof w === 'string' && w !== 'majority') return { code: new Int32(79), codeName: 'UnknownReplWriteConcern', errmsg: `No write concern mode named '${w}' found in replica set configuration` };
  return undefined;
}

function withConcern(reply: Doc, command: Doc, name: string, forced: Doc | undefined, forcedLabels: readonly string[] | undefined): Doc {
  const concern = forced ?? (DURABLE.has(name) ? concernError(command) : undefined);
  if (!concern) return reply;
  const code = isNumber(concern['code']) ? toDouble(concern['code']) : undefined;
  const labels = forcedLabels ?? labelsOf(command, name, undefined, code);
  return { ...reply, writeConcernError: concern, ...(labels.length > 0 ? { errorLabels: [...labels] } : {}) };
}

function refusal(error: unknown, command: Doc, name: string, forcedLabels: readonly string[] | undefined, ofStream: boolean): Doc {
  const known = error instanceof MongoError ? error : new MongoError(8000, 'InternalError', error instanceof Error ? error.message : String(error));
  if (!(error instanceof MongoError)) process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  const labels = forcedLabels ?? [...new Set([...known.labels.filter((l) => l !== 'TransientTransactionError'), ...labelsOf(command, name, known.code, undefined, ofStream)])];
  return { ok: 0, errmsg: known.message, code: new Int32(known.code), codeName: known.codeName, ...(labels.length > 0 ? { errorLabels: [...labels] } : {}), ...known.extra };
}
const numberOf = (v: unknown): number => (isNumber(v) ? toDouble(v) : 0);
