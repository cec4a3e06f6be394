/** Why an order passed or waits, in a sentence that names table, version, row and what the row saw. Pure. */
import type { TableKind } from '../../contract/decision-tables/index.ts';
import { noteWords } from '../../contract/decision-tables/note-words.ts';
import { lookedText } from '../../contract/decision-tables/show.ts';
import { HOLDS, holdText } from '../../contract/holds.ts';
import type { Both } from '../../contract/route.ts';
import type { GiftMissed } from './gifts.ts';

type Hold = { readonly code: string; readonly version: number; readonly row: string; readonly place: number; readonly note: string; readonly looked: Readonly<Record<string, unknown>>; readonly by?: string; readonly itself?: boolean };
export type WhyFacts = {
  readonly fulfilledElsewhere: boolean; readonly leftThere?: string | undefined; readonly linkedTo?: { readonly kind: 'resend' | 'exchange'; readonly platformOrderId: string } | null | undefined; readonly reviewState: string; readonly holds: readonly Hold[]; readonly ruled?: { readonly courier: string; readonly warehouse: string; readonly flag: string; readonly tags: readonly string[]; readonly gifts: readonly { readonly skuCode: string; readonly quantity: number }[]; readonly missed?: readonly GiftMissed[] } | null | undefined;
  readonly decision: { readonly table: string; readonly version: number; readonly byHand: boolean; readonly by?: string; readonly note?: string; readonly row?: string; readonly place?: number; readonly looked?: Readonly<Record<string, unknown>>; readonly byItself?: boolean; readonly was?: readonly string[] } | null;
};
const ROLE: Readonly<Record<string, Both>> = { anyone: { zh: '能改订单的人', en: 'whoever may change orders' }, owner: { zh: '店主', en: 'the owner' }, reviewer: { zh: '审单', en: 'a reviewer' }, warehouse: { zh: '仓库', en: 'the warehouse' }, buyer: { zh: '采购', en: 'a buyer' }, finance: { zh: '财务', en: 'finance' }, service: { zh: '客服', en: 'service' } };
export const roleText = (role: string): Both => ROLE[role] ?? { zh: role, en: role };

const MISSED: Readonly<Record<GiftMissed['reason'], (n: number) => Both>> = {
  first: (n) => ({ zh: `只给前 ${n} 单`, en: `for the first ${n} orders only` }), most: (n) => ({ zh: `总共只给 ${n} 件`, en: `${n} pieces in all` }), buyer: (n) => ({ zh: `每位买家只给 ${n} 件`, en: `${n} a buyer` }), unknown_sku: () => ({ zh: '没有这个货品', en: 'no such SKU' }),
};
/** Who can clear a hold, and how. */
export const clearText = (h: Pick<Hold, 'code' | 'by' | 'itself'>): Both => {
  const how = HOLDS.find((x) => x.value === h.code)?.how;
  const who = roleText(h.by ?? 'anyone');
  return { zh: `${who.zh}可以放行${h.itself ? '，原因没了自己放行' : ''}${how ? `；${how.zh}` : ''}`, en: `${who.en} may release it${h.itself ? ', and it ends by itself when its reason is gone' : ''}${how ? `; ${how.en}` : ''}` };
};
function rowText(kind: TableKind | undefined, h: Hold): Both {
  if (!h.row) return { zh: h.note ? `（${h.note}）` : '', en: h.note ? ` (${noteWords(h.note).en})` : '' };
  const zh = lookedText(kind, h.looked, 'zh');
  const en = lookedText(kind, h.looked, 'en');
  return { zh: `（${kind?.title.zh ?? ''}版本 ${h.version} 第 ${h.place} 行 ${h.row}${h.note ? `，${h.note}` : ''}${zh ? `；看到${zh}` : ''}）`, en: ` (${kind?.title.en ?? ''} version ${h.version}, row ${h.place} ${h.row}${h.note ? `, ${noteWords(h.note).en}` : ''}${en ? `; it saw ${en}` : ''})` };
}
function ruledText(r: WhyFacts['ruled']): Both {
  if (!r) return { zh: '', en: '' };
  const parts: Both[] = [
    ...(r.warehouse ? [{ zh: `指定仓库 ${r.warehouse}`, en: `warehouse set to ${r.warehouse}` }] : []), ...(r.courier ? [{ zh: `指定快递 ${r.courier}`, en: `courier set to ${r.courier}` }] : []),
    ...(r.tags.length > 0 ? [{ zh: `标签 ${r.tags.join('、')}`, en: `tags ${r.tags.join(', ')}` }] : []), ...(r.gifts.length > 0 ? [{ zh: `赠品 ${r.gifts.map((g) => `${g.skuCode}×${g.quantity}`).join('、')}`, en: `gifts ${r.gifts.map((g) => `${g.skuCode}×${g.quantity}`).join(', ')}` }] : []),
    ...(r.missed ?? []).map((m) => ({ zh: `赠品 ${m.skuCode} 没给（${m.rule} ${MISSED[m.reason](m.limit).zh}）`, en: `gift ${m.skuCode} not given (${m.rule}: ${MISSED[m.reason](m.limit).en})` })),
    ...(r.flag ? [{ zh: `旗帜 ${r.flag}`, en: `flag ${r.flag}` }] : []),
  ];
  return parts.length === 0 ? { zh: '', en: '' } : { zh: `；规则还${parts.map((p) => p.zh).join('，')}`, en: `; rules also: ${parts.map((p) => p.en).join(', ')}` };
}

