/** What a table says of one order, in a form that two versions can be compared by: the same words for every table. */
import { tableKind, type Outcome, type TableKind } from '../../contract/decision-tables/index.ts';
import { shownValue } from '../../contract/decision-tables/show.ts';
import { holdText } from '../../contract/holds.ts';
import type { Both } from '../../contract/route.ts';
import type { Compiled, Hit, LoadedTable } from '../../rules/index.ts';
import { freightOf } from '../domain/freight.ts';
import type { GiftWish } from '../domain/gifts.ts';
import { verdictOf, waitsForPlatform, type Input, type Ruled, type Verdict } from '../domain/review.ts';
import type { SeenOrder } from '../store/seen-orders.ts';
import { giftsFor, inputOf, tagsOf, type OrderContext } from './order-facts.ts';

export type Side = { readonly key: string; readonly words: Both; readonly rows: readonly string[]; readonly holds: readonly string[]; readonly passed: boolean; readonly freightFen: number };
export type Decider = Pick<Compiled, 'decide'>;
/** The other live tables that a table's own decision leans on. */
export type Neighbours = Readonly<Record<'order-review' | 'tag' | 'gift' | 'warehouse' | 'courier', LoadedTable>>;

const NOTHING: Both = { zh: '没有命中', en: 'no row fits' };
const joined = (list: readonly Both[], none: Both): Both => (list.length === 0 ? none : { zh: list.map((t) => t.zh).join('、'), en: list.map((t) => t.en).join(', ') });
const said = (o: Outcome, value: string): Both => ({ zh: `${o.zh} ${o.choices?.find((c) => c.value === value)?.zh ?? value}`, en: `${o.en} ${o.choices?.find((c) => c.value === value)?.en ?? value}` });
const outcomes = (kind: TableKind, hits: readonly Hit[]): Both[] => hits.flatMap((h) => kind.outcomes.flatMap((o) => (o.key !== 'note' && h.outcome[o.key] ? [said(o, h.outcome[o.key]!)] : [])));

/** Any table that looks at one input: its outcomes are its side. */
export function plainSide(kind: TableKind, hits: readonly Hit[]): Side {
  const words = joined(outcomes(kind, hits), NOTHING);
  return { key: words.en, words, rows: hits.map((h) => h.row), holds: [], passed: true, freightFen: 0 };
}
function reviewSide(v: Verdict, status: string): Side {
  const holds = v.holds.map((h) => h.outcome['hold'] ?? '');
  const waits = waitsForPlatform(status);
  const r = v.ruled;
  return { key: keyOf(holds, r), get words() { return reviewWords(holds, waits, r); }, rows: [...v.holds.map((h) => h.row), ...(v.passRow ? [v.passRow.row] : [])], holds, passed: holds.length === 0 && !waits, freightFen: 0 };
}
const keyOf = (holds: readonly string[], r: Ruled): string => [holds.join(), r.courier, r.warehouse, r.flag, r.tags.join(), r.gifts.map((g) => `${g.skuCode}*${g.quantity}`).join()].join('|');
/** For people: said of the few that change. */
function reviewWords(holds: readonly string[], waits: boolean, r: Ruled): Both {
  const extras: Both[] = [...(r.warehouse ? [{ zh: `仓库 ${r.warehouse}`, en: `warehouse ${r.warehouse}` }] : []), ...(r.courier ? [{ zh: `快递 ${r.courier}`, en: `courier ${r.courier}` }] : []), ...(r.flag ? [{ zh: `旗帜 ${r.flag}`, en: `flag ${r.flag}` }] : []),
    ...r.tags.map((t) => ({ zh: `标签 ${t}`, en: `tag ${t}` })), ...r.gifts.map((g) => ({ zh: `赠品 ${g.skuCode}×${g.quantity}`, en: `gift ${g.skuCode}×${g.quantity}` }))];
  return joined([holds.length > 0 ? joined(holds.map((c) => holdText(c)), NOTHING) : waits ? { zh: '等平台', en: 'waits for the platform' } : { zh: '通过', en: 'pass' }, ...extras], NOTHING);
}

