/**
 * Purchase orders from chosen suggestions, one per supplier; and receipts against them. Each inside the caller's transaction.
 * The key of an order is its batch and supplier, of a receipt the caller's key: sent twice, made once.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { addDays, businessDayOf } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { changeIncoming, postMovement, readStockSettings, skuFacts, skuWants } from '../../stock/index.ts';
import { audit } from '../../store/audit.ts';
import { emit } from '../../store/outbox.ts';
import { PurchaseOrders, Receipts, Suggestions, Suppliers, type PurchaseOrderDoc, type ReceiptDoc, type SuggestionDoc } from '../store/models.ts';

export type Wanted = Pick<SuggestionDoc, 'skuCode' | 'supplierId' | 'warehouseCode' | 'quantity' | 'unitCostFen' | 'note'>;
export async function orderGoods(rt: Runtime, session: ClientSession, input: { batchId: string; userId: string; lines: readonly Wanted[] }): Promise<PurchaseOrderDoc[]> {
  const now = rt.clock.now();
  const groups = new Map<string, Wanted[]>();
  for (const l of input.lines) groups.set(`${l.supplierId}|${l.warehouseCode}`, [...(groups.get(`${l.supplierId}|${l.warehouseCode}`) ?? []), l]);
  const facts = await skuFacts(input.lines.map((l) => l.skuCode));
  const made: PurchaseOrderDoc[] = [];
  for (const [group, lines] of groups) {
    const key = `${input.batchId}|${group}`;
    const there = await PurchaseOrders.findOne({ key }).session(session).lean<PurchaseOrderDoc>();
    if (there) { made.push(there); continue; }
    const id = rt.newId('purchaseOrder');
    const leadTime = Math.max(...lines.map((l) => facts.get(l.skuCode)?.leadTimeDays ?? 7));
    const doc: PurchaseOrderDoc = {
      _id: id, key, number: `PO${businessDayOf(now).replaceAll('-', '')}-${id.slice(-5)}`, supplierId: lines[0]!.supplierId, warehouseCode: lines[0]!.warehouseCode, state: 'ordered', lines: lines.map((l) => ({ skuCode: l.skuCode, quantity: l.quantity, received: 0, unitCostFen: l.unitCostFen })),
      orderedAt: now, expectedDay: addDays(businessDayOf(now), leadTime), note: lines.map((l) => l.note).filter(Boolean).join('；'), by: input.userId, revision: 1, changedAt: now,
    };
    await PurchaseOrders.create([doc], { session });
    for (const l of lines) await changeIncoming(rt, session, doc.warehouseCode, l.skuCode, l.quantity);
    await audit(rt, session, [{ userId: input.userId, command: 'order-goods', noun: 'purchase-orders', id, before: null, after: { lines: doc.lines }, batchId: input.batchId, at: now }]);
    made.push(doc);
  }
  return made;
}

/** A SKU that comes in several batches, or for several bins, has a line for each. */
export type ReceiptLine = { readonly skuCode: string; readonly quantity: number; readonly unitCostFen?: number | undefined; readonly bin?: string | undefined; readonly batch?: string | undefined; readonly serials?: readonly string[] | undefined };
const lotOf = (l: Pick<ReceiptLine, 'bin' | 'batch'>): string => (l.bin || l.batch ? `:${l.batch ?? ''}:${l.bin ?? ''}` : '');
export type ReceiptRefusal = { readonly row: number; readonly code: string; readonly message: Both };
/** Goods arrive: stock in at their cost, incoming down, and finance is told. A refusal may come after the first write: the caller undoes. */
export async function receiveGoods(rt: Runtime, session: ClientSession, input: { purchaseOrderId: string; key: string; userId: string; lines: readonly ReceiptLine[] }): Promise<Result<ReceiptDoc, readonly ReceiptRefusal[]>> {
  const key = `${input.purchaseOrderId}:${input.key}`;
  const again = await Receipts.findOne({ key }).session(session).lean<ReceiptDoc>();
  if (again) return ok(again);
  const order = await PurchaseOrders.findById(input.purchaseOrderId).session(session).lean<PurchaseOrderDoc>();
  const no = (row: number, code: string, zh: string, en: string): ReceiptRefusal => ({ row, code, message: { zh, en } });
  if (!order) return refuse([no(0, 'not_found', '没有这张采购单。', 'There is no such purchase order.')]);
  if (order.state === 'cancelled') return refuse([no(0, 'cancelled', `采购单 ${order.number} 已取消，不能收货。`, `${order.number} is cancelled: nothing can be received on it.`)]);
  const tolerance = (await readStockSettings(session)).overReceiptRate;
  const wants = await skuWants(input.lines.map((l) => l.skuCode), session);
  const refused = input.lines.flatMap((l, i) => {
    const line = order.lines.find((x) => x.skuCode === l.skuCode);
    const before = input.lines.slice(0, i).filter((x) => x.skuCode === l.skuCode);
    if (before.some((x) => lotOf(x) === lotOf(l))) return [no(i + 1, 'sku_twice', `${l.skuCode} 写了两行，合成一行。`, `${l.skuCode} comes twice: make it one line.`)];
    if (before.some((x) => x.unitCostFen !== l.unitCostFen)) return [no(i + 1, 'cost_differs', `${l.skuCode} 同一次到货只有一个进价。`, `${l.skuCode} has one cost in one receipt.`)];
    if (!line) return [no(i + 1, 'not_ordered', `采购单里没有 ${l.skuCode}。`, `${l.skuCode} is not on the order.`)];
    if (wants.get(l.skuCode)?.batch && !l.batch) return [no(i + 1, 'batch_missing', `${l.skuCode} 按批次管理，写上批次。`, `${l.skuCode} is kept by batch: name it.`)];
    if (wants.get(l.skuCode)?.serial && new Set(l.serials).size !== l.quantity) return [no(i + 1, 'serials_missing', `${l.skuCode} 按序列号管理：收 ${l.quantity} 件，要 ${l.quantity} 个不同的序列号。`, `${l.skuCode} wants serial numbers: ${l.quantity} different ones for ${l.quantity} pieces.`)];
    const open = line.quantity - line.received - before.reduce((n, x) => n + x.quantity, 0);
    // A little more than was ordered is taken, as far as the company's tolerance goes.
    return l.quantity > open + Math.floor((line.quantity * tolerance) / 10_000) ? [no(i + 1, 'too_many', `${l.skuCode} 还剩 ${open} 件未到，收了 ${l.quantity} 件。`, `${l.skuCode}: ${open} pieces are open, ${l.quantity} were received.`)] : [];
  });
  if (refused.length > 0) return refuse(refused);
  return post(rt, session, order, { ...input, key });
}

