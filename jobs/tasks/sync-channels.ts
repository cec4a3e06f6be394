import { syncChannels } from '../../api/orders/index.ts';
import type { JobTask } from '../job.ts';

export const syncChannelsTask: JobTask = {
  name: 'sync-channels', title: { zh: '拉取订单与退款', en: 'Pull orders and refunds' }, every: '1m',
  run: (rt, signal) => syncChannels(rt, signal), then: ['review-orders', 'post-journal', 'push-stock'],
};
