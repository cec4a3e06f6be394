import { compareShops } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const compareStockTask: JobTask = { name: 'compare-stock', title: { zh: '与平台核对库存并改正', en: 'Compare stock with the platforms, and mend it' }, every: 'daily 04:10', run: (rt) => compareShops(rt) };
