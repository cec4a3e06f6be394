import { pollHints } from '../../api/shops/index.ts';
import type { JobTask } from '../job.ts';

/** A message says that something changed, never what: the pull is only made earlier. */
export const pollHintsTask: JobTask = { name: 'poll-hints', title: { zh: '收平台消息', en: 'Take the platforms’ messages' }, every: '15s', run: (rt, signal) => pollHints(rt, signal), then: ['sync-channels'] };
