/** The whole receiver of one order, for a slip (jingdong.jos.order.oaid.decrypt). Slips of JD's own e-waybill need it not. */
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type IncomingReceiver } from '../channel.ts';
import { told } from '../transport/told.ts';
import { at, businessRefusal, makeClient, type Answer } from './client.ts';

const resultOf = (a: Answer): Answer | undefined => at(a, 'response') ?? at(a, 'result');
export const decryptReceiver = (context: ChannelContext, orderId: string, oaid: string): Promise<Result<IncomingReceiver, ChannelRefusal>> => told(async () => {
  const answer = await makeClient(context).call('jingdong.jos.order.oaid.decrypt', { getReceiverInfoListReqVO: { orderType: 'POP', appName: 'suanpan', scenesType: '1002', orderInfos: [{ orderId, oaid }] } }, (a) => businessRefusal(resultOf(a)));
  // The answer's names stand in no stored copy (unknown): read with the request's own words, in the forms that JD wraps results in.
  const found = (resultOf(answer)?.['data'] as Answer[] | undefined)?.[0];
  if (!found || found['matched'] === false) throw new ChannelFault({ code: 'refuse_row', platformCode: 'not_matched', words: 'the oaid no longer fits: the order must be read again' });
  const text = (key: string): string => String(found[key] ?? '');
  return { name: text('fullname'), phone: text('mobile'), province: text('province'), city: text('city'), district: text('county'), town: text('town'), address: text('fullAddress'), token: oaid, masked: false };
});