/** What tables say of an order before the table that is tried: its fields with the tags that it gets, and its gifts. */
type Seen = { readonly input: Input; readonly tags: readonly string[]; readonly gifts: readonly GiftWish[] };
/** Tables whose word is part of a review. */
export const REVIEWED: ReadonlySet<string> = new Set(['order-review', 'tag', 'gift']);
type Case = { readonly table: string; readonly order: SeenOrder; readonly context: OrderContext; readonly live: Neighbours };

/** An order by two versions of any of the tables that look at orders; each stands in the place of the live one of that name. */
export function orderSides(deciders: readonly [Decider, Decider], of: Case): readonly [Side, Side] {
  const plain = inputOf(of.order, of.context, []);
  const [was, is] = deciders;
  if (of.table === 'tag') return [orderSide(was, seenBy(of, plain, was, of.live.gift), of), orderSide(is, seenBy(of, plain, is, of.live.gift), of)];
  if (of.table === 'gift') return [orderSide(was, seenBy(of, plain, of.live.tag, was), of), orderSide(is, seenBy(of, plain, of.live.tag, is), of)];
  const shared = seenBy(of, plain, of.live.tag, of.live.gift);
  return [orderSide(was, shared, of), orderSide(is, shared, of)];
}
function seenBy(of: Case, plain: Input, tag: Decider, gift: Decider): Seen {
  const tags = tagsOf(tag.decide(plain));
  const input: Input = tags.length === 0 ? plain : { ...plain, orderTags: tags };
  return { input, tags, gifts: REVIEWED.has(of.table) ? giftsFor(of.order, gift, input) : [] };
}
function orderSide(decider: Decider, { input, tags, gifts }: Seen, { table, order, context, live }: Case): Side {
  const kind = tableKind(table)!;
  if (REVIEWED.has(table)) return reviewSide(verdictOf((table === 'order-review' ? decider : live['order-review']).decide(input), order.released, { tags, gifts: [...gifts] }), order.status);
  if (table === 'hold-release') return heldSide(kind, decider, order, input, context.now);
  const of = (name: keyof Neighbours): Decider => (name === table ? decider : live[name]);
  const warehouse = (): string => order.chosenWarehouse || (of('warehouse').decide(input)[0]?.outcome['warehouse'] ?? '');
  if (table === 'courier') return plainSide(kind, decider.decide({ ...input, warehouse: warehouse() }) as Hit[]);
  if (table !== 'freight-price') return plainSide(kind, decider.decide(input) as Hit[]);
  const house = warehouse();
  const courier = order.chosenCourier || (of('courier').decide({ ...input, warehouse: house })[0]?.outcome['courier'] ?? '');
  const hits = decider.decide({ ...input, warehouse: house, courier });
  const freightFen = freightOf(hits[0]?.outcome, Number(input['weight'] ?? 0));
  const money = (lang: 'zh' | 'en'): string => shownValue({ key: '', type: 'money', zh: '', en: '', example: { zh: '', en: '', yes: '', no: '' } }, freightFen, lang);
  return { key: String(freightFen), words: { zh: `运费 ${money('zh')}`, en: `freight ${money('en')}` }, rows: hits.map((h) => h.row), holds: [], passed: true, freightFen };
}

function heldSide(kind: TableKind, decider: Decider, order: SeenOrder, input: Input, now: Date): Side {
  const hits = order.holds.flatMap((h) => decider.decide({ ...input, hold: h.code, heldHours: (now.getTime() - h.at.getTime()) / 3_600_000 }).slice(0, 1).map((hit) => ({ code: h.code, hit })));
  const words = joined(hits.map(({ code, hit }) => { const what = joined(outcomes(kind, [hit]), NOTHING); return { zh: `${holdText(code).zh}：${what.zh}`, en: `${holdText(code).en}: ${what.en}` }; }), { zh: '没有挂起', en: 'not held' });
  return { key: words.en, words, rows: hits.map(({ hit }) => hit.row), holds: order.holds.map((h) => h.code), passed: true, freightFen: 0 };
}