/** What an order of our own follows. */
export const linkText = (l: { readonly kind: 'resend' | 'exchange'; readonly platformOrderId: string }): Both => (l.kind === 'exchange' ? { zh: `换货，原单 ${l.platformOrderId}`, en: `exchange for ${l.platformOrderId}` } : { zh: `补发，原单 ${l.platformOrderId}`, en: `sent again for ${l.platformOrderId}` });

/** Shipped in the platform's own pages while we were connected. */
const LEFT: Readonly<Record<string, Both>> = {
  due: { zh: '在平台后台发的货，等着扣库存', en: 'shipped in the platform’s own pages; its stock is about to be booked out' }, booked: { zh: '在平台后台发的货，库存已扣', en: 'shipped in the platform’s own pages; its stock is booked out' },
  short: { zh: '在平台后台发的货，我们的库存不够扣：请盘点', en: 'shipped in the platform’s own pages, and our stock has not what left: count it' }, none: { zh: '在平台后台发的货，不动我们的库存', en: 'shipped in the platform’s own pages; none of it was our stock' },
};

/** Of all that was looked at, what a sentence has room for. */
const BRIEF = ['paid', 'quantity', 'weight', 'province', 'margin'];

/** `kind`: the table of the decision with the company's own fields, so that they are called by their titles. */
export function whySentence(o: WhyFacts, kind: TableKind | undefined): Both {
  if (o.leftThere && LEFT[o.leftThere]) return LEFT[o.leftThere]!;
  if (o.fulfilledElsewhere) return { zh: '接入前平台已发货', en: 'shipped before we were connected' };
  if (o.reviewState === 'cancelled') return { zh: '平台关闭了订单', en: 'closed on the platform' };
  if (o.reviewState === 'pending') return { zh: '等待审单', en: 'waiting for review' };
  const more = ruledText(o.ruled);
  if (o.reviewState === 'held') {
    return { zh: `挂起：${o.holds.map((h) => `${holdText(h.code).zh}${rowText(kind, h).zh}`).join('；')}${more.zh}`, en: `held: ${o.holds.map((h) => `${holdText(h.code).en}${rowText(kind, h).en}`).join('; ')}${more.en}` };
  }
  const d = o.decision;
  const version = d?.version ?? 0;
  if (o.linkedTo) return { zh: `${linkText(o.linkedTo).zh}${d?.by ? `，${d.by}` : ''}${d?.note ? `：${d.note}` : ''}`, en: `${linkText(o.linkedTo).en}${d?.by ? `, asked for by ${d.by}` : ''}${d?.note ? `: ${d.note}` : ''}` };
  if (d?.byHand) return { zh: `人工放行${d.by ? `：${d.by}` : ''}${d.note ? `，${d.note}` : ''}${more.zh}`, en: `released by hand${d.by ? ` by ${d.by}` : ''}${d.note ? `: ${d.note}` : ''}${more.en}` };
  if (d?.byItself && d.was?.length) return { zh: `自己放行：${d.was.map((c) => holdText(c).zh).join('、')}的原因没了（${kind?.title.zh ?? ''}版本 ${version}）${more.zh}`, en: `released by itself: the reason is gone for ${d.was.map((c) => holdText(c).en).join(', ')} (${kind?.title.en ?? ''} version ${version})${more.en}` };
  const saw = { zh: lookedText(kind, d?.looked ?? {}, 'zh'), en: lookedText(kind, d?.looked ?? {}, 'en') };
  if (d?.row) return { zh: `自动通过：${kind?.title.zh ?? ''}版本 ${version} 第 ${d.place ?? 0} 行 ${d.row} 说通过${saw.zh ? `，看到${saw.zh}` : ''}${more.zh}`, en: `passed by itself: ${kind?.title.en ?? ''} version ${version}, row ${d.place ?? 0} ${d.row} says pass${saw.en ? `; it saw ${saw.en}` : ''}${more.en}` };
  const some = (lang: 'zh' | 'en'): string => lookedText(kind, Object.fromEntries(BRIEF.flatMap((key) => (d?.looked && key in d.looked ? [[key, d.looked[key]]] : []))), lang);
  return { zh: `自动通过：${kind?.title.zh ?? ''}版本 ${version} 没有一行拦下${some('zh') ? `，看过${some('zh')}` : ''}${more.zh}`, en: `passed by itself: no row of ${kind?.title.en ?? ''} version ${version} holds it${some('en') ? `; it saw ${some('en')}` : ''}${more.en}` };
}
