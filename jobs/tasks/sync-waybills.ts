import { syncWaybills } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const syncWaybillsTask: JobTask = {
  name: 'sync-waybills', title: { zh: '运单号：补取、退回', en: 'Waybill numbers: take again, give back' }, every: '1m',
  run: (rt, signal) => syncWaybills(rt, signal),
};
