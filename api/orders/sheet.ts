import type { Both } from '../contract/route.ts';
import { fenFromInteger, yuanText } from '../contract/values/money.ts';
import { ok, refuse } from '../contract/values/result.ts';
import type { CellRefusal, CellValue, SheetCommands } from '../sheets/commands.ts';
import { warehouses } from '../stock/index.ts';
import { audit } from '../store/audit.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from './store/models.ts';
import { couriersFor, loadWays } from './workflows/courier-ways.ts';
import { changeOrder } from './workflows/change-orders.ts';

export const ordersSheetCommands: SheetCommands = {
  sheet: 'orders', noun: 'orders',
  load: async (_rt, ids, session) => {
    const docs = await Orders.find({ _id: { $in: ids } }).session(session).lean<OrderDoc[]>();
    const parcels = await Parcels.find({ orderIds: { $in: ids }, state: { $ne: 'cancelled' } }).session(session).lean<ParcelDoc[]>();
    return new Map(docs.map((d) => {
      const own = parcels.find((p) => d.parcelIds.includes(p._id));
      const values: Record<string, CellValue> = { review: d.reviewState, memo: d.sellerMemo || null, warehouse: d.chosenWarehouse || own?.warehouseCode || null, courier: d.chosenCourier || own?.courierCode || null };
      return [d._id, { revision: d.revision, values }];
    }));
  },
  choices: async (rt, rows) => {
    const [ways, houses, docs] = [await loadWays(rt), await warehouses(), await Orders.find({ _id: { $in: rows.map((r) => r.id) } }, { receiver: 1, chosenWarehouse: 1 }).lean<Pick<OrderDoc, '_id' | 'receiver' | 'chosenWarehouse'>[]>()];
    const byId = new Map(docs.map((d) => [d._id, d]));
    return new Map(rows.flatMap(({ id, cells }) => { const o = byId.get(id); return o ? [[id, { warehouse: houses.map((w) => w.code), courier: couriersFor(ways, o.receiver, String(cells['warehouse'] ?? o.chosenWarehouse)) }] as const] : []; }));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    let ways: ReturnType<typeof loadWays> | undefined;
    const known = { warehouses: new Set((await warehouses()).map((w) => w.code)), user, ways: () => (ways ??= loadWays(rt)) };
    const refusals: CellRefusal[] = [];
    const counts = { passed: 0, held: 0, paidFen: 0, other: 0 };
    for (const edit of edits) {
      const before = await Orders.findById(edit.id).session(session).lean<OrderDoc>();
      const change = { ...edit.set } as Parameters<typeof changeOrder>[3];
      const done = await changeOrder(rt, session, edit.id, change, known);
      if (!done.ok) { refusals.push({ row: edit.row, ...done.refusal }); continue; }
      if (change.review === 'passed') Object.assign(counts, { passed: counts.passed + 1, paidFen: counts.paidFen + (before?.paidFen ?? 0) });
      else if (change.review === 'held') counts.held += 1;
      else counts.other += 1;
      await audit(rt, session, [{ userId: user.userId, command: 'change-order', noun: 'orders', id: edit.id, before: { review: before?.reviewState, memo: before?.sellerMemo }, after: edit.set, batchId, at: now }]);
    }
    if (refusals.length > 0) return refuse(refusals);
    rt.wake('review-orders');
    return ok({ effects: effectsOf(counts) });
  },
};

function effectsOf(c: { passed: number; held: number; paidFen: number; other: number }): Both[] {
  const yuan = yuanText(fenFromInteger(c.paidFen));
  return [
    ...(c.passed > 0 ? [{ zh: `放行 ${c.passed} 单，实付合计 ${yuan} 元`, en: `${c.passed} orders released, ${yuan} yuan paid` }] : []),
    ...(c.held > 0 ? [{ zh: `挂起 ${c.held} 单`, en: `${c.held} orders held` }] : []), ...(c.other > 0 ? [{ zh: `改了 ${c.other} 单的备注、仓库或快递`, en: `${c.other} orders: memo, warehouse or courier changed` }] : []),
  ];
}
