/**
 * The receiver of an order in full. In: an order, what to say where its platform opens nothing. Out: as it was kept, or opened by
 * the selling platform where it is covered: counted there, so only for what is about to leave, and kept nowhere.
 * Wrong: covered and not opened, in the platform's words; `again`: another try may do.
 */
import type { IncomingReceiver } from '../../channels/channel.ts';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { OrderDoc } from '../store/models.ts';

export type WholeReceiver = Pick<IncomingReceiver, 'name' | 'phone' | 'province' | 'city' | 'district' | 'town' | 'address'>;
const whole = (r: Partial<IncomingReceiver>): WholeReceiver => ({ name: r.name ?? '', phone: r.phone ?? '', province: r.province ?? '', city: r.city ?? '', district: r.district ?? '', town: r.town ?? '', address: r.address ?? '' });

/** What was kept when the order came in; sealed until somebody may read it. */
export const keptReceiver = (rt: Runtime, order: Pick<OrderDoc, 'receiver'>): WholeReceiver => whole(JSON.parse(rt.secrets.open(order.receiver.sealed) || '{}') as Partial<IncomingReceiver>);

export async function openReceiver(rt: Runtime, order: OrderDoc, covered: Both): Promise<Result<WholeReceiver, { readonly words: Both; readonly again: boolean }>> {
  if (!order.receiver.masked) return ok(keptReceiver(rt, order));
  const { token } = order.receiver;
  // What is sent again goes to the receiver of the order that was bought: only its platform opens them.
  const { channel, shopId, platformOrderId } = order.linkedTo ?? order;
  const shop = rt.channels.shop(channel);
  if (token === '' || shop?.capabilities.decryptReceiver !== true) return refuse({ again: false, words: covered });
  const opened = await shop.decryptReceiver(await rt.channels.contextFor(shopId), platformOrderId, token);
  if (opened.ok) return ok(whole(opened.value));
  return refuse({ again: opened.refusal.code !== 'refuse_row', words: { zh: `平台没有给出订单 ${platformOrderId} 的收件人：${opened.refusal.words}`, en: `The platform did not open the receiver of order ${platformOrderId}: ${opened.refusal.words}` } });
}
