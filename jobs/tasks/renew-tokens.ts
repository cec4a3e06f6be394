import { renewTokens } from '../../api/shops/index.ts';
import type { JobTask } from '../job.ts';

export const renewTokensTask: JobTask = { name: 'renew-tokens', title: { zh: '到期前续期店铺授权', en: 'Renew shops’ tokens ahead of their end' }, every: '10m', run: (rt, signal) => renewTokens(rt, signal) };
