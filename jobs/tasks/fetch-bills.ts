import { fetchBills } from '../../api/finance/index.ts';
import type { JobTask } from '../job.ts';

/** Half-hourly: a bill that is still being made is asked for again, days that are in are left alone. */
export const fetchBillsTask: JobTask = { name: 'fetch-bills', title: { zh: '下载账单', en: 'Fetch bills' }, every: '30m', run: (rt, signal) => fetchBills(rt, signal), then: ['reconcile-bills'] };
