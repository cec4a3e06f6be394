import { AsyncLocalStorage } from 'node:async_hooks';
import mongoose, { type ClientSession } from 'mongoose';

export type Transact = {
  /** Runs `work` in one transaction; run again from the start on a transient conflict, so it must have no other effect. */
  <T>(work: (session: ClientSession) => Promise<T>): Promise<T>;
  /** The same, then undone: what would happen, without it happening. */
  dryRun<T>(work: (session: ClientSession) => Promise<T>): Promise<T>;
};

const MAX_TRIES = 40;
const isTransient = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'hasErrorLabel' in error && (error as { hasErrorLabel(l: string): boolean }).hasErrorLabel('TransientTransactionError');

/**
 * Who has met a conflict goes on alone: of sixty-four who want the same row, each would otherwise meet the same conflict again and again
 * (ten tries each were counted; in a row it is two). Only those wait that would not get through anyhow. A transaction inside another
 * that is alone already does not wait for it.
 */
let last: Promise<void> = Promise.resolve();
const alone = new AsyncLocalStorage<true>();
async function inRow(): Promise<() => void> {
  const before = last;
  let done = (): void => undefined;
  last = new Promise((resolve) => { done = resolve; });
  await before;
  return done;
}

async function commitOf<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
  const session = await mongoose.connection.startSession();
  let leave: (() => void) | undefined;
  try {
    // `withTransaction` of the driver: retries on TransientTransactionError and UnknownTransactionCommitResult.
    let result: T | undefined;
    let tries = 0;
    await session.withTransaction(async () => {
      tries += 1;
      if (tries > 1 && !leave && !alone.getStore()) leave = await inRow();
      result = await (leave ? alone.run(true, () => work(session)) : work(session));
    }, { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } });
    return result as T;
  } finally {
    leave?.();
    await session.endSession();
  }
}

async function abortOf<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const session = await mongoose.connection.startSession();
    session.startTransaction({ readConcern: { level: 'snapshot' } });
    try {
      return await work(session);
    } catch (error) {
      if (!isTransient(error) || tries >= MAX_TRIES) throw error;
    } finally {
      await session.abortTransaction().catch(() => undefined);
      await session.endSession();
    }
  }
}

export const transact: Transact = Object.assign(commitOf, { dryRun: abortOf });
