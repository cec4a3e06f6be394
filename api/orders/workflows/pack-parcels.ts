/**
 * The scan gate at the packing table.
 * In: a parcel by its id or tracking number, and what was scanned into it. Out: packed, or every difference by name.
 * Wrong: a parcel that is stopped (its slip is to be thrown away), not on paper yet, or gone.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { demandOf, serialsIn, skuCodes, skuFacts, skusScanned, skuWants } from '../../stock/index.ts';
import { audit } from '../../store/audit.ts';
import { packDifferences, type Caught, type Scanned, type Wanted } from '../domain/pack-check.ts';
import { numberPieces, type Numbered } from '../domain/pack-serials.ts';
import { pushesBefore } from './push-moment.ts';
import { Orders, PackChecks, Parcels, Refunds, type OrderDoc, type ParcelDoc } from '../store/models.ts';

export type PackRefusal = { readonly code: string; readonly message: Both };
export type PackView = { readonly parcelId: string; readonly state: string; readonly slot: number; readonly wanted: readonly (Wanted & { readonly name: string; readonly wantsSerial: boolean })[]; readonly memo: string };
const no = (code: string, zh: string, en: string): Result<never, PackRefusal> => refuse({ code, message: { zh, en } });
const PACKABLE: ReadonlySet<string> = new Set(['printed', 'packed']);

/** What belongs into the box that was just put on the table; or why it must not be packed. */
export async function openBox(code: string, session?: ClientSession): Promise<Result<{ parcel: ParcelDoc; view: PackView }, PackRefusal>> {
  const parcel = await Parcels.findOne({ $or: [{ _id: code }, ...(code ? [{ trackingNumber: code }] : [])] }).session(session ?? null).lean<ParcelDoc>();
  if (!parcel) return no('not_found', `没有包裹 ${code}。扫面单上的条码或发货单上的包裹号。`, `There is no parcel ${code}. Scan the waybill, or the parcel number on the slip.`);
  const orders = await Orders.find({ _id: { $in: parcel.orderIds } }).session(session ?? null).lean<OrderDoc[]>();
  if (parcel.supplierId) return no('supplier_ships', `包裹 ${parcel._id} 由供应商代发，不在这里打包。`, `Parcel ${parcel._id} is packed by its supplier, not here.`);
  if (parcel.alarm) return no('alarm', `${parcel.alarm.zh}（${parcel._id}）`, `${parcel.alarm.en} (${parcel._id})`);
  const stopped = orders.find((o) => o.reviewState !== 'passed' || o.status === 'closed');
  if (stopped) return no('order_stopped', `订单 ${stopped.platformOrderId} 已停，拿下包裹 ${parcel._id}，撕掉发货单。`, `Order ${stopped.platformOrderId} is stopped: take parcel ${parcel._id} off, throw its slip away.`);
  if (!PACKABLE.has(parcel.state)) return no('wrong_state', parcel.state === 'reserved' || parcel.state === 'waybilled' ? '先打印发货单。' : `包裹状态是“${parcel.state}”，不能验货。`, parcel.state === 'reserved' || parcel.state === 'waybilled' ? 'Print its slip first.' : `The parcel is ${parcel.state}: it cannot be checked.`);
  const facts = await skuFacts(parcel.lines.map((l) => l.skuCode));
  const parts = demandOf(parcel.lines, (sku) => facts.get(sku)?.kit ?? []);
  const codes = await skuCodes(parts.map((p) => p.skuCode));
  const wants = await skuWants(parts.map((p) => p.skuCode), session);
  const wanted = parts.map((p) => ({ wantsSerial: wants.get(p.skuCode)?.serial ?? false, skuCode: p.skuCode, quantity: p.quantity, barcode: codes.get(p.skuCode)?.barcode ?? '', name: codes.get(p.skuCode)?.name ?? '' }));
  return ok({ parcel, view: { parcelId: parcel._id, state: parcel.state, slot: parcel.slot ?? 0, wanted, memo: orders.map((o) => o.sellerMemo).filter(Boolean).join(' / ') } });
}

