/** The whole receiver of one order, for a slip: counted and limited by the platform (taobao.top.oaid.decrypt). */
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type IncomingReceiver } from '../channel.ts';
import { makeClient } from './client.ts';

/** Scene 1002: slips of franchise couriers. */
const SCENE = '1002';

export async function decryptReceiver(context: ChannelContext, tid: string, token: string): Promise<Result<IncomingReceiver, ChannelRefusal>> {
  try {
    const answer = await makeClient(context).call('taobao.top.oaid.decrypt', { query_list: JSON.stringify([{ oaid: token, tid, scene: SCENE }]) });
    // The list's name in the answer is not in a stored copy (unknown): read as the platform wraps lists elsewhere.
    const found = ((answer['receiver_list'] as { receiver?: Readonly<Record<string, unknown>>[] } | undefined)?.receiver ?? [])[0];
    if (!found || found['matched'] === false) return refuse({ code: 'refuse_row', platformCode: 'not_matched', words: 'the oaid no longer fits: the order must be read again' });
    const text = (key: string): string => String(found[key] ?? '');
    return ok({ name: text('name'), phone: text('mobile') || text('phone'), province: text('state'), city: text('city') || text('district'), district: text('district'), town: text('town'), address: text('address_detail'), token, masked: false });
  } catch (error) {
    if (error instanceof ChannelFault) return refuse(error.refusal);
    throw error;
  }
}
