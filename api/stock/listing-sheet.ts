import { ok, refuse } from '../contract/values/result.ts';
import type { CellRefusal, CellValue, SheetCommands } from '../sheets/commands.ts';
import { audit } from '../store/audit.ts';
import type { PushRule } from './domain/push-figure.ts';
import { Listings, Skus, type ListingDoc } from './store/models.ts';

const RULE: Readonly<Record<string, keyof PushRule>> = { mode: 'mode', share: 'shareRate', keepBack: 'keepBack', offBelow: 'offBelow', cap: 'cap', fixed: 'fixed', presale: 'presale' };
/** The listings sheet: a SKU maps the listing, the other cells are its push rule. */
export const listingsSheetCommands: SheetCommands = {
  sheet: 'listings', noun: 'listings',
  load: async (_rt, ids, session) => {
    const docs = await Listings.find({ _id: { $in: ids } }).session(session).lean<ListingDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { skuCode: d.skuCode, ...Object.fromEntries(Object.entries(RULE).map(([column, field]) => [column, d.rule[field] as CellValue])) } }]));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    const codes = edits.flatMap((e) => (typeof e.set['skuCode'] === 'string' ? [e.set['skuCode']] : []));
    const known = new Set((await Skus.find({ code: { $in: codes } }, { code: 1 }).session(session).lean()).map((s) => s.code));
    const refusals: CellRefusal[] = edits.flatMap((e) => (typeof e.set['skuCode'] === 'string' && !known.has(e.set['skuCode']) ? [{ row: e.row, column: 'skuCode', code: 'unknown_sku', message: { zh: `没有货品 ${e.set['skuCode']}。`, en: `There is no SKU ${e.set['skuCode']}.` } }] : []));
    if (refusals.length > 0) return refuse(refusals);
    for (const e of edits) {
      const before = await Listings.findById(e.id).session(session).lean<ListingDoc>();
      const rule = { ...before!.rule, ...Object.fromEntries(Object.entries(e.set).filter(([c]) => c in RULE).map(([c, v]) => [RULE[c]!, v])) };
      const mapped = 'skuCode' in e.set ? { skuCode: e.set['skuCode'] as string | null, mappedBy: e.set['skuCode'] === null ? null : ('person' as const) } : {};
      await Listings.updateOne({ _id: e.id, revision: e.revision }, { $set: { rule, ...mapped, pushDue: true, nextPushAt: null, changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId: user.userId, command: 'set-listing', noun: 'listings', id: e.id, before: { skuCode: before!.skuCode, rule: before!.rule }, after: e.set, batchId, at: now }]);
    }
    const mapped = edits.filter((e) => 'skuCode' in e.set).length;
    const ruled = edits.length - edits.filter((e) => 'skuCode' in e.set && Object.keys(e.set).length === 1).length;
    return ok({ effects: [...(mapped > 0 ? [{ zh: `${mapped} 个商品改了对应`, en: `${mapped} listings mapped` }] : []), ...(ruled > 0 ? [{ zh: `${ruled} 个商品改了同步规则，随后告诉平台`, en: `${ruled} push rules changed; the platforms are told next` }] : [])] });
  },
};
