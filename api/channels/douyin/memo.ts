/** The seller's memo and its star: 0 grey, 1 purple, 2 cyan, 3 green, 4 orange, 5 red there; ours run from red to purple. */
import type { Result } from '../../contract/values/result.ts';
import type { ChannelContext, ChannelRefusal, MemoPush } from '../channel.ts';
import { told } from '../transport/told.ts';
import { makeClient } from './client.ts';

/** Red and red, yellow and orange, green and green, blue and cyan, purple and purple: the row runs the other way. */
export const flagOf = (star: number): number => (star >= 1 && star <= 5 ? 6 - star : 0);
const starOf = (flag: number): number => (flag >= 1 && flag <= 5 ? 6 - flag : 0);

export const pushMemo = (context: ChannelContext, push: MemoPush): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  await makeClient(context).call('/order/addOrderRemark', { order_id: push.platformOrderId, remark: push.memo, is_add_star: 'true', star: String(starOf(push.flag)) });
  return { again: false };
});
