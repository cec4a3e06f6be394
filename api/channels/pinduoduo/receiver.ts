/** The whole receiver of one order, for a label: the ciphertexts of the order as it is now, opened by the platform. */
import type { ChannelContext, IncomingReceiver } from '../channel.ts';
import { ChannelFault } from '../channel.ts';
import { makeLimits } from '../transport/limits.ts';
import { makeClient } from './client.ts';
import { incomingOrder, readWhole } from './orders.ts';
import { listOf, text, count, WireOrder } from './wire.ts';
import * as z from 'zod';

/** Outside the platform's own cloud one call in ten seconds is allowed, for tests; a caller waits a little, and is sent away for more. */
const outside = makeLimits({ perSecond: 0.1, burst: 1 });
const PATIENCE_MS = 1_000;
const Opened = z.looseObject({ data_decrypt_list: listOf(z.looseObject({ data_tag: text, encrypted_data: text, decrypted_data: text, error_code: count, error_msg: text })) });
const refused = (platformCode: string, words: string): ChannelFault => new ChannelFault({ code: 'refuse_row', platformCode, words });

export async function decryptReceiver(context: ChannelContext, orderSn: string, token: string): Promise<IncomingReceiver> {
  const client = makeClient(context);
  const body = WireOrder.safeParse(await readWhole(client, orderSn));
  if (!body.success) throw refused('shape', `${orderSn} could not be read`);
  const o = body.data;
  const now = incomingOrder(o, '');
  // Empty while the platform reviews the order, and after it has left.
  if (o.receiver_name === '' || o.receiver_phone === '' || (o.receiver_address || o.address) === '') throw refused('no_ciphertext', 'the platform gives no receiver in this state of the order');
  if (token !== '' && now.receiver.token !== token) throw refused('not_matched', 'the receiver has changed: the order must be read again');
  if (context.gateway === '') await outside.take(context.credentials.appKey, 'pdd.open.decrypt.batch', PATIENCE_MS);
  const wanted = [o.receiver_name, o.receiver_phone, o.receiver_address || o.address];
  const answer = Opened.parse(await client.call('pdd.open.decrypt.batch', { data_list: JSON.stringify(wanted.map((encrypted_data) => ({ data_tag: orderSn, encrypted_data }))) }));
  const opened = wanted.map((cipher) => {
    const found = answer.data_decrypt_list.find((d) => d.encrypted_data === cipher);
    if (!found || found.error_code !== 0 || found.decrypted_data === '') throw refused(`decrypt_${found?.error_code ?? 'missing'}`, found?.error_msg || 'the platform did not open the receiver');
    return found.decrypted_data;
  });
  return { ...now.receiver, name: opened[0]!, phone: opened[1]!, address: opened[2]!, masked: false };
}
