/** What is running: for currentOp, killOp and time limits. */
import { MongoError } from './errors.ts';
import type { Doc } from './values.ts';

export class Operation {
  readonly id: number;
  readonly command: Doc;
  readonly db: string;
  readonly connection: number;
  readonly since = performance.now();
  private deadline: number;
  killed = false;
  /** What a read found out about itself, for the log of slow ones. */
  plan = '';
  examined: { keys: number; docs: number; plan?: string } = { keys: 0, docs: 0 };

  constructor(id: number, command: Doc, db: string, connection: number, maxTimeMs: number) {
    this.id = id;
    this.command = command;
    this.db = db;
    this.connection = connection;
    this.deadline = maxTimeMs > 0 ? this.since + maxTimeMs : Infinity;
  }
  /** Long work asks here, now and then, whether it may go on. */
  check(): void {
    if (this.killed) throw new MongoError(11601, 'Interrupted', 'operation was interrupted');
    if (performance.now() > this.deadline) throw new MongoError(50, 'MaxTimeMSExpired', 'operation exceeded time limit');
  }
  /** A getMore has what its cursor's command left of its time. */
  limit(ms: number): void {
    this.deadline = Math.min(this.deadline, performance.now() + ms);
  }
  get left(): number {
    return this.deadline - performance.now();
  }
  get ms(): number {
    return performance.now() - this.since;
  }
}

export class Operations {
  private readonly running = new Map<number, Operation>();
  private next = 0;
  begin(command: Doc, db: string, connection: number, maxTimeMs: number): Operation {
    this.next += 1;
    const op = new Operation(this.next, command, db, connection, maxTimeMs);
    this.running.set(op.id, op);
    return op;
  }
  end(op: Operation): void {
    this.running.delete(op.id);
  }
  kill(id: number): void {
    const op = this.running.get(id);
    if (op) op.killed = true;
  }
  list(): Operation[] {
    return [...this.running.values()];
  }
}
