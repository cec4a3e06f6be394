import type { ClientSession } from 'mongoose';
import type { Both } from '../contract/route.ts';
import { fenFromInteger, yuanText } from '../contract/values/money.ts';
import { ok, refuse } from '../contract/values/result.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { CellRefusal, CellValue, SheetCommands, SheetEdit } from '../sheets/commands.ts';
import { audit } from '../store/audit.ts';
import { inPacks } from './domain/suggest.ts';
import { PurchaseOrders, Suggestions, Suppliers, type PurchaseOrderDoc, type SuggestionDoc, type SupplierDoc } from './store/models.ts';
import { activeNames } from './dropship-sheet.ts';
import { orderGoods, receiveGoods } from './workflows/order-goods.ts';

type Row = { readonly edit: SheetEdit; readonly before: SuggestionDoc; readonly after: Pick<SuggestionDoc, 'chosen' | 'quantity' | 'unitCostFen' | 'note' | 'supplierId'> };
const suppliersNow = (session: ClientSession): Promise<SupplierDoc[]> => Suppliers.find({}).session(session).lean<SupplierDoc[]>();

/** Ticked rows become purchase orders; the others keep the buyer's quantity, supplier, price and note. */
export const suggestionsSheetCommands: SheetCommands = {
  sheet: 'suggestions', noun: 'suggestions',
  load: async (_rt, ids, session) => {
    const names = new Map((await suppliersNow(session)).map((s) => [s._id, s.name]));
    const docs = await Suggestions.find({ _id: { $in: ids } }).session(session).lean<SuggestionDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { chosen: d.chosen, quantity: d.quantity, supplier: names.get(d.supplierId) ?? null, unitCost: d.unitCostFen, note: d.note || null } as Record<string, CellValue> }]));
  },
  // Who has delivered the SKU stands first, then the others.
  choices: async (_rt, rows) => {
    const docs = new Map((await Suggestions.find({ _id: { $in: rows.map((r) => r.id) } }, { skuCode: 1 }).lean<Pick<SuggestionDoc, '_id' | 'skuCode'>[]>()).map((d) => [d._id, d.skuCode]));
    const [names, known, past] = [await activeNames(), new Map((await Suppliers.find({}, { name: 1 }).lean<Pick<SupplierDoc, '_id' | 'name'>[]>()).map((s) => [s._id, s.name])), await PurchaseOrders.find({ 'lines.skuCode': { $in: [...docs.values()] } }, { supplierId: 1, lines: 1 }).sort({ _id: -1 }).limit(2_000).lean<Pick<PurchaseOrderDoc, '_id' | 'supplierId' | 'lines'>[]>()];
    const before = (sku: string | undefined): string[] => past.filter((p) => p.lines.some((l) => l.skuCode === sku)).flatMap((p) => known.get(p.supplierId) ?? []);
    return new Map(rows.map(({ id }) => [id, { supplier: [...new Set([...before(docs.get(id)).filter((n) => names.includes(n)), ...names])] }]));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    const refusals: CellRefusal[] = [];
    const suppliers = await suppliersNow(session);
    const docs = new Map((await Suggestions.find({ _id: { $in: edits.map((e) => e.id) } }).session(session).lean<SuggestionDoc[]>()).map((d) => [d._id, d]));
    const rows = edits.flatMap((edit): Row[] => {
      const before = docs.get(edit.id);
      return before ? [{ edit, before, after: edited(before, edit, suppliers, refusals) }] : [];
    });
    refusals.push(...rows.flatMap(refusalOf));
    if (refusals.length > 0) return refuse(refusals);
    for (const { edit, before, after } of rows) {
      await Suggestions.updateOne({ _id: edit.id, revision: edit.revision }, { $set: { ...after, changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId: user.userId, command: 'order', noun: 'suggestions', id: edit.id, before: { quantity: before.quantity, chosen: before.chosen, supplierId: before.supplierId }, after: edit.set, batchId, at: now }]);
    }
    return ok({ effects: await orderChosen(rt, rows.filter(newlyChosen), { session, userId: user.userId, batchId }) });
  },
};

function edited(before: SuggestionDoc, edit: SheetEdit, suppliers: readonly SupplierDoc[], refusals: CellRefusal[]): Row['after'] {
  const { chosen, quantity, supplier, unitCost, note } = edit.set;
  const found = supplier === undefined ? undefined : suppliers.find((s) => s.name === supplier || s._id === supplier);
  if (supplier !== undefined && !found) refusals.push({ row: edit.row, column: 'supplier', code: 'unknown_supplier', message: { zh: `没有供应商“${supplier ?? ''}”。现有：${suppliers.map((s) => s.name).join('、')}。`, en: `There is no supplier “${supplier ?? ''}”. There are: ${suppliers.map((s) => s.name).join(', ')}.` } });
  return {
    chosen: chosen === undefined ? before.chosen : chosen === true, quantity: quantity === undefined ? before.quantity : Number(quantity), unitCostFen: unitCost === undefined ? before.unitCostFen : Number(unitCost),
    note: note === undefined ? before.note : String(note ?? ''), supplierId: found?._id ?? before.supplierId,
  };
}
const newlyChosen = ({ before, after }: Row): boolean => after.chosen && !before.chosen;

