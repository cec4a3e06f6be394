import type { Both } from '../../contract/route.ts';
import { Orders, Parcels, Refunds, type OrderDoc, type ParcelDoc, type RefundDoc } from './models.ts';

type Event = { at: string; kind: 'order' | 'refund' | 'parcel'; id: string; words: Both; amountFen?: number };
/** What happened with one customer, newest first: orders paid, parcels that left, refunds. */
export async function timelineOf(customerId: string): Promise<Event[]> {
  const orders = await Orders.find({ customerId }).sort({ placedAt: -1 }).limit(200).lean<OrderDoc[]>();
  const ids = orders.map((o) => o._id);
  const [parcels, refunds] = await Promise.all([Parcels.find({ orderIds: { $in: ids }, shippedAt: { $ne: null } }).lean<ParcelDoc[]>(), Refunds.find({ orderId: { $in: ids } }).lean<RefundDoc[]>()]);
  const goods = (o: OrderDoc): string => o.lines.map((l) => `${l.skuCode ?? l.title}×${l.quantity}`).join('；');
  const events: Event[] = [
    ...orders.map((o): Event => ({ at: (o.paidAt ?? o.placedAt).toISOString(), kind: 'order', id: o._id, words: { zh: `${o.paidAt ? '付款' : '下单'} ${o.platformOrderId}：${goods(o)}`, en: `${o.paidAt ? 'paid' : 'placed'} ${o.platformOrderId}: ${goods(o)}` }, amountFen: o.paidFen })),
    ...parcels.map((p): Event => ({ at: p.shippedAt!.toISOString(), kind: 'parcel', id: p._id, words: { zh: `发货 ${p.courierCode} ${p.trackingNumber}`, en: `shipped ${p.courierCode} ${p.trackingNumber}` } })),
    ...refunds.map((r): Event => ({ at: r.requestedAt.toISOString(), kind: 'refund', id: r._id, words: { zh: `退款 ${r.reason}（${r.state}）`, en: `refund ${r.reason} (${r.state})` }, amountFen: r.refundFen })),
  ];
  return events.sort((a, b) => (a.at < b.at ? 1 : -1));
}
