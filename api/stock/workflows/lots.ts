/**
 * Where pieces lie (bins), of which batch, and which serial numbers they are: a projection of the movements' own parts.
 * Pieces that lie nowhere in particular are the rest: on hand less what the lots hold. What leaves without being told from where
 * takes the batch that expires first, then the pick bins by their path.
 */
import type { ClientSession } from 'mongoose';
import { businessDayOf } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { isStocked } from '../domain/places.ts';
import { pickFirst, type Shelf } from '../domain/pick.ts';
import { Positions, positionId, Skus, type LotPart, type MovementDoc, type PositionDoc, type SkuDoc } from '../store/models.ts';
import { Batches, Bins, lotId, Lots, Serials, type BatchDoc, type BinDoc, type LotDoc, type SerialDoc } from '../store/work-models.ts';
import type { MovementRefusal } from './post-movement.ts';

type Told = Result<{ from: boolean; to: boolean }, MovementRefusal>;
const wrong = (code: 'lots' | 'serials', m: Pick<MovementDoc, 'skuCode' | 'quantity'>, zh: string, en: string): Result<never, MovementRefusal> => refuse({ code, skuCode: m.skuCode, wanted: m.quantity, available: 0, zh, en });
const some = (parts: readonly LotPart[]): boolean => parts.some((p) => p.bin !== '' || p.batch !== '');
const sum = (parts: readonly { quantity: number }[]): number => parts.reduce((n, p) => n + p.quantity, 0);

/** A movement that counts for now: fills in what it takes and puts, and writes both. */
export async function moveLots(rt: Runtime, session: ClientSession, m: MovementDoc, ends: { from: PositionDoc | undefined; to: PositionDoc | undefined }): Promise<Told> {
  const tracked = { from: ends.from?.tracked ?? false, to: (m.from === m.to ? ends.from?.tracked : ends.to?.tracked) ?? false };
  const sku = await Skus.findOne({ code: m.skuCode }, { wantsSerial: 1 }).session(session).lean<SkuDoc>();
  const serials = await moveSerials(session, m, sku?.wantsSerial ?? false);
  if (!serials.ok) return serials;
  const binMove = m.from === m.to;
  if (m.kind === 'count' && (some(m.taken) || some(m.put))) return countedLots(session, m, ends, tracked);
  if (isStocked(m.from) && (tracked.from || some(m.taken))) {
    const taken = await takeParts(rt, session, m, ends.from?.onHand ?? 0);
    if (!taken.ok) return taken;
    m.taken = taken.value;
  }
  // Batches go with the pieces to another place; bins do not.
  if (isStocked(m.to) && !binMove && m.put.length === 0 && some(m.taken)) m.put = merged(m.taken.map((p) => ({ ...p, bin: '' }))).filter((p) => p.batch !== '');
  if (isStocked(m.to) && some(m.put)) {
    if (sum(m.put) > m.quantity) return wrong('lots', m, `放入 ${sum(m.put)} 件，多于 ${m.quantity} 件。`, `${sum(m.put)} pieces are put away of ${m.quantity}.`);
    for (const p of m.put) await changeLot(session, m.to, m, p, p.quantity);
    return ok({ from: tracked.from, to: true });
  }
  return ok(tracked);
}

/** A count says of each bin and batch what is more and what is less; the rest of its difference lies nowhere in particular. */
async function countedLots(session: ClientSession, m: MovementDoc, ends: { from: PositionDoc | undefined; to: PositionDoc | undefined }, tracked: { from: boolean; to: boolean }): Promise<Told> {
  const place = isStocked(m.to) ? m.to : m.from;
  const onHand = ((isStocked(m.to) ? ends.to : ends.from)?.onHand ?? 0) + (isStocked(m.to) ? m.quantity : -m.quantity);
  for (const p of m.taken) await changeLot(session, place, m, p, -p.quantity);
  for (const p of m.put) await changeLot(session, place, m, p, p.quantity);
  const lots = await Lots.find({ warehouseCode: place, skuCode: m.skuCode }).session(session).lean<LotDoc[]>();
  if (lots.some((l) => l.quantity < 0) || onHand < sum(lots)) return wrong('lots', m, `${m.skuCode} 的库位数与盘点对不上，重新生成盘点单。`, `${m.skuCode}: the bins have changed since; open a new stocktake.`);
  return ok({ from: isStocked(m.to) ? tracked.from : true, to: isStocked(m.to) ? true : tracked.to });
}