function refusalOf({ edit, before, after }: Row): CellRefusal[] {
  const no = (column: string, code: string, zh: string, en: string): CellRefusal[] => [{ row: edit.row, column, code, message: { zh, en } }];
  const [sku, { moq, packSize }] = [before.skuCode, before.parts];
  if (!after.chosen) return [];
  if (before.orderedIn) return newlyChosen({ edit, before, after }) ? no('chosen', 'ordered_already', `${sku} 今天已下单（${before.orderedIn}）。`, `${sku} was ordered today (${before.orderedIn}).`) : [];
  if (after.quantity <= 0) return no('quantity', 'nothing_to_order', `${sku} 勾选了下单，采购数是 0。`, `${sku} is ticked with nothing to order.`);
  const right = inPacks(after.quantity, moq, packSize);
  if (after.quantity !== right) return no('quantity', 'not_whole_packs', `${sku} 按每箱 ${packSize}、起订 ${moq}，可以写 ${right}。`, `${sku} comes in packs of ${packSize}, at least ${moq}: write ${right}.`);
  return after.supplierId ? [] : no('supplier', 'no_supplier', `${sku} 还没有供应商，写一个再下单。`, `${sku} has no supplier yet: name one, then order.`);
}

async function orderChosen(rt: Runtime, rows: readonly Row[], by: { session: ClientSession; userId: string; batchId: string }): Promise<Both[]> {
  if (rows.length === 0) return [];
  const wanted = rows.map(({ before, after }) => ({ skuCode: before.skuCode, warehouseCode: before.warehouseCode, ...after }));
  const orders = await orderGoods(rt, by.session, { batchId: by.batchId, userId: by.userId, lines: wanted });
  for (const { edit, before, after } of rows) await Suggestions.updateOne({ _id: edit.id }, { $set: { orderedIn: orders.find((o) => o.supplierId === after.supplierId && o.warehouseCode === before.warehouseCode)?.number ?? '' } }, { session: by.session });
  const amount = yuanText(fenFromInteger(wanted.reduce((n, w) => n + w.quantity * w.unitCostFen, 0)));
  return [{ zh: `生成 ${orders.length} 张采购单，${wanted.length} 种货品，合计 ${amount} 元`, en: `${orders.length} purchase orders, ${wanted.length} SKUs, ${amount} yuan` }];
}

export const purchaseOrdersSheetCommands: SheetCommands = {
  sheet: 'purchase-orders', noun: 'purchase-orders',
  load: async (_rt, ids, session) => {
    const docs = await PurchaseOrders.find({ _id: { $in: ids } }).session(session).lean<PurchaseOrderDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { arrived: d.state === 'received', note: d.note || null } as Record<string, CellValue> }]));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    const refusals: CellRefusal[] = [];
    let pieces = 0;
    for (const edit of edits) {
      const before = await PurchaseOrders.findById(edit.id).session(session).lean<PurchaseOrderDoc>();
      if (!before) continue;
      if (edit.set['arrived'] === true) {
        const lines = before.lines.filter((l) => l.quantity > l.received).map((l) => ({ skuCode: l.skuCode, quantity: l.quantity - l.received }));
        const done = before.state === 'cancelled' ? undefined : await receiveGoods(rt, session, { purchaseOrderId: edit.id, key: `${batchId}:${edit.id}`, userId: user.userId, lines });
        if (done?.ok) pieces += lines.reduce((n, l) => n + l.quantity, 0);
        else refusals.push({ row: edit.row, column: 'arrived', code: 'cannot_receive', message: done ? done.refusal[0]!.message : { zh: `${before.number} 已取消。`, en: `${before.number} is cancelled.` } });
      } else if (edit.set['arrived'] === false && before.state === 'received') refusals.push({ row: edit.row, column: 'arrived', code: 'posted', message: { zh: `${before.number} 已入库记账，不能取消勾选。要退货请做调整。`, en: `${before.number} is received and booked: it cannot be unticked. Post an adjustment instead.` } });
      if (edit.set['note'] !== undefined) await PurchaseOrders.updateOne({ _id: edit.id }, { $set: { note: String(edit.set['note'] ?? ''), changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId: user.userId, command: 'set-order', noun: 'purchase-orders', id: edit.id, before: before.state, after: edit.set, batchId, at: now }]);
    }
    if (refusals.length > 0) return refuse(refusals);
    if (pieces > 0) rt.wake('plan-parcels');
    return ok({ effects: pieces > 0 ? [{ zh: `入库 ${pieces} 件，已记账`, en: `${pieces} pieces received and booked` }] : [] });
  },
};
