/**
 * What a shop is told of one listing: one formula, every term with its value. There is one rule per listing and no level above
 * it that overrides it; what a shop's new listings begin with is copied into them.
 *
 *   quantity = off: nothing is told · fixed: the fixed figure
 *            · else: 0 when (available − waiting − kept back) is below the limit, otherwise its share, at most the cap, plus presale, less what of the presale is sold
 *
 * available: pieces that can be promised in all warehouses that sell. waiting: sold, and not yet promised to a parcel.
 */
import type { Both } from '../../contract/route.ts';

export type PushMode = 'auto' | 'fixed' | 'off';
export type PushRule = { mode: PushMode; /** rate per 10,000 */ shareRate: number; keepBack: number; /** told as 0 when fewer are left */ offBelow: number; cap: number | null; fixed: number; presale: number };
export const PLAIN_RULE: PushRule = { mode: 'auto', shareRate: 10_000, keepBack: 0, offBelow: 0, cap: null, fixed: 0, presale: 0 };
export type Supply = { readonly available: number; readonly waiting: number };
export type PushTerm = { term: 'available' | 'waiting' | 'keepBack' | 'offBelow' | 'share' | 'cap' | 'presale' | 'presold' | 'fixed'; value: number; result: number };
export type Figure = { readonly quantity: number | null; readonly terms: PushTerm[] };

export function pushFigure(rule: PushRule, supply: Supply): Figure {
  if (rule.mode === 'off') return { quantity: null, terms: [] };
  if (rule.mode === 'fixed') return { quantity: rule.fixed, terms: [{ term: 'fixed', value: rule.fixed, result: rule.fixed }] };
  const terms: PushTerm[] = [];
  let n = 0;
  const step = (term: PushTerm['term'], value: number, result: number): void => { n = result; terms.push({ term, value, result }); };
  step('available', supply.available, supply.available);
  if (supply.waiting !== 0) step('waiting', supply.waiting, n - supply.waiting);
  if (rule.keepBack !== 0) step('keepBack', rule.keepBack, n - rule.keepBack);
  if (rule.offBelow > 0 && n < rule.offBelow) step('offBelow', rule.offBelow, 0);
  if (rule.shareRate !== 10_000) step('share', rule.shareRate, Math.floor((Math.max(0, n) * rule.shareRate) / 10_000));
  if (rule.cap !== null && n > rule.cap) step('cap', rule.cap, rule.cap);
  n = Math.max(0, n);
  if (rule.presale > 0) {
    step('presale', rule.presale, n + rule.presale);
    // Sold beyond what is here: pieces of the presale, which it has to promise no second time.
    const presold = Math.min(rule.presale, Math.max(0, supply.waiting - supply.available));
    if (presold > 0) step('presold', presold, n - presold);
  }
  return { quantity: n, terms };
}

const percent = (rate: number): string => `${rate * 0.01}%`;
/** The formula as a person reads it, with its values. */
export function figureWords({ quantity, terms }: Figure): Both {
  if (quantity === null) return { zh: '不同步', en: 'not told' };
  const zh = terms.map((t) => ({ available: `可用 ${t.value}`, waiting: ` − 已卖待占用 ${t.value}`, keepBack: ` − 预留 ${t.value}`, offBelow: `，不足 ${t.value} 停售 → 0`, share: `，× ${percent(t.value)} → ${t.result}`, cap: `，封顶 ${t.value}`, presale: ` + 预售 ${t.value}`, presold: ` − 预售已卖 ${t.value}`, fixed: `固定 ${t.value}` })[t.term]).join('');
  const en = terms.map((t) => ({ available: `available ${t.value}`, waiting: ` − sold, not yet promised ${t.value}`, keepBack: ` − kept back ${t.value}`, offBelow: `, off below ${t.value} → 0`, share: `, × ${percent(t.value)} → ${t.result}`, cap: `, at most ${t.value}`, presale: ` + presale ${t.value}`, presold: ` − of it sold ${t.value}`, fixed: `fixed ${t.value}` })[t.term]).join('');
  return { zh: `${zh} = ${quantity}`, en: `${en} = ${quantity}` };
}
