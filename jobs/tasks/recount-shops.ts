import { recountShops } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const recountShopsTask: JobTask = {
  name: 'recount-shops', title: { zh: '夜间核对店铺单数', en: 'Count the shops’ orders again' }, every: 'daily 3:30', run: (rt, signal) => recountShops(rt, signal), then: ['review-orders'],
};
