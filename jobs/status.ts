import type { JobRunAnswer } from '../api/system/routes.ts';
import type { Runtime } from '../api/runtime/runtime.ts';
import type { JobTask } from './job.ts';
import { Runs, type RunDoc } from './lease.ts';
import type { Runner } from './runner.ts';

export const runAnswer = (run: RunDoc): JobRunAnswer => ({
  id: run._id, job: run.job, startedAt: run.startedAt.toISOString(), outcome: run.outcome,
  ...(run.finishedAt ? { finishedAt: run.finishedAt.toISOString() } : {}), ...(run.result ? { result: run.result } : {}), ...(run.error ? { error: run.error } : {}),
});

/** Schedule, last run and lag of every job; lag = time since the last run finished, less the time between ticks. */
export async function jobList(rt: Runtime, tasks: readonly JobTask[], runner: Runner) {
  const now = rt.clock.now().getTime();
  return Promise.all(tasks.map(async (task) => {
    const last = await Runs.findOne({ job: task.name }).sort({ startedAt: -1 }).lean();
    const since = last?.finishedAt ? now - last.finishedAt.getTime() : 0;
    return { name: task.name, every: task.every, title: task.title, lagMs: Math.max(0, since - spanMs(task.every)), running: runner.isRunning(task.name), ...(last ? { lastRun: runAnswer(last) } : {}) };
  }));
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;
const spanMs = (every: string): number => {
  const span = /^(\d+)(s|m|h)$/.exec(every);
  return span ? Number(span[1]) * UNIT_MS[span[2] as 's' | 'm' | 'h'] : 86_400_000;
};
