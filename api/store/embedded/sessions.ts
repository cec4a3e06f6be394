/** Logical sessions: the open transaction of each, and what retryable writes answered. */
import { Binary, Long, Timestamp } from 'bson';
import type { Transaction } from 'lmdb';
import { badValue, MongoError } from './errors.ts';
import type { Parameters } from './parameters.ts';
import { keyText, type Bytes, type Put } from './storage.ts';
import { decode, encode, isDoc, isNumber, toDouble, type Doc, type Value } from './values.ts';
import { View, type Ground } from './view.ts';

const RETRY = 0x04;
const SESSION_LIMIT_MS = 30 * 60_000;
/** How long a snapshot can be read again by its time (MongoDB keeps 300 s; a pinned snapshot makes the file grow). */
const SNAPSHOT_LIMIT_MS = 60_000;
const MAX_SNAPSHOTS = 100;

type Open = { readonly number: bigint; readonly view: View; readonly since: number };
type Kept = { readonly number: bigint; readonly reply: Doc | undefined };
/** `kept`: the number of its newest retryable write in the store; null when there is none, undefined when it was not looked up. */
type Session = { open: Open | undefined; last: { number: bigint; state: 'committed' | 'aborted' } | undefined; used: number; kept: bigint | null | undefined };

const numberOf = (v: Value): bigint => (v instanceof Long ? v.toBigInt() : isNumber(v) ? BigInt(Math.trunc(toDouble(v))) : 0n);
const hexOf = (id: Binary): string => (id.buffer as Buffer).toString('hex', 0, id.position);
const noSuch = (message: string): MongoError => new MongoError(251, 'NoSuchTransaction', message);
const tooOld = (id: string, number: bigint, newest: bigint): MongoError =>
  new MongoError(225, 'TransactionTooOld', `Cannot start transaction ${number} on session ${id} because a newer transaction with txnNumber ${newest} has already started on this session.`);

export class Sessions {
  private readonly sessions = new Map<string, Session>();
  private readonly ground: Ground;
  private readonly snapshots = new Map<string, { readonly view: View; readonly hold: Transaction; readonly since: number }>();
  private readonly parameters: Parameters;
  constructor(ground: Ground, parameters: Parameters) {
    this.ground = ground;
    this.parameters = parameters;
  }

  private of(command: Doc): { id: string; session: Session } {
    const lsid = command['lsid'] as Doc | undefined;
    const id = isDoc(lsid) && lsid['id'] instanceof Binary ? hexOf(lsid['id']) : 'none';
    let session = this.sessions.get(id);
    if (!session) {
      session = { open: undefined, last: undefined, used: Date.now(), kept: undefined };
      this.sessions.set(id, session);
    }
    session.used = Date.now();
    return { id, session };
  }

  /** Notes that a session is used. */
  use(command: Doc): void {
    if (command['lsid'] !== undefined) this.of(command);
  }

  /** The view of a command: its transaction's (begun when it says so), else one of the newest state. */
  viewFor(command: Doc): View {
    if (command['autocommit'] !== false) return new View(this.ground);
    const { id, session } = this.of(command);
    const number = numberOf(command['txnNumber']);
    if (command['startTransaction'] === true) return this.begin(id, session, number);
    if (session.open && session.open.number === number) return session.open.view;
    const ended = this.endedAs(id, session, number);
    if (ended === 'committed') throw new MongoError(256, 'TransactionCommitted', `Transaction with { txnNumber: ${number} } has been committed.`);
    if (ended === 'aborted') throw noSuch(`Transaction with { txnNumber: ${number} } has been aborted.`);
    throw noSuch(`Given transaction number ${number} does not match any in-progress transactions. The active transaction number is ${session.open?.number ?? session.last?.number ?? -1}`);
  }

  private begin(id: string, session: Session, number: bigint): View {
    const newest = session.open?.number ?? session.last?.number ?? this.kept(id)?.number;
    if (newest !== undefined && number < newest) throw tooOld(id, number, newest);
    if (newest === number && (session.open ?? session.last)) throw new MongoError(117, 'ConflictingOperationInProgress', `Transaction ${number} on this session was started already.`);
    session.open?.view.close();
    session.open = { number, view: new View(this.ground, this.ground.storage.snapshot()), since: Date.now() };
    return session.open.view;
  }

  private endedAs(id: string, session: Session, number: bigint): 'committed' | 'aborted' | undefined {
    if (session.last?.number === number) return session.last.state;
    const kept = this.kept(id);
    return kept?.number === number && kept.reply === undefined ? 'committed' : undefined;
  }

  abort(command: Doc): void {
    const { id, session } = this.of(command);
    const number = numberOf(command['txnNumber']);
    if (!session.open || session.open.number !== number) {
      if (this.endedAs(id, session, number) === 'committed') throw new MongoError(256, 'TransactionCommitted', `Transaction ${number} has been committed`);
      throw noSuch(`Transaction ${number} has been aborted.`);
    }
    session.open.view.close();
    session.last = { number, state: 'aborted' };
    session.open = undefined;
  }
  /** After an error inside a transaction: it is over, as MongoDB ends it. */
  abortAfterError(command: Doc): void {
    const { session } = this.of(command);
    if (session.open?.number === numberOf(command['txnNumber'])) this.abort(command);
  }