export async function checkBox(rt: Runtime, input: { readonly code: string; readonly items: readonly Scanned[]; readonly ms: number }, userId: string): Promise<Result<{ parcelId: string; passed: boolean; caught: Caught[] }, PackRefusal>> {
  const done = await rt.transact(async (session): Promise<Result<{ parcelId: string; passed: boolean; caught: Caught[] }, PackRefusal>> => {
    const box = await openBox(input.code, session);
    if (!box.ok) return box;
    const { parcel, view } = box.value;
    const pieces = await numbersIn(parcel, view, input.items, session);
    const bySku = await skusScanned(pieces.scanned.map((i) => i.code));
    const caught = [...packDifferences(view.wanted, pieces.scanned, (code) => bySku.get(code)), ...pieces.caught];
    const now = rt.clock.now();
    await PackChecks.create([{ _id: rt.newId('packCheck'), parcelId: parcel._id, by: userId, at: now, ms: input.ms, passed: caught.length === 0, caught }], { session });
    if (caught.length === 0 && parcel.state !== 'packed') {
      await Parcels.updateOne({ _id: parcel._id, revision: parcel.revision }, { $set: { state: 'packed', serials: pieces.serials, ...(await pushesBefore(session, [parcel], 'check', now)).get(parcel._id), changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId, command: 'pack-check', noun: 'parcels', id: parcel._id, before: parcel.state, after: 'packed', at: now }]);
    }
    return ok({ parcelId: parcel._id, passed: caught.length === 0, caught });
  });
  if (done.ok && done.value.passed) rt.wake('push-shipments');
  return done;
}

/** How far a scale may differ from what the goods should weigh: packing weighs something, a missing piece more. */
const WEIGHT_SLACK = { share: 20, grams: 200 };
export async function weighBox(rt: Runtime, input: { readonly code: string; readonly grams: number; readonly sure: boolean }, userId: string): Promise<Result<{ parcelId: string; grams: number; expected: number }, PackRefusal>> {
  const done = await rt.transact(async (session): Promise<Result<{ parcelId: string; grams: number; expected: number }, PackRefusal>> => {
    const box = await openBox(input.code, session);
    if (!box.ok) return box;
    const { parcel } = box.value;
    const off = Math.abs(input.grams - parcel.weightGrams);
    if (!input.sure && parcel.weightGrams > 0 && off > WEIGHT_SLACK.grams && off * 100 > parcel.weightGrams * WEIGHT_SLACK.share) return no('weight_differs', `秤上 ${input.grams} 克，货品应重 ${parcel.weightGrams} 克：打开看看；没错就再确认一次。`, `${input.grams} g on the scale, ${parcel.weightGrams} g expected of the goods: open it and look; if it is right, say so once more.`);
    const now = rt.clock.now();
    await Parcels.updateOne({ _id: parcel._id, revision: parcel.revision }, { $set: { weighedGrams: input.grams, ...(await pushesBefore(session, [parcel], 'weigh', now)).get(parcel._id), changedAt: now }, $inc: { revision: 1 } }, { session });
    await audit(rt, session, [{ userId, command: 'weigh', noun: 'parcels', id: parcel._id, before: parcel.weighedGrams ?? 0, after: input.grams, at: now }]);
    return ok({ parcelId: parcel._id, grams: input.grams, expected: parcel.weightGrams });
  });
  if (done.ok) rt.wake('push-shipments');
  return done;
}

/** Pieces with numbers of their own: each number has to be scanned, and to lie in the parcel's warehouse. */
async function numbersIn(parcel: ParcelDoc, view: PackView, items: readonly Scanned[], session: ClientSession): Promise<Numbered> {
  const numbered = new Set(view.wanted.filter((w) => w.wantsSerial).map((w) => w.skuCode));
  const there = new Map<string, string[]>();
  if (numbered.size > 0) for (const s of await serialsIn(parcel.warehouseCode, items.flatMap((i) => [i.code, ...(i.serials ?? [])]), session)) there.set(s.serial, [...(there.get(s.serial) ?? []), s.skuCode]);
  return numberPieces(view.wanted, numbered, items, there);
}

const MISTAKE = /错发|发错|漏发|少发|少件|wrong item|missing item/i;
const per10k = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part * 10_000) / whole));
/** How often the gate caught a mistake, and how often a buyer found one that it let through. */
export async function packSummary(since: Date): Promise<{ checked: number; caught: number; shipped: number; found: number; caughtShare: number; foundShare: number; medianMs: number }> {
  const checks = await PackChecks.find({ at: { $gte: since } }).lean();
  const times = checks.filter((c) => c.passed && c.ms > 0).map((c) => c.ms).sort((a, b) => a - b);
  const wrong = new Set(checks.filter((c) => !c.passed).map((c) => c.parcelId));
  const looked = new Set(checks.map((c) => c.parcelId)).size;
  const refunds = await Refunds.find({ requestedAt: { $gte: since } }, { orderId: 1, reason: 1 }).lean();
  const shipped = await Parcels.countDocuments({ shippedAt: { $gte: since } });
  const found = new Set(refunds.filter((r) => r.orderId && MISTAKE.test(r.reason)).map((r) => r.orderId)).size;
  return { checked: new Set(checks.filter((c) => c.passed).map((c) => c.parcelId)).size, caught: wrong.size, shipped, found, caughtShare: per10k(wrong.size, looked), foundShare: per10k(found, shipped), medianMs: times[Math.floor(times.length / 2)] ?? 0 };
}
