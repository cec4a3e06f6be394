/** The seller's memo and flag; JD numbers flags as we do (0 grey, 1 red, 2 yellow, 3 green, 4 blue, 5 purple). */
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type MemoPush } from '../channel.ts';
import { told } from '../transport/told.ts';
import { at, makeClient, whenSaid } from './client.ts';

const LONGEST = 500;
export const pushMemo = (context: ChannelContext, push: MemoPush): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  if ([...push.memo].length > LONGEST) throw new ChannelFault({ code: 'refuse_row', platformCode: 'too_long', words: `a memo holds ${LONGEST} characters` });
  await makeClient(context).call('jingdong.pop.order.modifyVenderRemark', { orderId: push.platformOrderId, flag: push.flag, remark: push.memo }, (a) => whenSaid(at(a, 'modifyvenderremark_result') ?? at(a, 'result')));
  return { again: false };
});