const merged = (parts: readonly LotPart[]): LotPart[] => {
  const by = new Map<string, LotPart>();
  for (const p of parts) { const k = `${p.bin}|${p.batch}`; by.set(k, { ...p, quantity: (by.get(k)?.quantity ?? 0) + p.quantity }); }
  return [...by.values()];
};

async function changeLot(session: ClientSession, place: string, m: Pick<MovementDoc, 'skuCode' | 'changedAt'>, part: Pick<LotPart, 'bin' | 'batch'>, change: number): Promise<void> {
  if (part.bin === '' && part.batch === '') return;
  const expires = part.batch === '' ? '' : ((await Batches.findById(`${m.skuCode}|${part.batch}`).session(session).lean<BatchDoc>())?.expiresOn ?? '');
  await Lots.updateOne({ _id: lotId(place, m.skuCode, part) }, { $inc: { quantity: change, revision: 1 }, $set: { changedAt: m.changedAt, expiresOn: expires }, $setOnInsert: { warehouseCode: place, skuCode: m.skuCode, bin: part.bin, batch: part.batch } }, { upsert: true, session });
}

/** What lies where, with what is left without a place. */
export async function shelvesOf(session: ClientSession | null, place: string, skuCode: string, onHand: number): Promise<Shelf[]> {
  const lots = (await Lots.find({ warehouseCode: place, skuCode, quantity: { $gt: 0 } }).session(session).lean<LotDoc[]>());
  const bins = new Map((await Bins.find({ warehouseCode: place, code: { $in: lots.map((l) => l.bin) } }).session(session).lean<BinDoc[]>()).map((b) => [b.code, b]));
  const shelves = lots.map((l): Shelf => ({ bin: l.bin, batch: l.batch, quantity: l.quantity, expiresOn: l.expiresOn, bulk: bins.get(l.bin)?.kind === 'bulk', path: bins.get(l.bin)?.path ?? 0 }));
  const rest = onHand - sum(lots);
  return rest > 0 ? [...shelves, { bin: '', batch: '', quantity: rest, expiresOn: '', bulk: false, path: 0 }] : shelves;
}
export const lotsOf = async (session: ClientSession, p: PositionDoc): Promise<LotPart[]> => (await shelvesOf(session, p.warehouseCode, p.skuCode, p.onHand)).map(({ bin, batch, quantity }) => ({ bin, batch, quantity }));

async function takeParts(rt: Runtime, session: ClientSession, m: MovementDoc, onHand: number): Promise<Result<LotPart[], MovementRefusal>> {
  const shelves = await shelvesOf(session, m.from, m.skuCode, onHand);
  const today = businessDayOf(rt.clock.now());
  // What has expired is not sold; it can be scrapped, moved, sent back.
  const fit = m.kind === 'shipment' ? shelves.filter((s) => s.expiresOn === '' || s.expiresOn >= today) : shelves;
  const asked = m.taken.filter((p) => p.quantity > 0);
  const named = asked.length > 0;
  if (named && sum(asked) !== m.quantity) return wrong('lots', m, `取 ${sum(asked)} 件，应为 ${m.quantity} 件。`, `${sum(asked)} pieces are taken of ${m.quantity}.`);
  const parts = named ? asked.flatMap((p) => pickFirst(fit.filter((s) => s.bin === p.bin && (p.batch === '' || s.batch === p.batch)), p.quantity)) : pickFirst(fit, m.quantity);
  if (sum(parts) < m.quantity) {
    const there = named ? asked.map((p) => `${p.bin || '—'} ${p.batch || ''} ${sum(fit.filter((s) => s.bin === p.bin && (p.batch === '' || s.batch === p.batch)))}`).join('；') : String(sum(fit));
    return wrong('lots', m, `${m.skuCode} 在这些库位/批次里只有 ${there} 件${m.kind === 'shipment' ? '没有过期的' : ''}，要 ${m.quantity} 件。`, `${m.skuCode}: these bins and batches hold ${there}${m.kind === 'shipment' ? ' that have not expired' : ''}; ${m.quantity} are wanted.`);
  }
  for (const p of parts) await changeLot(session, m.from, m, p, -p.quantity);
  return ok(merged(parts));
}

