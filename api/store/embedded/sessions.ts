/** Logical sessions: the open transaction of each, and what retryable writes answered. */
import { Binary, Long } from 'bson';
import { MongoError } from './errors.ts';
import type { Bytes, Storage } from './storage.ts';
import { decode, encode, isNumber, toDouble, type Doc, type Value } from './values.ts';
import { Intents, View } from './view.ts';

const RETRY = 0x04;
const TRANSACTION_LIMIT_MS = 60_000;
const SESSION_LIMIT_MS = 30 * 60_000;

type Open = { readonly number: string; readonly view: View; readonly since: number };
type Session = { open: Open | undefined; last: { number: string; state: 'committed' | 'aborted' } | undefined; used: number };

export const numberText = (v: Value): string => (v instanceof Long ? v.toString() : isNumber(v) ? String(toDouble(v)) : '0');
const labelled = (message: string): MongoError => new MongoError(251, 'NoSuchTransaction', message, ['TransientTransactionError']);

export class Sessions {
  readonly intents = new Intents();
  private readonly sessions = new Map<string, Session>();
  private readonly storage: Storage;
  constructor(storage: Storage) {
    this.storage = storage;
  }

  private of(command: Doc): { id: string; session: Session } {
    const lsid = command['lsid'] as Doc | undefined;
    const id = lsid?.['id'] instanceof Binary ? lsid['id'].toString('hex') : 'none';
    let session = this.sessions.get(id);
    if (!session) {
      session = { open: undefined, last: undefined, used: Date.now() };
      this.sessions.set(id, session);
    }
    session.used = Date.now();
    return { id, session };
  }

  /** The view of a command: its transaction's (begun when it says so), else a fresh one. */
  viewFor(command: Doc): View {
    if (command['autocommit'] !== false) return new View(this.storage, this.intents);
    const { session } = this.of(command);
    const number = numberText(command['txnNumber']);
    if (command['startTransaction'] === true) {
      session.open?.view.close();
      session.open = { number, view: new View(this.storage, this.intents, this.storage.snapshot()), since: Date.now() };
      return session.open.view;
    }
    if (!session.open || session.open.number !== number) throw labelled(`Given transaction number ${number} does not match any in-progress transactions.`);
    return session.open.view;
  }

  abort(command: Doc): void {
    const { session } = this.of(command);
    const number = numberText(command['txnNumber']);
    if (!session.open || session.open.number !== number) {
      if (session.last?.number === number && session.last.state === 'committed') throw new MongoError(256, 'TransactionCommitted', `Transaction ${number} has been committed`);
      throw labelled(`Transaction ${number} has been aborted.`);
    }
    session.open.view.close();
    session.last = { number, state: 'aborted' };
    session.open = undefined;
  }
  /** After an error inside a transaction: it is over, as MongoDB ends it. */
  abortAfterError(command: Doc): void {
    const { session } = this.of(command);
    if (session.open?.number === numberText(command['txnNumber'])) this.abort(command);
  }

  commit(command: Doc): void {
    const { session } = this.of(command);
    const number = numberText(command['txnNumber']);
    if (session.last?.number === number && session.last.state === 'committed') return; // a retried commit
    if (!session.open || session.open.number !== number) throw labelled(`Transaction ${number} has been aborted.`);
    session.open.view.commit();
    session.last = { number, state: 'committed' };
    session.open = undefined;
  }

  end(ids: readonly Doc[]): void {
    for (const lsid of ids) {
      const id = lsid['id'] instanceof Binary ? lsid['id'].toString('hex') : '';
      this.sessions.get(id)?.open?.view.close();
      this.sessions.delete(id);
    }
  }

  endAll(): void {
    for (const [id, s] of this.sessions) {
      s.open?.view.close();
      this.sessions.delete(id);
    }
  }

  /** Transactions that stand open too long hold a snapshot and intents: they end. */
  sweep(): void {
    const now = Date.now();
    for (const [id, s] of this.sessions) {
      if (s.open && now - s.open.since > TRANSACTION_LIMIT_MS) {
        s.open.view.close();
        s.last = { number: s.open.number, state: 'aborted' };
        s.open = undefined;
      }
      if (!s.open && now - s.used > SESSION_LIMIT_MS) this.sessions.delete(id);
    }
  }

  private retryKey(command: Doc): Bytes | undefined {
    if (command['txnNumber'] === undefined || command['autocommit'] === false) return undefined;
    return Buffer.concat([Buffer.from([RETRY]), Buffer.from(`${this.of(command).id}:${numberText(command['txnNumber'])}`)]);
  }
  /** What this very write answered before, if it came already. */
  answered(command: Doc): Doc | undefined {
    const key = this.retryKey(command);
    const kept = key ? this.storage.get(key) : undefined;
    return kept ? (decode(kept)['reply'] as Doc) : undefined;
  }
  /** Kept in the same step as the write itself, so that a retry after a crash does not write twice. */
  remember(view: View, command: Doc, reply: Doc): void {
    const key = this.retryKey(command);
    if (key) view.put(key, encode({ at: new Date(), reply }), false);
  }
  /** Retry records of more than half an hour are of sessions that have ended. */
  sweepRetries(): void {
    const old = Date.now() - SESSION_LIMIT_MS;
    const gone = new Map<string, null>();
    for (const { key, value } of this.storage.range({ start: Buffer.from([RETRY]), end: Buffer.from([RETRY + 1]) })) {
      if ((decode(value)['at'] as Date).getTime() < old) gone.set(key.toString('latin1'), null);
    }
    this.storage.apply(gone);
  }
}
