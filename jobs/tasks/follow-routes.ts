import { followRoutes } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const followRoutesTask: JobTask = {
  name: 'follow-routes', title: { zh: '跟踪物流轨迹', en: 'Follow parcels' }, every: '10m',
  run: (rt, signal) => followRoutes(rt, signal),
};
