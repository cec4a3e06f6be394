/** Drop-ship parcels as their sheet shows them; addresses whole only for who may read personal data. */
import { keptReceiver, Orders, Parcels, type OrderDoc, type ParcelDoc } from '../../orders/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops } from '../../shops/index.ts';
import { DROPSHIP, skuFacts, type SkuDoc } from '../../stock/index.ts';
import { Suppliers, type SupplierDoc } from './models.ts';

export const supplierNames = async (): Promise<Map<string, string>> => new Map((await Suppliers.find({}).lean<SupplierDoc[]>()).map((s) => [s._id, s.name]));
const PUSH = { waiting: { zh: '待回传', en: 'waiting' }, accepted: { zh: '已回传', en: 'accepted' }, refused: { zh: '被拒', en: 'refused' } } as const;

export async function dropshipRows(rt: Runtime, docs: readonly ParcelDoc[], personal: boolean) {
  const [orders, shops, names, facts] = await Promise.all([
    Orders.find({ _id: { $in: docs.flatMap((d) => d.orderIds) } }).lean<OrderDoc[]>(), Shops.find({}).lean(), supplierNames(), skuFacts(docs.flatMap((d) => d.lines.map((l) => l.skuCode))),
  ]);
  const byId = new Map(orders.map((o) => [o._id, o]));
  return docs.map((p) => {
    const own = p.orderIds.flatMap((id) => byId.get(id) ?? []);
    const r = own[0]?.receiver;
    const whole = personal && own[0] && r && !r.masked ? keptReceiver(rt, own[0]) : undefined;
    const cost = p.costs.length > 0 ? p.costs.reduce((n, c) => n + c.costFen, 0) : p.lines.reduce((n, l) => n + (facts.get(l.skuCode)?.costFen ?? 0) * l.quantity, 0);
    return {
      id: p._id, supplierId: p.supplierId ?? '', supplierName: names.get(p.supplierId ?? '') ?? '', orderText: own.map((o) => o.platformOrderId).join('；'), shopName: shops.filter((s) => p.shopIds.includes(s._id)).map((s) => s.name).join('、'), lineText: p.lines.map((l) => `${l.skuCode}×${l.quantity}`).join('；'), pieces: p.lines.reduce((n, l) => n + l.quantity, 0),
      receiverName: whole?.name ?? r?.shownName ?? '', phone: whole?.phone ?? '***', province: r?.province ?? '', city: r?.city ?? '', district: r?.district ?? '', address: whole ? `${whole.town}${whole.address}` : r?.shownAddress ?? '', memo: own.flatMap((o) => [o.buyerMessage, o.sellerMemo]).filter(Boolean).join(' / '),
      courier: p.courierCode, tracking: p.trackingNumber, costFen: cost, state: p.state, shortText: p.shortages.map((s) => `${s.skuCode} ${s.available}/${s.wanted}`).join('；'),
      pushText: { zh: p.pushes.map((x) => `${PUSH[x.state].zh}${x.state === 'refused' ? ` ${x.words}` : ''}`).join('；'), en: p.pushes.map((x) => `${PUSH[x.state].en}${x.state === 'refused' ? ` ${x.words}` : ''}`).join('; ') }, alarmText: p.alarm ?? { zh: '', en: '' },
      ...(p.prints.at(-1) ? { sentAt: p.prints.at(-1)!.toISOString() } : {}), ...(p.shippedAt ? { shippedAt: p.shippedAt.toISOString() } : {}), revision: p.revision, changedAt: p.changedAt.toISOString(),
    };
  });
}

export async function supplyRows(docs: readonly SkuDoc[]) {
  const names = await supplierNames();
  return docs.map((s) => ({ id: s._id, code: s.code, name: s.name, supplierId: s.supplierId, supplierName: names.get(s.supplierId) ?? '', dropship: s.flags.includes(DROPSHIP), left: s.supplierLeft ?? null, costFen: s.costFen, revision: s.revision, changedAt: s.changedAt.toISOString() }));
}

export async function dropshipSummary(mail: boolean) {
  const [suppliers, open] = await Promise.all([Suppliers.find({}).lean<SupplierDoc[]>(), Parcels.find({ supplierId: { $gt: '' }, state: { $in: ['planned', 'reserved', 'printed'] } }, { supplierId: 1, state: 1, alarm: 1 }).lean<ParcelDoc[]>()]);
  const rows = suppliers.map((s) => {
    const own = open.filter((p) => p.supplierId === s._id);
    const count = (state: string): number => own.filter((p) => p.state === state && !p.alarm).length;
    return { supplierId: s._id, name: s.name, contact: s.contact, toSend: count('reserved'), sent: count('printed'), short: count('planned'), stopped: own.filter((p) => p.alarm).length };
  });
  return { mail, suppliers: rows.filter((r) => r.toSend + r.sent + r.short + r.stopped > 0) };
}
