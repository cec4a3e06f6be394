/** What the rules say about planning, as the pure planner asks it: tables, stock and facts loaded once for a wave. */
import type { ClientSession } from 'mongoose';
import { invariant } from '../../contract/values/result.ts';
import { loadTable, type Input, type LoadedTable } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { availability, demandOf, isDropshipped, skuFacts, warehouses, type Part, type SkuFacts } from '../../stock/index.ts';
import { isDue, nextDue } from '../domain/due.ts';
import { giftLineId, isGiftLine } from '../domain/gifts.ts';
import { openLines } from '../domain/ingest.ts';
import { freightOf } from '../domain/freight.ts';
import type { AssignProblem, House, Offer, PlanLine } from '../domain/planning/assign.ts';
import type { MergeFacts } from '../domain/planning/merge.ts';
import type { LineDoc, OrderDoc, ParcelDoc } from '../store/models.ts';
import { loadReach, type KnownReach } from './courier-reach.ts';
import { inputOf, orderContext, type OrderContext } from './order-facts.ts';

/** Packing, picking and paper of one parcel. */
const HANDLING_FEN = 150;
/** A warehouse further down the list counts as that much dearer. */
const NEXT_HOUSE_FEN = 1_000;
const HEAVIEST_GRAMS = 20_000;
const HOUR_MS = 3_600_000;
/** Goods that travel alone where the split table says "by flag". */
const APART = ['cold', 'hazardous', 'oversize'];
const IN_FLIGHT = new Set(['requested', 'returning']);

type Tables = Readonly<Record<'merge' | 'split' | 'warehouse' | 'courier' | 'freight-price', LoadedTable>>;
type Known = { readonly tables: Tables; readonly houses: readonly string[]; readonly context: OrderContext; readonly facts: ReadonlyMap<string, SkuFacts>; readonly dividedOn: (channel: string) => boolean; readonly reach: KnownReach };
export type Policy = {
  readonly linesOf: (order: OrderDoc) => PlanLine[];
  readonly mergeFacts: (order: OrderDoc) => MergeFacts;
  readonly problem: (orders: readonly OrderDoc[], lines: readonly PlanLine[], free: (warehouse: string, sku: string) => number) => AssignProblem;
  readonly free: ReadonlyMap<string, ReadonlyMap<string, number>>;
};

export const mergeKeyOf = (o: OrderDoc): string => (o.buyerMark && o.receiver.mark ? [o.shopId, o.buyerMark, o.receiver.mark].join('|') : '');
/** What is to be sent of an order: lines that are open, and with them its gifts, under ids of their own. */
export function wantedOf(o: Pick<OrderDoc, 'lines' | 'ruled' | 'toldEarly' | 'divided'>): (Part & { readonly lineId: string })[] {
  const bought = openLines(o.lines.map((l) => (o.toldEarly || o.divided?.includes(l.platformLineId) ? { ...l, shipped: false } : l)) as (LineDoc & { refundState: 'none' })[]).flatMap((l) => (l.skuCode ? [{ lineId: l.platformLineId, skuCode: l.skuCode, quantity: l.quantity }] : []));
  return bought.length === 0 ? [] : [...bought, ...(o.ruled?.gifts ?? []).map((g) => ({ lineId: giftLineId(g), skuCode: g.skuCode, quantity: g.quantity }))];
}
/** Pieces in parcels by order and line (`order|line`): a line may stand in several. */
export function piecesIn(parcels: readonly Pick<ParcelDoc, 'lines'>[]): Map<string, number> {
  const pieces = new Map<string, number>();
  for (const l of parcels.flatMap((p) => p.lines)) pieces.set(`${l.orderId}|${l.platformLineId}`, (pieces.get(`${l.orderId}|${l.platformLineId}`) ?? 0) + l.quantity);
  return pieces;
}
/** Of it, what may leave today: a presale's lines wait for their day, and gifts go with the first that leave. */
export function dueNow(o: OrderDoc, now: Date): ReturnType<typeof wantedOf> {
  if (nextDue(o, now) === undefined) return wantedOf(o);
  const waiting = new Set(o.lines.filter((l) => !isDue(o, l, now)).map((l) => l.platformLineId));
  const wanted = wantedOf(o).filter((w) => !waiting.has(w.lineId));
  return wanted.some((w) => !isGiftLine(w.lineId)) ? wanted : [];
}
/** Whether a platform takes an order in several parcels; of a shop without a door nobody says otherwise. */
export const takesParts = (rt: Runtime, channel: string): boolean => (rt.channels.shop(channel)?.capabilities.pushPartialShipment ?? true) === true;
/** A person's word stands before a rule's. */
const warehouseOf = (o: OrderDoc): string => o.chosenWarehouse || (o.ruled?.warehouse ?? '');
const courierOf = (o: OrderDoc): string => o.chosenCourier || (o.ruled?.courier ?? '');