  commit(command: Doc): void {
    if (command['autocommit'] !== false) throw new MongoError(50768, 'Location50768', 'commitTransaction must be run within a transaction');
    const { id, session } = this.of(command);
    const number = numberOf(command['txnNumber']);
    if (!session.open || session.open.number !== number) {
      if (this.endedAs(id, session, number) === 'committed') return; // a retried commit
      throw noSuch(session.last?.number === number ? `Transaction with { txnNumber: ${number} } has been aborted.` : `Given transaction number ${number} does not match any in-progress transactions.`);
    }
    const { view } = session.open;
    // Kept beside the writes: a commit that is asked again after a restart is told that it was done.
    if (view.overlay.size > 0) {
      session.kept = number;
      const put = this.row(id, { at: new Date(), number: Long.fromBigInt(number) });
      view.put(put.key, put.value, false);
    }
    view.commit({ lsid: command['lsid'], number: command['txnNumber'] });
    session.last = { number, state: 'committed' };
    session.open = undefined;
  }

  /** The view of a read outside a transaction; a snapshot of a past time when the session reads so. */
  readView(command: Doc): { readonly view: View; readonly own: boolean; readonly atClusterTime?: Timestamp } {
    if (command['autocommit'] === false) return { view: this.viewFor(command), own: false };
    const concern = command['readConcern'];
    if (!isDoc(concern) || concern['level'] !== 'snapshot') return { view: new View(this.ground, this.ground.storage.snapshot()), own: true };
    const asked = concern['atClusterTime'];
    if (asked === undefined) {
      const at = this.ground.oplog.clock.now();
      if (!this.snapshots.has(at.toString())) {
        if (this.snapshots.size >= MAX_SNAPSHOTS) this.dropSnapshots(0);
        const hold = this.ground.storage.snapshot();
        this.snapshots.set(at.toString(), { view: new View(this.ground, hold), hold, since: Date.now() });
      }
      return { view: this.snapshots.get(at.toString())!.view, own: false, atClusterTime: at };
    }
    if (!(asked instanceof Timestamp)) throw badValue('atClusterTime must be a timestamp');
    const kept = this.snapshots.get(asked.toString());
    if (!kept) throw new MongoError(239, 'SnapshotTooOld', `Read timestamp ${asked.toString()} is older than the oldest available timestamp.`);
    return { view: kept.view, own: false, atClusterTime: asked };
  }
  private dropSnapshots(olderThanMs: number): void {
    for (const [at, s] of this.snapshots) {
      if (Date.now() - s.since < olderThanMs) continue;
      s.view.close();
      this.snapshots.delete(at);
    }
  }

  end(ids: readonly Doc[]): void {
    for (const lsid of ids) {
      const id = lsid['id'] instanceof Binary ? hexOf(lsid['id']) : '';
      this.sessions.get(id)?.open?.view.close();
      this.sessions.delete(id);
    }
  }
  endAll(): void {
    for (const s of this.sessions.values()) s.open?.view.close();
    this.sessions.clear();
  }
  list(): Doc[] {
    return [...this.sessions].map(([id, s]) => ({ _id: { id: new Binary(Buffer.from(id === 'none' ? '' : id, 'hex'), 4) }, lastUse: new Date(s.used) }));
  }
  counts(): { readonly sessions: number; readonly transactions: number } {
    return { sessions: this.sessions.size, transactions: [...this.sessions.values()].filter((s) => s.open).length };
  }

  /** Transactions that stand open too long hold a snapshot and intents: they end. */
  sweep(): void {
    const now = Date.now();
    this.dropSnapshots(SNAPSHOT_LIMIT_MS);
    for (const [id, s] of this.sessions) {
      if (s.open && now - s.open.since > this.parameters.transactionLifetimeLimitSeconds * 1000) {
        s.open.view.close();
        s.last = { number: s.open.number, state: 'aborted' };
        s.open = undefined;
      }
      if (!s.open && now - s.used > SESSION_LIMIT_MS) this.sessions.delete(id);
    }
  }

  private row(id: string, row: Doc): { key: Bytes; value: Bytes } {
    return { key: Buffer.concat([Buffer.from([RETRY]), Buffer.from(id)]), value: encode(row) };
  }
  private kept(id: string): Kept | undefined {
    const found = this.ground.storage.get(Buffer.concat([Buffer.from([RETRY]), Buffer.from(id)]));
    if (!found) return undefined;
    const row = decode(found);
    return { number: numberOf(row['number']), reply: isDoc(row['reply']) ? row['reply'] : undefined };
  }
  /** What this very write answered before, if it came already. */
  answered(command: Doc): Doc | undefined {
    if (command['txnNumber'] === undefined || command['autocommit'] === false) return undefined;
    const { id, session } = this.of(command);
    const number = numberOf(command['txnNumber']);
    if (session.kept === undefined) session.kept = this.kept(id)?.number ?? null;
    if (session.kept === number) {
      const reply = this.kept(id)?.reply;
      if (reply) return reply;
    }
    if (session.kept !== null && session.kept > number) throw tooOld(id, number, session.kept);
    if (session.open && session.open.number <= number) {
      session.open.view.close();
      session.last = { number: session.open.number, state: 'aborted' };
      session.open = undefined;
    }
    return undefined;
  }
  /** Kept in the same step as the write itself, so that a retry after a crash does not write twice. A session keeps its newest. */
  remember(view: View, command: Doc, reply: Doc): void {
    if (command['txnNumber'] === undefined || command['autocommit'] === false) return;
    const { id, session } = this.of(command);
    session.kept = numberOf(command['txnNumber']);
    const put = this.row(id, { at: new Date(), number: Long.fromBigInt(session.kept), reply });
    view.put(put.key, put.value, false);
  }
  /** Retry records of more than half an hour are of sessions that have ended. */
  sweepRetries(): void {
    const old = Date.now() - SESSION_LIMIT_MS;
    const gone = new Map<string, Put>();
    for (const { key, value } of this.ground.storage.range({ start: Buffer.from([RETRY]), end: Buffer.from([RETRY + 1]) })) {
      if ((decode(value)['at'] as Date).getTime() < old) gone.set(keyText(key), { key, value: null });
    }
    this.ground.storage.apply(gone);
  }
}
