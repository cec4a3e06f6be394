import { pushFlags, pushShipments } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const pushShipmentsTask: JobTask = {
  name: 'push-shipments', title: { zh: '回传发货', en: 'Tell platforms what shipped' }, every: '1m',
  run: async (rt) => { const [shipments, flags] = [await pushShipments(rt), await pushFlags(rt)]; return { ...shipments, ...(flags.accepted + flags.refused > 0 ? { flags: flags.accepted, flagsRefused: flags.refused } : {}) }; },
};