export async function loadPolicy(rt: Runtime, orders: readonly OrderDoc[], session?: ClientSession): Promise<Policy> {
  const [tables, facts, houses] = await Promise.all([loadTables(), skuFacts(orders.flatMap((o) => wantedOf(o).map((w) => w.skuCode))), warehouses()]);
  invariant(houses.length > 0 || orders.length === 0, 'a company that plans parcels has a warehouse');
  const kitOf = (code: string) => facts.get(code)?.kit ?? [];
  const lineOf = (orderId: string, lineId: string, { skuCode, quantity }: Part): PlanLine => {
    const own = facts.get(skuCode);
    return { orderId, lineId, skuCode, quantity, grams: (own?.weightGrams ?? 0) * quantity, kind: APART.find((k) => own?.flags.includes(k)) ?? '', parts: demandOf([{ skuCode, quantity }], kitOf) };
  };
  const linesOf = (order: OrderDoc): PlanLine[] => dueNow(order, rt.clock.now()).filter((w) => !isDropshipped(facts.get(w.skuCode))).map((w) => lineOf(order._id, w.lineId, w));
  const uses = new Set(Object.values(tables).flatMap((t) => [...t.uses]));
  const parts = [...new Set(orders.flatMap((o) => linesOf(o).flatMap((l) => l.parts.map((p) => p.skuCode))))];
  const [context, free] = await Promise.all([orderContext(orders, rt.clock.now(), uses), availability(parts, session)]);
  const reach = await loadReach(rt);
  const known: Known = { reach, tables, facts, houses: houses.map((h) => h.code), context, dividedOn: (channel) => takesParts(rt, channel) };
  return { linesOf, free, mergeFacts: (o) => mergeFactsOf(known, o, linesOf(o)), problem: (group, lines, at) => problemOf(known, group, lines, at) };
}

async function loadTables(): Promise<Tables> {
  const names = ['merge', 'split', 'warehouse', 'courier', 'freight-price'] as const;
  const loaded = await Promise.all(names.map((n) => loadTable(n)));
  return Object.fromEntries(names.map((n, i) => [n, loaded[i]])) as Tables;
}

function mergeFactsOf({ tables, context }: Known, o: OrderDoc, lines: readonly PlanLine[]): MergeFacts {
  const said = tables.merge.decide(inputOf(o, context))[0]?.outcome;
  return {
    orderId: o._id, key: mergeKeyOf(o), paidAt: (o.paidAt ?? o.placedAt).getTime(), cod: o.cod, apart: o.apart === true || said?.['merge'] !== 'yes',
    waits: o.lines.some((l) => IN_FLIGHT.has(l.refundState)) || (o.presale && o.status !== 'to_ship') || nextDue(o, context.now) !== undefined,
    windowMs: Number(said?.['withinHours'] || 24) * HOUR_MS, mostGrams: Number(said?.['maxWeight'] || HEAVIEST_GRAMS),
    courier: courierOf(o), warehouse: warehouseOf(o), grams: lines.reduce((n, l) => n + l.grams, 0), paidFen: o.paidFen, pieces: lines.reduce((n, l) => n + l.quantity, 0),
  };
}

