/** The whole receiver of one order, for a label: counted by the platform for the shop as a whole (open.order.decrypt.batch). */
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type IncomingReceiver } from '../channel.ts';
import { told } from '../transport/told.ts';
import { makeClient, type Answer } from './client.ts';
import { getOrder } from './orders.ts';

/** How the answer names its parts is not documented where we could read it (unknown): request and answer are taken to share their names. */
export const decryptReceiver = (context: ChannelContext, oid: string, token: string): Promise<Result<IncomingReceiver, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const ciphers = token.split(' ');
  if (ciphers.length !== 3) throw new ChannelFault({ code: 'refuse_row', platformCode: 'token', words: 'not the three ciphertexts of an order' });
  const data = await client.call('open.order.decrypt.batch', { batchDecryptList: ciphers.map((encryptedData) => ({ bizId: oid, encryptedData })) });
  const list = (Array.isArray(data) ? data : (data['decryptResultList'] ?? [])) as Answer[];
  const plain = ciphers.map((c) => list.find((r) => r['encryptedData'] === c)?.['decryptedData']);
  if (plain.some((p) => typeof p !== 'string' || p === '')) throw new ChannelFault({ code: 'refuse_row', platformCode: 'decrypt', words: 'not every ciphertext was opened: the address may have changed' });
  const { province, city, district, town } = (await getOrder(client, oid)).wire.orderAddress;
  return { name: String(plain[0]), phone: String(plain[1]), province, city, district, town, address: String(plain[2]), token, masked: false };
});