/** Serial numbers: entering they must be new or outside, leaving they must be there. */
async function moveSerials(session: ClientSession, m: MovementDoc, wanted: boolean): Promise<Result<void, MovementRefusal>> {
  if (m.serials.length === 0 && !wanted) return ok(undefined);
  if (m.from === m.to || m.kind === 'count' || m.quantity === 0) return ok(undefined);
  const given = [...new Set(m.serials)];
  if (given.length !== m.quantity) return wrong('serials', m, `${m.skuCode} 要序列号：${m.quantity} 件，给了 ${given.length} 个不同的。`, `${m.skuCode} wants serial numbers: ${m.quantity} pieces, ${given.length} different ones were given.`);
  const known = new Map((await Serials.find({ _id: { $in: given.map((s) => `${m.skuCode}|${s}`) } }).session(session).lean<SerialDoc[]>()).map((s) => [s.serial, s]));
  const bad = given.filter((s) => (isStocked(m.from) ? known.get(s)?.place !== m.from : known.has(s) && isStocked(known.get(s)!.place)));
  if (bad.length > 0) return wrong('serials', m, isStocked(m.from) ? `序列号 ${bad.slice(0, 5).join('、')} 不在 ${m.from}。` : `序列号 ${bad.slice(0, 5).join('、')} 已经在库。`, isStocked(m.from) ? `Serials ${bad.slice(0, 5).join(', ')} are not at ${m.from}.` : `Serials ${bad.slice(0, 5).join(', ')} are in stock already.`);
  await Serials.bulkWrite(given.map((serial) => ({ updateOne: { filter: { _id: `${m.skuCode}|${serial}` }, update: { $set: { skuCode: m.skuCode, serial, place: m.to, movementId: m._id, batch: m.put[0]?.batch ?? m.taken[0]?.batch ?? '', changedAt: m.changedAt }, $inc: { revision: 1 } }, upsert: true } })), { session });
  return ok(undefined);
}

/**
 * Late entries change what lies in bins and batches now. A count's correction goes where the late entry came from, so that the
 * two meet; what would leave less than nothing unplaced is refused.
 */
export async function lateLots(_rt: Runtime, session: ClientSession, movements: readonly MovementDoc[]): Promise<Result<void, MovementRefusal>> {
  for (const place of new Set(movements.flatMap((m) => [m.from, m.to]).filter(isStocked))) {
    const own = movements.filter((m) => m.from === place || m.to === place);
    for (const skuCode of new Set(own.map((m) => m.skuCode))) {
      const done = await lateAt(session, place, skuCode, own.filter((m) => m.skuCode === skuCode));
      if (!done.ok) return done;
    }
  }
  for (const m of movements) { const done = await moveSerials(session, m, false); if (!done.ok) return done; }
  return ok(undefined);
}

async function lateAt(session: ClientSession, place: string, skuCode: string, movements: readonly MovementDoc[]): Promise<Result<void, MovementRefusal>> {
  const position = await Positions.findById(positionId(place, skuCode)).session(session).lean<PositionDoc>();
  if (!position?.tracked && !movements.some((m) => (m.to === place && some(m.put)) || (m.from === place && some(m.taken)))) return ok(undefined);
  for (const c of movements.filter((m) => m.anchor !== '')) {
    const met = movements.filter((m) => m.anchor === '' && (c.from === place ? m.to === place : m.from === place)).flatMap((m) => (c.from === place ? m.put : m.taken));
    const parts = pickFirst(met.map((p) => ({ ...p, expiresOn: '', bulk: false, path: 0 })), c.quantity);
    if (c.from === place) c.taken = parts;
    else c.put = parts;
  }
  for (const m of movements) {
    if (m.from === place || m.kind === 'count') for (const p of m.taken) await changeLot(session, place, m, p, -p.quantity);
    if (m.to === place || m.kind === 'count') for (const p of m.put) await changeLot(session, place, m, p, p.quantity);
  }
  const lots = await Lots.find({ warehouseCode: place, skuCode }).session(session).lean<LotDoc[]>();
  const negative = lots.find((l) => l.quantity < 0);
  const rest = (position?.onHand ?? 0) - sum(lots);
  if (negative || rest < 0) return wrong('lots', movements[0]!, `${place} 的 ${skuCode} 在库位/批次 ${negative ? `${negative.bin} ${negative.batch}` : '（未上架）'} 会少于零，写明从哪里出。`, `${skuCode} at ${place} would fall below zero in ${negative ? `${negative.bin} ${negative.batch}` : 'what lies nowhere'}: say from where it goes.`);
  await Positions.updateOne({ _id: positionId(place, skuCode) }, { $set: { tracked: true } }, { session });
  return ok(undefined);
}
