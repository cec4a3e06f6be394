import { reviewPending } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const reviewOrdersTask: JobTask = {
  name: 'review-orders', title: { zh: '自动审单', en: 'Review orders' }, every: '1m',
  run: (rt) => reviewPending(rt), then: ['plan-parcels'],
};