async function post(rt: Runtime, session: ClientSession, order: PurchaseOrderDoc, input: { key: string; userId: string; lines: readonly ReceiptLine[] }): Promise<Result<ReceiptDoc, readonly ReceiptRefusal[]>> {
  const now = rt.clock.now();
  const of = (skuCode: string): readonly ReceiptLine[] => input.lines.filter((l) => l.skuCode === skuCode);
  const lines = [...new Set(input.lines.map((l) => l.skuCode))].map((skuCode) => ({ skuCode, quantity: of(skuCode).reduce((n, l) => n + l.quantity, 0), unitCostFen: of(skuCode)[0]!.unitCostFen ?? order.lines.find((x) => x.skuCode === skuCode)!.unitCostFen }));
  const doc: ReceiptDoc = { _id: rt.newId('receipt'), key: input.key, purchaseOrderId: order._id, number: order.number, supplierId: order.supplierId, warehouseCode: order.warehouseCode, lines, at: now, by: input.userId, revision: 1, changedAt: now };
  await Receipts.create([doc], { session });
  const waiting = (skuCode: string): number => { const x = order.lines.find((o) => o.skuCode === skuCode)!; return Math.max(0, x.quantity - x.received); };
  for (const l of lines) {
    for (const part of of(l.skuCode)) {
      const put = lotOf(part) === '' ? [] : [{ bin: part.bin ?? '', batch: part.batch ?? '', quantity: part.quantity }];
      const posted = await postMovement(rt, session, { key: `receipt:${doc._id}:${l.skuCode}${lotOf(part)}`, kind: 'receipt', skuCode: l.skuCode, from: 'supplier', to: order.warehouseCode, quantity: part.quantity, costFen: l.unitCostFen * part.quantity, put, serials: [...(part.serials ?? [])], reference: doc._id, by: input.userId, at: now });
      if (!posted.ok) return refuse([{ row: input.lines.indexOf(part) + 1, code: posted.refusal.code, message: { zh: posted.refusal.zh, en: posted.refusal.en } }]);
    }
    await changeIncoming(rt, session, order.warehouseCode, l.skuCode, -Math.min(l.quantity, waiting(l.skuCode)));
  }
  const received = order.lines.map((x) => ({ ...x, received: x.received + lines.filter((l) => l.skuCode === x.skuCode).reduce((n, l) => n + l.quantity, 0) }));
  await PurchaseOrders.updateOne({ _id: order._id, revision: order.revision }, { $set: { lines: received, state: received.every((l) => l.received >= l.quantity) ? 'received' : 'partly_received', changedAt: now }, $inc: { revision: 1 } }, { session });
  await emit(rt, session, { topic: 'receipt.posted', key: `receipt.posted:${doc._id}`, payload: { receiptId: doc._id } });
  await audit(rt, session, [{ userId: input.userId, command: 'receive', noun: 'purchase-orders', id: order._id, before: order.state, after: { lines }, at: now }]);
  return ok(doc);
}

