import { schedule, type ScheduledTask } from 'node-cron';
import type { Runtime } from '../api/runtime/runtime.ts';
import { COMPANY_ZONE } from '../api/contract/values/time.ts';
import type { JobTask } from './job.ts';
import { dropLease, keepLease, LEASE_MS, Runs, takeLease, type RunDoc } from './lease.ts';

export type RunAnswer = { kind: 'done'; run: RunDoc } | { kind: 'busy' } | { kind: 'unknown' };
export type Runner = {
  readonly start: () => void;
  readonly stop: () => Promise<void>;
  readonly running: () => boolean;
  /** Runs one job now and waits for it; when this process is at it already, waits for that and runs once more. */
  readonly runNow: (name: string) => Promise<RunAnswer>;
  readonly wake: (name: string) => void;
  readonly isRunning: (name: string) => boolean;
};

/** Cron form of `every`; a tick only asks, the lease decides. */
export function cronOf(every: string): string {
  const daily = /^daily (\d{1,2}):(\d{2})$/.exec(every);
  if (daily) return `0 ${Number(daily[2])} ${Number(daily[1])} * * *`;
  const span = /^(\d+)(s|m|h)$/.exec(every);
  if (!span) throw new Error(`not a schedule: ${every}`);
  return span[2] === 's' ? `*/${span[1]} * * * * *` : span[2] === 'm' ? `0 */${span[1]} * * * *` : `0 0 */${span[1]} * * *`;
}

export function makeRunner(rt: Runtime, tasks: readonly JobTask[]): Runner {
  const owner = `${process.pid}-${rt.newId('run')}`;
  const byName = new Map(tasks.map((t) => [t.name, t]));
  const active = new Map<string, Promise<RunDoc | undefined>>();
  const asked = new Set<string>();
  const stopping = new AbortController();
  let ticks: ScheduledTask[] = [];

  const attempt = (task: JobTask): Promise<RunDoc | undefined> => {
    const made = runUnderLease(rt, task, owner, stopping.signal).finally(() => {
      active.delete(task.name);
      if (asked.delete(task.name)) wake(task.name);
    });
    active.set(task.name, made);
    return made;
  };
  const wake = (name: string): void => {
    const task = byName.get(name);
    if (!task || stopping.signal.aborted || ticks.length === 0) return;
    if (active.has(name)) return void asked.add(name);
    void attempt(task).then((run) => didSomething(run) && task.then?.forEach(wake), (error: unknown) => rt.log.error({ job: name, err: error }, 'job could not start'));
  };
  const runNow = async (name: string): Promise<RunAnswer> => {
    const task = byName.get(name);
    if (!task) return { kind: 'unknown' };
    while (active.has(name)) await active.get(name)?.catch(() => undefined);
    const run = await attempt(task);
    if (run && didSomething(run)) task.then?.forEach(wake);
    return run ? { kind: 'done', run } : { kind: 'busy' };
  };
  return {
    start: () => { ticks = tasks.map((t) => schedule(cronOf(t.every), () => wake(t.name), { timezone: COMPANY_ZONE, name: t.name })); },
    stop: async () => {
      stopping.abort();
      await Promise.all(ticks.map(async (t) => t.destroy()));
      await Promise.allSettled(active.values());
    },
    running: () => ticks.length > 0 && !stopping.signal.aborted,
    runNow, wake, isRunning: (name) => active.has(name),
  };
}

/** Counts that are not zero mean that jobs behind this one have work. */
const didSomething = (run: RunDoc | undefined): boolean =>
  run?.outcome === 'done' && Object.values(run.result ?? {}).some((v) => typeof v === 'number' && v > 0);

async function runUnderLease(rt: Runtime, task: JobTask, owner: string, signal: AbortSignal): Promise<RunDoc | undefined> {
  if (!(await takeLease(task.name, owner, rt.clock.now()))) return undefined;
  const kept = setInterval(() => void keepLease(task.name, owner, rt.clock.now()).catch(() => undefined), LEASE_MS / 3);
  const run: RunDoc = { _id: rt.newId('run'), job: task.name, startedAt: rt.clock.now(), outcome: 'running' };
  try {
    const result = { ...(await task.run(rt, signal)) };
    Object.assign(run, { outcome: 'done', result });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    Object.assign(run, { outcome: 'failed', error: words.slice(0, 1000) });
    rt.log.error({ job: task.name, err: error }, 'job failed');
  } finally {
    clearInterval(kept);
    run.finishedAt = rt.clock.now();
    await remember(run).catch((error: unknown) => rt.log.warn({ job: task.name, err: error }, 'job run not recorded'));
    await dropLease(task.name, owner).catch(() => undefined);
  }
  return run;
}

/** Runs that did nothing only move the last-run mark, so that a ten-second tick does not fill the store. */
async function remember(run: RunDoc): Promise<void> {
  if (run.outcome === 'done' && !didSomething(run)) {
    await Runs.updateOne({ _id: `idle_${run.job}` }, { $set: { job: run.job, startedAt: run.startedAt, finishedAt: run.finishedAt, outcome: 'done', result: run.result ?? {} } }, { upsert: true });
    return;
  }
  await Runs.create(run);
}
