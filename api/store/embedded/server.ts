/** Connections on loopback, commands to the engine, refusals in MongoDB's form. */
import { Double, Int32 } from 'bson';
import { createServer, type Server, type Socket } from 'node:net';
import { ADMIN, clusterTime, hello, operationTime } from './commands/admin.ts';
import { aggregate, count, distinct, explain, findCommand, getMore, killCursors, type Command } from './commands/read.ts';
import { findAndModify, insert, remove, update } from './commands/write.ts';
import type { Engine } from './engine.ts';
import { IntentHeld, MongoError } from './errors.ts';
import type { Doc } from './values.ts';
import { MAX_MESSAGE, parseMessage, replyTo, type Message } from './wire.ts';

const WRITES: Readonly<Record<string, Command>> = { insert, update, delete: remove, findAndModify, findandmodify: findAndModify };
const READS: Readonly<Record<string, Command>> = { find: findCommand, getMore, killCursors, aggregate, count, distinct, explain };
/** Commands whose answer may not be given before the store has flushed. */
const DURABLE = new Set([...Object.keys(WRITES), 'aggregate', 'commitTransaction', 'createIndexes', 'create', 'drop', 'dropDatabase', 'dropIndexes']);
const LOCK_TRIES = 200;
const SWEEP_MS = 5_000;

export class StoreServer {
  private readonly engine: Engine;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly sweeper: NodeJS.Timeout;
  private commands: Readonly<Record<string, Command>> = {};

  constructor(engine: Engine) {
    this.engine = engine;
    this.server = createServer((socket) => this.connected(socket));
    this.sweeper = setInterval(() => { engine.sessions.sweep(); engine.cursors.sweep(); }, SWEEP_MS);
    this.sweeper.unref();
    engine.sessions.sweepRetries();
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    const bound = (this.server.address() as { port: number }).port;
    const greet = hello(`127.0.0.1:${bound}`);
    this.commands = { ...ADMIN, ...READS, ...WRITES, hello: greet, isMaster: greet, ismaster: greet };
    return bound;
  }

  private connected(socket: Socket): void {
    socket.setNoDelay(true);
    this.sockets.add(socket);
    let waiting: Buffer = Buffer.alloc(0);
    // Answers keep the order of the questions on each connection.
    let turn: Promise<void> = Promise.resolve();
    socket.on('data', (chunk) => {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      while (waiting.length >= 16) {
        const size = waiting.readInt32LE(0);
        if (size < 16 || size > MAX_MESSAGE) return void socket.destroy();
        if (waiting.length < size) return;
        const bytes = waiting.subarray(0, size);
        waiting = waiting.subarray(size);
        turn = turn.then(() => this.answer(socket, bytes)).catch(() => void socket.destroy());
      }
    });
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }

  private async answer(socket: Socket, bytes: Buffer): Promise<void> {
    const message = parseMessage(bytes);
    const reply = await this.run(message);
    if (message.wantsReply && !socket.destroyed) socket.write(replyTo(message, reply));
  }

  private async run({ command }: Message): Promise<Doc> {
    const name = Object.keys(command)[0] ?? '';
    const db = String(command['$db'] ?? 'admin');
    try {
      const work = Object.hasOwn(this.commands, name) ? this.commands[name] : undefined;
      if (!work) throw new MongoError(59, 'CommandNotFound', `no such command: '${name}'`);
      const reply = await this.attempt(work, command, db);
      if (DURABLE.has(name) && command['autocommit'] !== false || name === 'commitTransaction') await this.engine.storage.flushed();
      return stamped(reply);
    } catch (error) {
      if (command['autocommit'] === false && name !== 'commitTransaction' && name !== 'abortTransaction' && error instanceof MongoError) this.endTransaction(command);
      return stamped(refusal(error));
    }
  }

  private async attempt(work: Command, command: Doc, db: string): Promise<Doc> {
    for (let tries = 1; ; tries += 1) {
      try {
        return work(this.engine, command, db);
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

  async close(): Promise<void> {
    clearInterval(this.sweeper);
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    await this.engine.storage.close();
  }
}

function refusal(error: unknown): Doc {
  const known = error instanceof MongoError ? error : new MongoError(8000, 'InternalError', error instanceof Error ? error.message : String(error));
  if (!(error instanceof MongoError)) process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return { ok: 0, errmsg: known.message, code: new Int32(known.code), codeName: known.codeName, ...(known.labels.length > 0 ? { errorLabels: [...known.labels] } : {}), ...known.extra };
}
function stamped(reply: Doc): Doc {
  const at = operationTime();
  return { ...reply, ok: new Double(reply['ok'] === 0 ? 0 : 1), $clusterTime: clusterTime(at), operationTime: at };
}
