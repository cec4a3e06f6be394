import { fenFromInteger, yuanText } from '../contract/values/money.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { numbersFromSupplier, Parcels, type ParcelDoc } from '../orders/index.ts';
import type { CellRefusal, CellValue, SheetCommands } from '../sheets/commands.ts';
import { DROPSHIP, setSupply, Skus, type SkuDoc } from '../stock/index.ts';
import { audit } from '../store/audit.ts';
import { Suppliers, type SupplierDoc } from './store/models.ts';

/** Tracking numbers come back: a row with courier and number has left. */
export const dropshipsSheetCommands: SheetCommands = {
  sheet: 'dropships', noun: 'dropships',
  load: async (_rt, ids, session) => {
    const docs = await Parcels.find({ _id: { $in: ids }, supplierId: { $gt: '' } }).session(session).lean<ParcelDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { courier: d.courierCode || null, tracking: d.trackingNumber || null } as Record<string, CellValue> }]));
  },
  choices: async (rt, rows) => new Map(rows.map(({ id }) => [id, { courier: rt.channels.courierCodes }])),
  apply: async (rt, edits, { session, user, batchId }) => {
    const before = new Map((await Parcels.find({ _id: { $in: edits.map((e) => e.id) } }).session(session).lean<ParcelDoc[]>()).map((p) => [p._id, p]));
    const text = (v: CellValue | undefined, was: string | undefined): string => (v === undefined ? was ?? '' : String(v ?? '')).trim();
    // A courier alone is a number that is still to come; it cannot stand without one.
    const done = await numbersFromSupplier(rt, session, edits.map((e) => ({ row: e.row, id: e.id, revision: e.revision, courier: text(e.set['courier'], before.get(e.id)?.courierCode), trackingNumber: text(e.set['tracking'], before.get(e.id)?.trackingNumber) })), { userId: user.userId, batchId });
    if (!done.ok) return refuse(done.refusal);
    for (const job of ['push-shipments', 'post-journal']) rt.wake(job);
    const yuan = yuanText(fenFromInteger(done.value.owedFen));
    return ok({ effects: done.value.left > 0 ? [{ zh: `代发 ${done.value.left} 个包裹已发货，应付供应商 ${yuan} 元`, en: `${done.value.left} drop-ship parcels have left, ${yuan} yuan owed to suppliers` }] : [] });
  },
};

/** Who goods are bought from, by name. */
export const activeNames = async (): Promise<string[]> => (await Suppliers.find({ active: true }, { name: 1 }).sort({ name: 1 }).lean<Pick<SupplierDoc, '_id' | 'name'>[]>()).map((s) => s.name);
export const supplySheetCommands: SheetCommands = {
  sheet: 'supply', noun: 'skus',
  load: async (_rt, ids, session) => {
    const names = new Map((await Suppliers.find({}).session(session).lean<SupplierDoc[]>()).map((s) => [s._id, s.name]));
    const docs = await Skus.find({ _id: { $in: ids } }).session(session).lean<SkuDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { supplier: names.get(d.supplierId) ?? null, dropship: d.flags.includes(DROPSHIP), left: d.supplierLeft ?? null } as Record<string, CellValue> }]));
  },
  choices: async (_rt, rows) => { const names = await activeNames(); return new Map(rows.map(({ id }) => [id, { supplier: names }])); },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    const suppliers = await Suppliers.find({}).session(session).lean<SupplierDoc[]>();
    const skus = new Map((await Skus.find({ _id: { $in: edits.map((e) => e.id) } }).session(session).lean<SkuDoc[]>()).map((s) => [s._id, s]));
    const refusals: CellRefusal[] = [];
    for (const e of edits) {
      const { supplier, dropship, left } = e.set;
      const sku = skus.get(e.id)!;
      const found = supplier === undefined ? undefined : suppliers.find((s) => s.name === supplier || s._id === supplier);
      if (supplier && !found) refusals.push({ row: e.row, column: 'supplier', code: 'unknown_supplier', message: { zh: `没有供应商“${supplier}”。现有：${suppliers.map((s) => s.name).join('、')}。`, en: `There is no supplier “${supplier}”. There are: ${suppliers.map((s) => s.name).join(', ')}.` } });
      const supplierId = supplier === undefined ? sku.supplierId : found?._id ?? '';
      if ((dropship ?? sku.flags.includes(DROPSHIP)) === true && supplierId === '' && !(supplier && !found)) refusals.push({ row: e.row, column: 'dropship', code: 'no_supplier', message: { zh: `${sku.code} 还没有供应商，不能代发。`, en: `${sku.code} has no supplier: nobody can ship it.` } });
      if (refusals.length > 0) continue;
      await setSupply(rt, session, { id: e.id, revision: e.revision, supplierId, ...(dropship === undefined ? {} : { dropship: dropship === true }), ...(left === undefined ? {} : { left: left === null ? null : Number(left) }) });
      await audit(rt, session, [{ userId: user.userId, command: 'set-supply', noun: 'skus', id: e.id, before: { supplierId: sku.supplierId, left: sku.supplierLeft ?? null, dropship: sku.flags.includes(DROPSHIP) }, after: e.set, batchId, at: now }]);
    }
    if (refusals.length > 0) return refuse(refusals);
    for (const job of ['plan-parcels', 'push-stock']) rt.wake(job);
    return ok({ effects: edits.length > 0 ? [{ zh: `改了 ${edits.length} 个货品的供货`, en: `supply of ${edits.length} SKUs changed` }] : [] });
  },
};

export const suppliersSheetCommands: SheetCommands = {
  sheet: 'suppliers', noun: 'suppliers',
  load: async (_rt, ids, session) => new Map((await Suppliers.find({ _id: { $in: ids } }).session(session).lean<SupplierDoc[]>()).map((d) => [d._id, { revision: d.revision, values: { contact: d.contact || null, leadTime: d.leadTimeDays } as Record<string, CellValue> }])),
  apply: async (rt, edits, { session, user, now, batchId }) => {
    for (const e of edits) {
      const { contact, leadTime } = e.set;
      await Suppliers.updateOne({ _id: e.id, revision: e.revision }, { $set: { ...(contact === undefined ? {} : { contact: String(contact ?? '') }), ...(leadTime === undefined ? {} : { leadTimeDays: Number(leadTime) }), changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId: user.userId, command: 'set-supplier', noun: 'suppliers', id: e.id, before: null, after: e.set, batchId, at: now }]);
    }
    return ok({ effects: edits.length > 0 ? [{ zh: `改了 ${edits.length} 个供应商`, en: `${edits.length} suppliers changed` }] : [] });
  },
};
