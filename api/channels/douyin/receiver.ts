/** The whole receiver of one order, for a slip: counted by the platform (order.batchDecrypt). */
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type IncomingReceiver } from '../channel.ts';
import { told } from '../transport/told.ts';
import { makeClient, type Answer } from './client.ts';
import { getOrder } from './orders.ts';

const NAME = '2';
const ADDRESS = '1';
const PHONES = new Set(['3', '5']);
/** The ciphertexts of the order as it was pulled; after a change of address they no longer fit. */
export const decryptReceiver = (context: ChannelContext, orderId: string, token: string): Promise<Result<IncomingReceiver, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const data = await client.call('/order/batchDecrypt', { cipher_infos: token.split(' ').map((cipher_text) => ({ auth_id: orderId, cipher_text })) });
  const infos = (data['decrypt_infos'] as Answer[] | undefined) ?? [];
  const bad = infos.find((i) => Number(i['err_no'] ?? 0) !== 0);
  if (bad || infos.length === 0) throw new ChannelFault({ code: 'refuse_row', platformCode: String(bad?.['err_no'] ?? 'empty'), words: String(bad?.['err_msg'] ?? 'nothing was decrypted') });
  const plain = (is: (type: string) => boolean): string => String(infos.find((i) => is(String(i['data_type'])))?.['decrypt_text'] ?? '');
  const { province, city, town, street } = (await getOrder(client, orderId)).wire.post_addr;
  return { name: plain((t) => t === NAME), phone: plain((t) => PHONES.has(t)), province, city: city || town, district: town, town: street, address: plain((t) => t === ADDRESS), token, masked: false };
});
