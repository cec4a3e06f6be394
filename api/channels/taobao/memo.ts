/** The seller's memo and flag; the platform numbers flags as we do (0 grey, 1 red, 2 yellow, 3 green, 4 blue, 5 purple). */
import type { Result } from '../../contract/values/result.ts';
import type { ChannelContext, ChannelRefusal, MemoPush } from '../channel.ts';
import { told } from '../transport/told.ts';
import { makeClient } from './client.ts';

export const pushMemo = (context: ChannelContext, push: MemoPush): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  // An empty memo is left out of a call as every empty value is: `reset` empties it.
  await makeClient(context).call('taobao.trade.memo.update', { tid: push.platformOrderId, memo: push.memo, flag: String(push.flag), ...(push.memo === '' ? { reset: 'true' } : {}) });
  return { again: false };
});
