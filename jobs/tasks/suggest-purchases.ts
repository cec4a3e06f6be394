import { suggestPurchases } from '../../api/purchasing/index.ts';
import type { JobTask } from '../job.ts';

export const suggestPurchasesTask: JobTask = { name: 'suggest-purchases', title: { zh: '计算采购建议', en: 'Work out purchase suggestions' }, every: 'daily 05:30', run: (rt) => suggestPurchases(rt) };
