import { countCustomers } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const countCustomersTask: JobTask = {
  name: 'count-customers', title: { zh: '汇总客户', en: 'Count customers’ figures' }, every: '1m',
  run: (rt) => countCustomers(rt),
};
