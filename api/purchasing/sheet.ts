import { fenFromInteger, yuanText } from '../contract/values/money.ts';
import { ok, refuse } from '../contract/values/result.ts';
import type { CellRefusal, CellValue, SheetCommands } from '../sheets/commands.ts';
import { audit } from '../store/audit.ts';
import { inPacks } from './domain/suggest.ts';
import { PurchaseOrders, Suggestions, type PurchaseOrderDoc, type SuggestionDoc } from './store/models.ts';
import { orderGoods, receiveGoods, type Wanted } from './workflows/order-goods.ts';

/** Ticked rows become purchase orders; the others keep the buyer's quantity, price and note. */
export const suggestionsSheetCommands: SheetCommands = {
  sheet: 'suggestions', noun: 'suggestions',
  load: async (_rt, ids, session) => {
    const docs = await Suggestions.find({ _id: { $in: ids } }).session(session).lean<SuggestionDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { chosen: d.chosen, quantity: d.quantity, unitCost: d.unitCostFen, note: d.note || null } as Record<string, CellValue> }]));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    const refusals: CellRefusal[] = [];
    const wanted: (Wanted & { id: string })[] = [];
    for (const edit of edits) {
      const before = await Suggestions.findById(edit.id).session(session).lean<SuggestionDoc>();
      if (!before) continue;
      const after = { chosen: edit.set['chosen'] === undefined ? before.chosen : edit.set['chosen'] === true, quantity: Number(edit.set['quantity'] ?? before.quantity), unitCostFen: Number(edit.set['unitCost'] ?? before.unitCostFen), note: String(edit.set['note'] ?? before.note) };
      const no = (column: string, code: string, zh: string, en: string): void => void refusals.push({ row: edit.row, column, code, message: { zh, en } });
      if (after.chosen && !before.chosen && before.orderedIn) no('chosen', 'ordered_already', `${before.skuCode} 今天已下单（${before.orderedIn}）。`, `${before.skuCode} was ordered today (${before.orderedIn}).`);
      else if (after.chosen && after.quantity <= 0) no('quantity', 'nothing_to_order', `${before.skuCode} 勾选了下单，采购数是 0。`, `${before.skuCode} is ticked with nothing to order.`);
      else if (after.chosen && after.quantity !== inPacks(after.quantity, before.parts.moq, before.parts.packSize)) no('quantity', 'not_whole_packs', `${before.skuCode} 按每箱 ${before.parts.packSize}、起订 ${before.parts.moq}，可以写 ${inPacks(after.quantity, before.parts.moq, before.parts.packSize)}。`, `${before.skuCode} comes in packs of ${before.parts.packSize}, at least ${before.parts.moq}: write ${inPacks(after.quantity, before.parts.moq, before.parts.packSize)}.`);
      if (after.chosen && !before.chosen) wanted.push({ id: edit.id, skuCode: before.skuCode, supplierId: before.supplierId, warehouseCode: before.warehouseCode, quantity: after.quantity, unitCostFen: after.unitCostFen, note: after.note });
      await Suggestions.updateOne({ _id: edit.id, revision: edit.revision }, { $set: { ...after, changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId: user.userId, command: 'order', noun: 'suggestions', id: edit.id, before: { quantity: before.quantity, chosen: before.chosen }, after: edit.set, batchId, at: now }]);
    }
    if (refusals.length > 0) return refuse(refusals);
    const orders = await orderGoods(rt, session, { batchId, userId: user.userId, lines: wanted });
    for (const w of wanted) await Suggestions.updateOne({ _id: w.id }, { $set: { orderedIn: orders.find((o) => o.supplierId === w.supplierId && o.warehouseCode === w.warehouseCode)?.number ?? '' } }, { session });
    const amountFen = wanted.reduce((n, w) => n + w.quantity * w.unitCostFen, 0);
    return ok({ effects: orders.length === 0 ? [] : [{ zh: `生成 ${orders.length} 张采购单，${wanted.length} 种货品，合计 ${yuanText(fenFromInteger(amountFen))} 元`, en: `${orders.length} purchase orders, ${wanted.length} SKUs, ${yuanText(fenFromInteger(amountFen))} yuan` }] });
  },
};

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
