/**
 * Prints slips for a batch, in the order asked for. In: parcel ids. Out: the PDF's pages as data, marked as printed.
 * Wrong: a parcel that is stopped or holds no stock, each named; then nothing is printed.
 */
import type { PrintData } from '../../channels/channel.ts';
import type { SlipView } from '../../contract/slips.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { localTimeText } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops } from '../../shops/index.ts';
import { skuFacts, warehouses } from '../../stock/index.ts';
import { audit } from '../../store/audit.ts';
import { updateAll } from '../../store/bulk.ts';
import { isGiftLine } from '../domain/gifts.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { Waybills, type WaybillDoc } from '../store/waybill-models.ts';
import { isGone } from '../domain/parcel.ts';
import { pushesBefore } from './push-moment.ts';
import type { RowRefusal } from './ship-parcels.ts';

const PRINTABLE = new Set(['reserved', 'waybilled', 'printed', 'packed', 'shipped']);

export async function printParcels(rt: Runtime, ids: readonly string[], user: { userId: string; personal: boolean }): Promise<Result<SlipView[], readonly RowRefusal[]>> {
  const now = rt.clock.now();
  // Looked at and marked in one transaction: what is stopped between the two is not on paper as if nothing were.
  const marked = await rt.transact(async (session): Promise<Result<ParcelDoc[], readonly RowRefusal[]>> => {
    const parcels = await Parcels.find({ _id: { $in: ids } }).session(session).batchSize(1_000).lean<ParcelDoc[]>();
    const byId = new Map(parcels.map((p) => [p._id, p]));
    const refused = ids.flatMap((id, i) => notPrintable(byId.get(id), id, i + 1));
    if (refused.length > 0) return refuse(refused);
    const pushes = await pushesBefore(session, parcels.filter((p) => !isGone(p.state)), 'print', now);
    await updateAll<ParcelDoc>(Parcels, parcels.map((p) => ({ filter: { _id: p._id }, update: { $set: { state: p.state === 'reserved' || p.state === 'waybilled' ? 'printed' : p.state, ...pushes.get(p._id), changedAt: now }, $push: { prints: now }, $inc: { revision: 1 } } })), session);
    await audit(rt, session, parcels.map((p) => ({ userId: user.userId, command: 'print', noun: 'parcels', id: p._id, before: p.prints.length, after: p.prints.length + 1, at: now })));
    return ok(parcels);
  });
  if (!marked.ok) return marked;
  const parcels = new Map(marked.value.map((p) => [p._id, p]));
  rt.wake('push-shipments');
  return ok(await slips(rt, ids.map((id) => parcels.get(id)!), user.personal, now));
}

function notPrintable(p: ParcelDoc | undefined, id: string, row: number): RowRefusal[] {
  if (p?.supplierId) return [{ row, id, code: 'supplier_ships', message: { zh: `第 ${row} 个：供应商代发，在“代发”表里发给供应商`, en: `No. ${row}: its supplier ships it; send it to them from the Drop-ship sheet` } }];
  if (p && PRINTABLE.has(p.state) && !p.alarm) return [];
  const words = !p ? { zh: `没有包裹 ${id}`, en: `there is no parcel ${id}` } : p.alarm ?? { zh: '缺货或已取消，不能打印', en: 'short of stock or cancelled: it cannot be printed' };
  return [{ row, id, code: p ? 'not_printable' : 'not_found', message: { zh: `第 ${row} 个：${words.zh}`, en: `No. ${row}: ${words.en}` } }];
}

const ON_PAPER = { shopId: 1, platformOrderId: 1, receiver: 1, buyerMessage: 1, sellerMemo: 1 } as const;
async function slips(rt: Runtime, parcels: readonly ParcelDoc[], personal: boolean, now: Date): Promise<SlipView[]> {
  const orders = new Map((await Orders.find({ _id: { $in: parcels.flatMap((p) => p.orderIds) } }, ON_PAPER).batchSize(1_000).lean<Pick<OrderDoc, '_id' | keyof typeof ON_PAPER>[]>()).map((o) => [o._id, o]));
  const [shops, houses, facts] = await Promise.all([Shops.find({}).lean(), warehouses(), skuFacts(parcels.flatMap((p) => p.lines.map((l) => l.skuCode)))]);
  const prints = await courierPrints(rt, parcels);
  return parcels.map((p) => {
    const own = [...p.orderIds].sort().flatMap((id) => orders.get(id) ?? []);
    const first = own[0]!;
    const whole = personal && first.receiver.sealed ? (JSON.parse(rt.secrets.open(first.receiver.sealed)) as { name: string; phone: string; town: string; address: string }) : undefined;
    return {
      parcelId: p._id, orderNumbers: own.map((o) => o.platformOrderId), shopName: shops.find((s) => s._id === first.shopId)?.name ?? '', warehouseName: houses.find((w) => w.code === p.warehouseCode)?.name ?? p.warehouseCode, courierCode: p.courierCode, trackingNumber: p.trackingNumber,
      receiver: { name: whole?.name ?? first.receiver.shownName, phone: whole?.phone ?? '***', province: first.receiver.province, city: first.receiver.city, district: first.receiver.district, address: whole ? `${whole.town}${whole.address}` : first.receiver.shownAddress },
      lines: p.lines.map((l) => ({ skuCode: l.skuCode, name: facts.get(l.skuCode)?.name ?? '', quantity: l.quantity, ...(isGiftLine(l.platformLineId) ? { gift: true } : {}) })), buyerMessage: own.map((o) => o.buyerMessage).filter(Boolean).join(' / '), memo: own.map((o) => o.sellerMemo).filter(Boolean).join(' / '),
      printCount: p.prints.length + 1, printedAt: localTimeText(now), ...(prints.has(p.trackingNumber) ? { courier: prints.get(p.trackingNumber)! } : {}),
    };
  });
}

/** What the courier gave with each number, for the label. */
async function courierPrints(rt: Runtime, parcels: readonly ParcelDoc[]): Promise<Map<string, NonNullable<SlipView['courier']>>> {
  const rows = await Waybills.find({ trackingNumber: { $in: parcels.map((p) => p.trackingNumber).filter(Boolean) }, state: { $in: ['live', 'travelling', 'done'] } }).lean<WaybillDoc[]>();
  return new Map(rows.flatMap((row) => {
    if (row.print === '') return [];
    const { sortingCode, bulkPen, gatherPlace, qr } = JSON.parse(rt.secrets.open(row.print)) as PrintData;
    return [[row.trackingNumber, { sortingCode, bulkPen, gatherPlace, qr }] as const];
  }));
}
