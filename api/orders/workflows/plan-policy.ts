/** What the rules say about planning, as the pure planner asks it: tables, stock and facts loaded once for a wave. */
import type { ClientSession } from 'mongoose';
import { invariant } from '../../contract/values/result.ts';
import { loadTable, type LoadedTable } from '../../rules/index.ts';
import { availability, demandOf, skuFacts, warehouses, type SkuFacts } from '../../stock/index.ts';
import { openLines } from '../domain/ingest.ts';
import { freightOf } from '../domain/freight.ts';
import type { AssignProblem, House, Offer, PlanLine } from '../domain/planning/assign.ts';
import type { MergeFacts } from '../domain/planning/merge.ts';
import type { LineDoc, OrderDoc } from '../store/models.ts';

/** Packing, picking and paper of one parcel. */
const HANDLING_FEN = 150;
/** A warehouse further down the list counts as that much dearer, unless its row says otherwise. */
const NEXT_HOUSE_FEN = 1_000;
const HEAVIEST_GRAMS = 20_000;
/** Goods that never travel with others. */
const APART = ['cold', 'hazardous', 'oversize'];

type Tables = { readonly warehouse: LoadedTable; readonly courier: LoadedTable; readonly freight: LoadedTable };
export type Policy = {
  readonly linesOf: (order: OrderDoc) => PlanLine[];
  readonly mergeFacts: (order: OrderDoc) => MergeFacts;
  readonly problem: (orders: readonly OrderDoc[], lines: readonly PlanLine[], free: (warehouse: string, sku: string) => number) => AssignProblem;
  readonly free: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly facts: ReadonlyMap<string, SkuFacts>;
};

export const mergeKeyOf = (o: OrderDoc): string => (o.buyerMark && o.receiver.mark ? [o.shopId, o.buyerMark, o.receiver.mark].join('|') : '');
const IN_FLIGHT = new Set(['requested', 'returning']);

export async function loadPolicy(orders: readonly OrderDoc[], session?: ClientSession): Promise<Policy> {
  const [tables, facts, houses] = await Promise.all([loadTables(), skuFacts(orders.flatMap((o) => o.lines.flatMap((l) => l.skuCode ?? []))), warehouses()]);
  const kitOf = (code: string) => facts.get(code)?.kit ?? [];
  const linesOf = (order: OrderDoc): PlanLine[] => openLines(order.lines as (LineDoc & { refundState: 'none' })[]).filter((l) => l.skuCode).map((l) => {
    const own = facts.get(l.skuCode!);
    return { orderId: order._id, lineId: l.platformLineId, skuCode: l.skuCode!, quantity: l.quantity, grams: (own?.weightGrams ?? 0) * l.quantity, kind: APART.find((k) => own?.flags.includes(k)) ?? '', parts: demandOf([{ skuCode: l.skuCode!, quantity: l.quantity }], kitOf) };
  });
  const parts = [...new Set(orders.flatMap((o) => linesOf(o).flatMap((l) => l.parts.map((p) => p.skuCode))))];
  invariant(houses.length > 0 || orders.length === 0, 'a company that plans parcels has a warehouse');
  return { linesOf, facts, free: await availability(parts, session), mergeFacts: (o) => mergeFactsOf(o, linesOf(o)), problem: (group, lines, free) => problemOf(tables, houses.map((h) => h.code), facts, group, lines, free) };
}

const loadTables = async (): Promise<Tables> => ({ warehouse: await loadTable('warehouse'), courier: await loadTable('courier'), freight: await loadTable('freight-price') });

function mergeFactsOf(o: OrderDoc, lines: readonly PlanLine[]): MergeFacts {
  return {
    orderId: o._id, key: mergeKeyOf(o), paidAt: (o.paidAt ?? o.placedAt).getTime(), cod: o.cod, waits: o.lines.some((l) => IN_FLIGHT.has(l.refundState)) || (o.presale && o.status !== 'to_ship'), apart: o.apart === true,
    courier: o.chosenCourier, warehouse: o.chosenWarehouse, grams: lines.reduce((n, l) => n + l.grams, 0), paidFen: o.paidFen, pieces: lines.reduce((n, l) => n + l.quantity, 0),
  };
}

function problemOf(tables: Tables, known: readonly string[], facts: ReadonlyMap<string, SkuFacts>, group: readonly OrderDoc[], lines: readonly PlanLine[], free: (warehouse: string, sku: string) => number): AssignProblem {
  const first = group[0]!;
  const flags = [...new Set(lines.flatMap((l) => facts.get(l.skuCode)?.flags ?? []))];
  const [warehouse, courier] = [group.find((o) => o.chosenWarehouse)?.chosenWarehouse ?? '', group.find((o) => o.chosenCourier)?.chosenCourier ?? ''];
  const paidFen = group.reduce((n, o) => n + o.paidFen, 0);
  const sellerMemo = group.map((o) => o.sellerMemo).filter(Boolean).join(' ');
  const kept = new Map<string, Offer | undefined>();
  const offer = (from: string, grams: number, kind: string): Offer | undefined => {
    const key = `${from}|${grams}|${kind}`;
    if (!kept.has(key)) kept.set(key, offerOf(tables, courier, { shop: first.shopId, channel: first.channel, warehouse: from, province: first.receiver.province, city: first.receiver.city, weight: grams, paid: paidFen, flags: kind ? flags : flags.filter((f) => !APART.includes(f)), sellerMemo }));
    return kept.get(key);
  };
  return {
    lines, houses: housesOf(tables, known, warehouse, { shop: first.shopId, channel: first.channel, province: first.receiver.province, city: first.receiver.city, flags, paid: paidFen, weight: lines.reduce((n, l) => n + l.grams, 0), sellerMemo }),
    free, offer, least: () => 0, handlingFen: HANDLING_FEN, mostGrams: HEAVIEST_GRAMS, mayDivide: true,
  };
}

type Facts = Parameters<LoadedTable['decide']>[0];
function housesOf(tables: Tables, known: readonly string[], chosen: string, facts: Facts): House[] {
  if (chosen) return [{ code: chosen, extraFen: 0, why: 'by hand' }];
  const { warehouse: table } = tables;
  const hits = table.decide(facts).map((h) => ({ code: h.outcome['warehouse'] ?? '', row: h.row }));
  const ranked = hits.filter((h, i) => known.includes(h.code) && hits.findIndex((x) => x.code === h.code) === i);
  // No row says anything: every warehouse may send, in the company's own order.
  return (ranked.length > 0 ? ranked : known.map((code) => ({ code, row: '' }))).map((h, i) => ({ code: h.code, extraFen: i * NEXT_HOUSE_FEN, why: `${table.name} v${table.version} ${h.row}`.trim() }));
}

function offerOf(tables: Tables, chosen: string, facts: Facts & { readonly warehouse: string; readonly province: string; readonly city: string; readonly weight: number }): Offer | undefined {
  const hit = chosen ? undefined : tables.courier.decide(facts)[0];
  const courier = chosen || hit?.outcome['courier'] || '';
  if (!courier) return undefined;
  const price = tables.freight.decide({ courier, warehouse: facts.warehouse, province: facts.province, city: facts.city, weight: facts.weight })[0];
  return { courier, freightFen: freightOf(price?.outcome, facts.weight), extraFen: 0, why: hit ? `${tables.courier.name} v${tables.courier.version} ${hit.row}` : 'by hand' };
}
