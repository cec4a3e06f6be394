import { reconcileBills } from '../../api/finance/index.ts';
import type { JobTask } from '../job.ts';

export const reconcileBillsTask: JobTask = { name: 'reconcile-bills', title: { zh: '对账', en: 'Reconcile bills' }, every: '10m', run: (rt) => reconcileBills(rt) };
