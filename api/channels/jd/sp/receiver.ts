/** The whole receiver of one order, for a slip. The answer has name, phones and an address; the regions stand in the order, in the clear. */
import type { Result } from '../../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type IncomingReceiver } from '../../channel.ts';
import { told } from '../../transport/told.ts';
import { receiverOf } from '../orders.ts';
import { listed, makeSpClient } from './client.ts';
import { getOrder } from './orders.ts';

/** The words of the old gateway's call, where the fields are called nearly the same (unknown here). */
const PURPOSE = { receiptType: 'POP', sceneType: '1002', appName: 'suanpan' } as const;
const HOLDS_SECONDS = 3600;
/** How order and oaid stand together in one text of the list is not published: a colon between them. JD refuses another form aloud. */
const entry = (orderId: string, oaid: string): string => `${orderId}:${oaid}`;

export const decryptReceiver = (context: ChannelContext, orderId: string, oaid: string): Promise<Result<IncomingReceiver, ChannelRefusal>> => told(async () => {
  const client = makeSpClient(context);
  const { data } = await client.ask({ verb: 'GET', path: '/sp-order/v0/order-oaid-addresses', query: { ...PURPOSE, expiration: HOLDS_SECONDS, dcryptOrderOaidList: entry(orderId, oaid) } });
  const found = (listed(data) as readonly Readonly<Record<string, unknown>>[]).find((d) => String(d['orderId']) === orderId);
  const text = (key: string): string => String(found?.[key] ?? '');
  if (!found || text('customerName') === '' || (found['oaid'] !== undefined && text('oaid') !== oaid)) throw new ChannelFault({ code: 'refuse_row', platformCode: 'not_matched', words: 'the oaid no longer fits: the order must be read again' });
  const c = (await getOrder(client, orderId, 'orderId,consigneeInfo')).wire.consigneeInfo;
  return { ...receiverOf({ name: text('customerName'), mobile: text('customerMobilePhone'), telephone: text('customerPhone'), province: c.provinceName, city: c.cityName, county: c.countyName, town: c.townName, address: text('address'), oaid }), masked: false };
});
