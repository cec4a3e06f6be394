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

async function commitOf<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
  const session = await mongoose.connection.startSession();
  try {
    // `withTransaction` of the driver: retries on TransientTransactionError and UnknownTransactionCommitResult.
    let result: T | undefined;
    await session.withTransaction(async () => {
      result = await work(session);
    }, { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } });
    return result as T;
  } finally {
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
