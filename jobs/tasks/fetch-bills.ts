import { fetchBills } from '../../api/finance/index.ts';
import type { JobTask } from '../job.ts';

export const fetchBillsTask: JobTask = { name: 'fetch-bills', title: { zh: '下载账单', en: 'Fetch bills' }, every: 'daily 10:10', run: (rt, signal) => fetchBills(rt, signal), then: ['reconcile-bills'] };
