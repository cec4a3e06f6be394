/** Where a parcel is, in words. Pure. */
import type { RouteState } from '../../channels/channel.ts';
import type { Both } from '../../contract/route.ts';

export const ROUTE_WORDS: Readonly<Record<RouteState, Both>> = {
  accepted: { zh: '已下单', en: 'accepted' }, picked_up: { zh: '已揽收', en: 'picked up' }, in_transit: { zh: '运输中', en: 'in transit' }, delivering: { zh: '派送中', en: 'out for delivery' }, delivered: { zh: '已签收', en: 'delivered' },
  problem: { zh: '疑难件', en: 'problem' }, returning: { zh: '退回中', en: 'coming back' }, returned: { zh: '已退回', en: 'returned' }, unknown: { zh: '运输中', en: 'under way' },
};
/** Which of two steps of one moment comes later. */
export const ROUTE_RANK: readonly RouteState[] = ['unknown', 'accepted', 'picked_up', 'in_transit', 'delivering', 'problem', 'returning', 'returned', 'delivered'];
