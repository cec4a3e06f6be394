/** Push rules of many listings at once, and what listings without a SKU may be. */
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import { likeness } from '../domain/likeness.ts';
import { PLAIN_RULE, type PushRule } from '../domain/push-figure.ts';
import { Listings, PushMarks, Skus, type ListingDoc, type SkuDoc } from '../store/models.ts';

export type RuleInput = { readonly shopId?: string | undefined; readonly ids?: readonly string[] | undefined; readonly rule: { readonly [K in keyof PushRule]?: PushRule[K] | undefined }; readonly forNew: boolean };
/** Writes the rule into each listing: there is no level above it. `forNew` also keeps it as what the shop's new listings begin with. */
export async function setRules(rt: Runtime, userId: string, input: RuleInput): Promise<Result<number, Both>> {
  if (!input.shopId && !input.ids) return refuse({ zh: '说明是哪个店铺，或哪些商品。', en: 'Name the shop, or the listings.' });
  const given = Object.fromEntries(Object.entries(input.rule).filter(([, v]) => v !== undefined)) as Partial<PushRule>;
  const now = rt.clock.now();
  const changed = await rt.transact(async (session) => {
    const listings = await Listings.find({ ...(input.shopId ? { shopId: input.shopId } : {}), ...(input.ids ? { _id: { $in: [...input.ids] } } : {}) }).session(session).lean<ListingDoc[]>();
    for (let i = 0; i < listings.length; i += 500) {
      await Listings.bulkWrite(listings.slice(i, i + 500).map((l) => ({ updateOne: { filter: { _id: l._id }, update: { $set: { rule: { ...l.rule, ...given }, pushDue: true, nextPushAt: null, changedAt: now }, $inc: { revision: 1 } } } })) as never, { session });
    }
    if (input.forNew && input.shopId) await PushMarks.updateOne({ _id: input.shopId }, { $set: { rule: { ...PLAIN_RULE, ...given }, at: now } }, { upsert: true, session });
    await audit(rt, session, [{ userId, command: 'set-push-rule', noun: 'listings', id: input.shopId ?? 'many', before: null, after: { rule: given, listings: listings.length }, at: now }]);
    return listings.length;
  });
  return ok(changed);
}

export type ListingSuggestion = { listingId: string; shopId: string; title: string; merchantCode: string; candidates: { skuCode: string; name: string; by: 'code' | 'barcode' | 'title'; scoreRate: number }[] };
/** Below this likeness a title says nothing (rate per 10,000). */
const LEAST = 3_500;
const key = (text: string): string => text.normalize('NFKC').trim().toUpperCase().replace(/[\s_-]/g, '');

/** By merchant code (however it is written), by barcode, then by likeness of the title; three at most. */
export async function suggestListings(): Promise<ListingSuggestion[]> {
  const [listings, skus] = await Promise.all([Listings.find({ skuCode: null }).limit(1000).lean<ListingDoc[]>(), Skus.find({ active: true }).lean<SkuDoc[]>()]);
  const byCode = new Map(skus.map((s) => [key(s.code), s]));
  const byBarcode = new Map(skus.filter((s) => s.barcode !== '').map((s) => [key(s.barcode), s]));
  return listings.map((l) => {
    const code = key(l.merchantCode);
    const hit = code === '' ? undefined : byCode.get(code) ?? byBarcode.get(code);
    const exact = hit ? [{ skuCode: hit.code, name: hit.name, by: byCode.get(code) ? ('code' as const) : ('barcode' as const), scoreRate: 10_000 }] : [];
    const like = skus.map((s) => ({ skuCode: s.code, name: s.name, by: 'title' as const, scoreRate: likeness(l.title, s.name) })).filter((c) => c.scoreRate >= LEAST && c.skuCode !== hit?.code).sort((a, b) => b.scoreRate - a.scoreRate || (a.skuCode < b.skuCode ? -1 : 1));
    return { listingId: l._id, shopId: l.shopId, title: l.title, merchantCode: l.merchantCode, candidates: [...exact, ...like].slice(0, 3) };
  });
}
