import { pushShipments } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const pushShipmentsTask: JobTask = {
  name: 'push-shipments', title: { zh: '回传发货', en: 'Tell platforms what shipped' }, every: '1m',
  run: (rt) => pushShipments(rt),
};
