import { bookLeftThere, planParcels } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const planParcelsTask: JobTask = {
  name: 'plan-parcels', title: { zh: '配仓配快递、占库存', en: 'Plan parcels and reserve stock' }, every: '1m',
  run: async (rt) => {
    const left = await bookLeftThere(rt);
    return { ...(await planParcels(rt)), ...(left.booked + left.short > 0 ? { leftThere: left } : {}) };
  }, then: ['push-stock'],
};
