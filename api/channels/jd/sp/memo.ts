/** The seller's memo and flag; flags are numbered as on the old gateway (unknown here, and as ours). */
import type { Result } from '../../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type MemoPush } from '../../channel.ts';
import { told } from '../../transport/told.ts';
import { makeSpClient } from './client.ts';

const LONGEST = 500;
export const pushMemo = (context: ChannelContext, push: MemoPush): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  if ([...push.memo].length > LONGEST) throw new ChannelFault({ code: 'refuse_row', platformCode: 'too_long', words: `a memo holds ${LONGEST} characters` });
  await makeSpClient(context).ask({ verb: 'PUT', path: '/sp-order/v0/orders/{orderId}/vender-remarks', in: { orderId: push.platformOrderId }, body: { orderVenderRemarkDTO: { remark: push.memo, flagId: push.flag } } });
  return { again: false };
});