/** What rules see of a group: its first order, with what the orders are together. */
function groupInput({ context, facts }: Known, group: readonly OrderDoc[], lines: readonly PlanLine[]): Input {
  return {
    ...inputOf(group[0]!, context), paid: group.reduce((n, o) => n + o.paidFen, 0), weight: lines.reduce((n, l) => n + l.grams, 0), quantity: lines.reduce((n, l) => n + l.quantity, 0), lineCount: lines.length,
    flags: [...new Set(lines.flatMap((l) => facts.get(l.skuCode)?.flags ?? []))], sellerMemo: group.map((o) => o.sellerMemo).filter(Boolean).join(' '),
  };
}

function problemOf(known: Known, group: readonly OrderDoc[], lines: readonly PlanLine[], free: (warehouse: string, sku: string) => number): AssignProblem {
  const { tables } = known;
  const input = groupInput(known, group, lines);
  const split = tables.split.decide(input)[0]?.outcome;
  const mayDivide = (split?.['split'] ?? 'by_stock') !== 'never' && group.every((o) => known.dividedOn(o.channel));
  const apart = split?.['split'] === 'by_flag';
  const courier = group.map(courierOf).find(Boolean) ?? '';
  const flags = input['flags'] as readonly string[];
  const kept = new Map<string, Offer | undefined>();
  const offer = (from: string, grams: number, kind: string): Offer | undefined => {
    const key = `${from}|${grams}|${kind}`;
    if (!kept.has(key)) kept.set(key, offerOf(known, courier, group[0]!.receiver, { ...input, warehouse: from, weight: grams, flags: apart && !kind ? flags.filter((f) => !APART.includes(f)) : flags }, grams));
    return kept.get(key);
  };
  return {
    lines: apart ? lines : lines.map((l) => (l.kind ? { ...l, kind: '' } : l)), houses: housesOf(known, group.map(warehouseOf).find(Boolean) ?? '', input),
    free, offer, least: () => 0, handlingFen: HANDLING_FEN, mostGrams: Number(split?.['maxWeight'] || HEAVIEST_GRAMS), mayDivide,
  };
}

function housesOf({ tables: { warehouse: table }, houses }: Known, chosen: string, input: Input): House[] {
  if (chosen) return [{ code: chosen, extraFen: 0, why: 'by hand' }];
  const hits = table.decide(input).map((h) => ({ code: h.outcome['warehouse'] ?? '', row: h.row }));
  const ranked = hits.filter((h, i) => houses.includes(h.code) && hits.findIndex((x) => x.code === h.code) === i);
  // No row says anything: every warehouse may send, in the company's own order.
  return (ranked.length > 0 ? ranked : houses.map((code) => ({ code, row: '' }))).map((h, i) => ({ code: h.code, extraFen: i * NEXT_HOUSE_FEN, why: `${table.name} v${table.version} ${h.row}`.trim() }));
}

function offerOf({ tables, reach }: Known, chosen: string, to: OrderDoc['receiver'], input: Input, grams: number): Offer | undefined {
  const hit = chosen ? undefined : tables.courier.decide(input)[0];
  const courier = chosen || hit?.outcome['courier'] || '';
  if (!courier) return undefined;
  const priced = (c: string) => freightOf(tables['freight-price'].decide({ ...input, courier: c })[0]?.outcome, grams);
  if (!reach.reaches(courier, to)) {
    // A courier that a person chose is not replaced; a rule's is, by the cheapest that goes there.
    const [other] = chosen ? [] : reach.others.filter((c) => reach.reaches(c, to)).map((c) => ({ c, fen: priced(c) })).sort((a, b) => a.fen - b.fen);
    return other ? { courier: other.c, freightFen: other.fen, extraFen: 0, why: `${courier} does not go there` } : undefined;
  }
  return { courier, freightFen: priced(courier), extraFen: 0, why: hit ? `${tables.courier.name} v${tables.courier.version} ${hit.row}` : 'by hand' };
}
