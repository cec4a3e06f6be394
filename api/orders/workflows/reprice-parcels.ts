/**
 * What a period's parcels would have cost with another freight table, other courier rules, or one courier in another's place.
 * In: days, and drafts of the freight table and the courier table or a list of replacements. Out: each parcel now and then, and the
 * sums by courier. Nothing is written: parcels, books and live tables stay as they are. "Now" is what was counted when it left.
 */
import { problem, type Problem } from '../../contract/problems.ts';
import { addDays, startOfDay, type BusinessDay } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { compileTable, kindNow, loadTable, rowProblems, type Compiled, type Input, type Row } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { skuFacts } from '../../stock/index.ts';
import { freightOf } from '../domain/freight.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { inputOf, orderContext, WITHOUT_SEALED, type OrderContext } from './order-facts.ts';

const BATCH = 500;
export type Reprice = { readonly from: BusinessDay; readonly to: BusinessDay; readonly freight?: readonly Row[] | undefined; readonly couriers?: readonly Row[] | undefined; readonly instead?: Readonly<Record<string, string>> | undefined };
export type Repriced = { readonly parcelId: string; readonly shippedAt: string; readonly province: string; readonly grams: number; readonly courier: string; readonly freightFen: number; readonly thenCourier: string; readonly thenFreightFen: number | null; readonly row: string };
type Sum = { courier: string; parcels: number; freightFen: number; thenParcels: number; thenFreightFen: number };
export type RepriceAnswer = { readonly parcels: number; readonly freightFen: number; readonly thenFreightFen: number; readonly differenceFen: number; /** No courier, or no price: counted in neither sum. */ readonly unpriced: number; readonly byCourier: readonly Sum[]; readonly rows: readonly Repriced[] };

export async function repriceParcels(rt: Runtime, input: Reprice): Promise<Result<RepriceAnswer, Problem>> {
  const tables: { freight: Pick<Compiled, 'decide' | 'uses'>; couriers: Pick<Compiled, 'decide' | 'uses'> | undefined } = { freight: await loadTable('freight-price'), couriers: undefined };
  for (const [key, name] of [['freight', 'freight-price'], ['couriers', 'courier']] as const) {
    const rows = input[key];
    const kind = await kindNow(name);
    if (!rows) continue;
    if (!kind) return refuse(problem('not_found', { noun: 'table', id: name }));
    const draft = compileTable(kind, rows);
    if (!draft.ok) return refuse(rowProblems(draft.refusal));
    tables[key] = draft.value;
  }
  const span = { $gte: startOfDay(input.from), $lt: startOfDay(addDays(input.to, 1)) };
  const made: Repriced[] = [];
  const parcels = await Parcels.find({ shippedAt: span, supplierId: null }).sort({ shippedAt: 1, _id: 1 }).lean<ParcelDoc[]>();
  for (let i = 0; i < parcels.length; i += BATCH) made.push(...(await priced(rt, parcels.slice(i, i + BATCH), tables, input.instead ?? {})));
  return ok(summed(made));
}

async function priced(rt: Runtime, parcels: readonly ParcelDoc[], tables: { readonly freight: Pick<Compiled, 'decide' | 'uses'>; readonly couriers: Pick<Compiled, 'decide' | 'uses'> | undefined }, instead: Readonly<Record<string, string>>): Promise<Repriced[]> {
  const orders = await Orders.find({ _id: { $in: parcels.flatMap((p) => p.orderIds) } }, WITHOUT_SEALED).lean<OrderDoc[]>();
  const byId = new Map(orders.map((o) => [o._id, o]));
  const [context, facts] = await Promise.all([orderContext(orders, rt.clock.now(), new Set([...tables.freight.uses, ...(tables.couriers?.uses ?? [])])), skuFacts(parcels.flatMap((p) => p.lines.map((l) => l.skuCode)))]);
  return parcels.map((p): Repriced => {
    const own = p.orderIds.flatMap((id) => byId.get(id) ?? []);
    const seen = own.length > 0 ? seenOf(context, p, own, [...new Set(p.lines.flatMap((l) => facts.get(l.skuCode)?.flags ?? []))]) : {};
    // A courier that a person named for the order is theirs, whatever rules say.
    const ruled = tables.couriers && !own.some((o) => o.chosenCourier) ? tables.couriers.decide(seen)[0]?.outcome['courier'] ?? '' : p.courierCode;
    const courier = instead[ruled] ?? ruled;
    const hit = courier === '' ? undefined : tables.freight.decide({ ...seen, courier })[0];
    return { parcelId: p._id, shippedAt: p.shippedAt!.toISOString(), province: own[0]?.receiver.province ?? '', grams: p.weightGrams, courier: p.courierCode, freightFen: p.freightFen, thenCourier: courier, thenFreightFen: hit ? freightOf(hit.outcome, p.weightGrams) : null, row: hit?.row ?? '' };
  });
}

const seenOf = (context: OrderContext, p: ParcelDoc, own: readonly OrderDoc[], flags: readonly string[]): Input => ({
  ...inputOf(own[0]!, context), warehouse: p.warehouseCode, weight: p.weightGrams, flags, paid: own.reduce((n, o) => n + o.paidFen, 0), quantity: p.lines.reduce((n, l) => n + l.quantity, 0), lineCount: p.lines.length, sellerMemo: own.map((o) => o.sellerMemo).filter(Boolean).join(' '),
});

function summed(rows: readonly Repriced[]): RepriceAnswer {
  const sums = new Map<string, Sum>();
  const of = (courier: string): Sum => { const s = sums.get(courier) ?? { courier, parcels: 0, freightFen: 0, thenParcels: 0, thenFreightFen: 0 }; sums.set(courier, s); return s; };
  const known = rows.filter((r) => r.thenFreightFen !== null);
  for (const r of known) {
    const [was, then] = [of(r.courier), of(r.thenCourier)];
    was.parcels += 1;
    was.freightFen += r.freightFen;
    then.thenParcels += 1;
    then.thenFreightFen += r.thenFreightFen!;
  }
  const [freightFen, thenFreightFen] = [known.reduce((n, r) => n + r.freightFen, 0), known.reduce((n, r) => n + r.thenFreightFen!, 0)];
  return { parcels: rows.length, freightFen, thenFreightFen, differenceFen: thenFreightFen - freightFen, unpriced: rows.length - known.length, byCourier: [...sums.values()].sort((a, b) => (a.courier < b.courier ? -1 : 1)), rows };
}
