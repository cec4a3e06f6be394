/** Connections on loopback, commands to the engine, refusals in MongoDB's form. */
import { createServer, type Server, type Socket } from 'node:net';
import { ADMIN, hello } from './commands/status.ts';
import { aggregate, count, distinct, findCommand, getMore, killCursors, type Call, type Command } from './commands/read.ts';
import { explain } from './commands/explain.ts';
import { findAndModify, insert, remove, update } from './commands/write.ts';
import type { Engine } from './engine.ts';
import { CLOSE, Dispatcher } from './dispatch.ts';
import { removeExpired } from './expiry.ts';
import { FailPoints } from './failpoints.ts';
import { Operation } from './operations.ts';
import { isDoc } from './values.ts';
import { MAX_MESSAGE, parseMessage, replyTo } from './wire.ts';

const WRITES: Readonly<Record<string, Command>> = { insert, update, delete: remove, findAndModify, findandmodify: findAndModify };
const READS: Readonly<Record<string, Command>> = { find: findCommand, getMore, killCursors, aggregate, count, distinct, explain };
const IDLE = new Operation(0, {}, '', 0, 0);
const SWEEP_MS = 1_000;

export class StoreServer {
  private readonly engine: Engine;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly sweeper: NodeJS.Timeout;
  private readonly failPoints: FailPoints | undefined;
  private dispatcher: Dispatcher | undefined;
  private connections = 0;
  private expiring: Promise<void> | undefined;
  private expired = performance.now();

  constructor(engine: Engine, options: { readonly testCommands?: boolean } = {}) {
    this.engine = engine;
    this.failPoints = options.testCommands ? new FailPoints() : undefined;
    engine.failPoints = this.failPoints;
    const { failPoints } = this;
    if (failPoints) engine.storage.holdFlush = () => failPoints.flushAllowed();
    engine.connections = () => this.sockets.size;
    this.server = createServer((socket) => this.connected(socket));
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS);
    this.sweeper.unref();
    engine.sessions.sweepRetries();
  }

  private sweep(): void {
    const { engine } = this;
    engine.sessions.sweep();
    engine.cursors.sweep();
    engine.oplog.trim();
    const { ttlMonitorEnabled, ttlMonitorSleepSecs } = engine.parameters;
    if (this.expiring || !ttlMonitorEnabled || performance.now() - this.expired < ttlMonitorSleepSecs * 1000) return;
    this.expiring = removeExpired(engine).then(() => undefined, (error: unknown) => void process.stderr.write(`removing expired documents: ${String(error)}\n`))
      .finally(() => { [this.expiring, this.expired] = [undefined, performance.now()]; });
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    const bound = (this.server.address() as { port: number }).port;
    const greet = hello(`127.0.0.1:${bound}`);
    this.dispatcher = new Dispatcher(this.engine, { ...ADMIN, ...READS, ...WRITES, hello: greet, isMaster: greet, ismaster: greet }, this.failPoints);
    return bound;
  }

  private connected(socket: Socket): void {
    socket.setNoDelay(true);
    this.sockets.add(socket);
    this.connections += 1;
    const call: Call = { connection: this.connections, appName: undefined, closeAfter: false, op: IDLE, raw: undefined };
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
        turn = turn.then(() => this.answer(socket, call, bytes)).catch(() => void socket.destroy());
      }
    });
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }

  private async answer(socket: Socket, call: Call, bytes: Buffer): Promise<void> {
    const message = parseMessage(bytes);
    const { command } = message;
    const client = command['client'];
    if (isDoc(client) && isDoc(client['application'])) call.appName = String(client['application']['name']);
    call.raw = message.raw;
    const reply = await this.dispatcher!.run(command, call);
    if (reply === CLOSE) return void socket.destroy();
    if (message.wantsReply && !socket.destroyed) socket.write(replyTo(message, reply));
  }

  async close(): Promise<void> {
    clearInterval(this.sweeper);
    await this.expiring;
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    await this.engine.close();
  }
}
