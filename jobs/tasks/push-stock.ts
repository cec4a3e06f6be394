import { tellShops } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const pushStockTask: JobTask = { name: 'push-stock', title: { zh: '把可售库存同步到店铺', en: 'Tell shops what they may sell' }, every: '5s', run: (rt, signal) => tellShops(rt, signal) };
