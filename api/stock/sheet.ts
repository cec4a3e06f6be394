import type { Both } from '../contract/route.ts';
import { fenFromInteger, yuanText } from '../contract/values/money.ts';
import { ok, refuse } from '../contract/values/result.ts';
import type { CellRefusal, CellValue, SheetCommands } from '../sheets/commands.ts';
import { audit } from '../store/audit.ts';
import { Positions, Skus, type PositionDoc, type SkuDoc } from './store/models.ts';
import { countStock } from './workflows/adjust.ts';

/** The stock sheet: a counted quantity is a stocktake of that row; the safety stock is a setting. */
export const stockSheetCommands: SheetCommands = {
  sheet: 'stock', noun: 'positions',
  load: async (_rt, ids, session) => {
    const docs = await Positions.find({ _id: { $in: ids } }).session(session).lean<PositionDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { counted: null, countReason: null, safetyStock: d.safetyStock } as Record<string, CellValue> }]));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    const effects: Both[] = [];
    const refusals: CellRefusal[] = edits.filter((e) => e.set['countReason'] && e.set['counted'] === undefined).map((e) => ({ row: e.row, column: 'counted', code: 'required', message: { zh: '写了盘点原因，还缺盘点数。', en: 'A reason is given; the counted pieces are missing.' } }));
    const counts = edits.flatMap((e) => { const [warehouseCode = '', ...sku] = e.id.split(':'); return typeof e.set['counted'] === 'number' ? [{ row: e.row, warehouseCode, skuCode: sku.join(':'), onHand: e.set['counted'], reason: String(e.set['countReason'] ?? '盘点') }] : []; });
    const counted = await countStock(rt, session, { key: batchId, reason: counts[0]?.reason ?? '', by: user.userId, lines: counts });
    if (!counted.ok) refusals.push(...counted.refusal.map((r) => ({ ...r, column: 'counted' })));
    if (refusals.length > 0) return refuse(refusals);
    for (const edit of edits.filter((e) => e.set['safetyStock'] !== undefined)) {
      const before = await Positions.findById(edit.id).session(session).lean<PositionDoc>();
      await Positions.updateOne({ _id: edit.id }, { $set: { safetyStock: Number(edit.set['safetyStock'] ?? 0), changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId: user.userId, command: 'set-safety', noun: 'positions', id: edit.id, before: before?.safetyStock, after: edit.set['safetyStock'], batchId, at: now }]);
    }
    if (counted.ok && counted.value.moved > 0) {
      const { moved, pieces, valueFen } = counted.value;
      const yuan = yuanText(fenFromInteger(valueFen));
      effects.push({ zh: `盘点 ${moved} 行，净差 ${pieces} 件，金额 ${yuan} 元`, en: `${moved} rows counted, ${pieces} pieces net, ${yuan} yuan` });
      await audit(rt, session, counts.map((c) => ({ userId: user.userId, command: 'count-stock', noun: 'positions', id: `${c.warehouseCode}:${c.skuCode}`, before: null, after: c.onHand, batchId, at: now })));
    }
    const safety = edits.filter((e) => e.set['safetyStock'] !== undefined).length;
    if (safety > 0) effects.push({ zh: `改了 ${safety} 个安全库存`, en: `${safety} safety stocks changed` });
    return ok({ effects });
  },
};

const FIELDS: Readonly<Record<string, keyof SkuDoc>> = { name: 'name', cost: 'costFen', weight: 'weightGrams', leadTime: 'leadTimeDays', moq: 'moq', packSize: 'packSize' };
export const skusSheetCommands: SheetCommands = {
  sheet: 'skus', noun: 'skus',
  load: async (_rt, ids, session) => {
    const docs = await Skus.find({ _id: { $in: ids } }).session(session).lean<SkuDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: Object.fromEntries(Object.entries(FIELDS).map(([column, field]) => [column, d[field] as CellValue])) }]));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    for (const e of edits) {
      const set = Object.fromEntries(Object.entries(e.set).map(([column, value]) => [FIELDS[column]!, value ?? 0]));
      await Skus.updateOne({ _id: e.id, revision: e.revision }, { $set: { ...set, changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId: user.userId, command: 'set-sku', noun: 'skus', id: e.id, before: null, after: e.set, batchId, at: now }]);
    }
    return ok({ effects: edits.length > 0 ? [{ zh: `改了 ${edits.length} 个货品`, en: `${edits.length} SKUs changed` }] : [] });
  },
};
