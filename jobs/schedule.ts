import type { JobTask } from './job.ts';
import { syncChannelsTask } from './tasks/sync-channels.ts';

/** Every job of the company; one line each. */
export const SCHEDULE: readonly JobTask[] = [
  syncChannelsTask,
];
