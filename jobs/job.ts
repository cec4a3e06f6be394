import type { Both } from '../api/contract/route.ts';
import type { Runtime } from '../api/runtime/runtime.ts';

/** One job: a name, how often, and the one workflow that it calls. The answer is plain counts. */
export type JobTask = {
  readonly name: string;
  readonly title: Both;
  /** `10s`, `1m`, `1h`, or `daily 10:30` in the company's zone. */
  readonly every: string;
  readonly run: (rt: Runtime, signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>>;
  /** Jobs that have something to do once this one has done something. */
  readonly then?: readonly string[];
};
