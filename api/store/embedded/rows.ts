/** Rows on their way through a plan or a pipeline. Long work gives PAUSE between rows, so that its caller can let others in. */
import type { Doc } from './bson.ts';

export const PAUSE = Symbol('let others in');
export type Pause = typeof PAUSE;
export type Row = Doc | Pause;
export type Rows<T = Doc> = Iterable<T | Pause>;

/** The longest that work holds the thread before it offers to let others in. */
const SLICE_MS = 3;
/** Looking at the clock costs; it is done once in so many rows. */
const STRIDE = 64;

/** Says when it is time to pause: every few milliseconds of work since the last pause of anybody. */
export class Breather {
  private since = performance.now();
  private rows = 0;
  due(): boolean {
    this.rows += 1;
    if (this.rows % STRIDE !== 0) return false;
    const now = performance.now();
    if (now - this.since < SLICE_MS) return false;
    this.since = now;
    return true;
  }
}

/** Lets other clients in between two steps of long work. */
export const breathe = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** The result of work that pauses; `check` says, after each pause, whether it may go on. */
export async function finished<T>(work: Generator<unknown, T>, check: () => void): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await breathe();
    check();
  }
}

/** Without the pauses, for callers that cannot wait. */
export function* plain<T>(rows: Rows<T>): Generator<T> {
  for (const row of rows) if (row !== PAUSE) yield row as T;
}
