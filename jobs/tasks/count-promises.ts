import { countPromises } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const countPromisesTask: JobTask = { name: 'count-promises', title: { zh: '核对承诺台账', en: 'Count the promise ledger' }, every: '1m', run: (rt) => countPromises(rt) };