/** Nothing more will come: what is open leaves the incoming pieces. What was received stays received. */
export async function cancelOrder(rt: Runtime, session: ClientSession, input: { purchaseOrderId: string; userId: string }): Promise<Result<PurchaseOrderDoc, Both & { readonly code: 'not_found' | 'received' }>> {
  const order = await PurchaseOrders.findById(input.purchaseOrderId).session(session).lean<PurchaseOrderDoc>();
  if (!order) return refuse({ code: 'not_found', zh: '没有这张采购单。', en: 'There is no such purchase order.' });
  if (order.state === 'cancelled') return ok(order);
  if (order.state === 'received') return refuse({ code: 'received', zh: `采购单 ${order.number} 已全部到货，不能取消。`, en: `${order.number} has arrived in full: it cannot be cancelled.` });
  const now = rt.clock.now();
  for (const l of order.lines) if (l.quantity > l.received) await changeIncoming(rt, session, order.warehouseCode, l.skuCode, l.received - l.quantity);
  await PurchaseOrders.updateOne({ _id: order._id, revision: order.revision }, { $set: { state: 'cancelled', changedAt: now }, $inc: { revision: 1 } }, { session });
  await Suggestions.updateMany({ orderedIn: order.number }, { $set: { orderedIn: '', chosen: false, changedAt: now }, $inc: { revision: 1 } }, { session });
  await audit(rt, session, [{ userId: input.userId, command: 'cancel', noun: 'purchase-orders', id: order._id, before: order.state, after: 'cancelled', at: now }]);
  return ok({ ...order, state: 'cancelled', revision: order.revision + 1, changedAt: now });
}

export async function upsertSuppliers(rt: Runtime, list: readonly { id: string; name: string; leadTimeDays: number }[]): Promise<void> {
  for (const s of list) await Suppliers.updateOne({ _id: s.id }, { $setOnInsert: { name: s.name, leadTimeDays: s.leadTimeDays, contact: '', active: true, revision: 1, changedAt: rt.clock.now() } }, { upsert: true });
}
