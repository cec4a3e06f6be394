/**
 * What suppliers send for us: SKUs with the flag `dropship` have no stock of ours. How many pieces the supplier can still send
 * stands on the SKU; a promise to a parcel takes them off in one conditional write, so no piece is promised twice.
 */
import type { ClientSession } from 'mongoose';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { demandOf, type Part } from '../domain/demand.ts';
import { Skus, SupplierPromises, type SkuDoc, type SupplierPromiseDoc } from '../store/models.ts';

export const DROPSHIP = 'dropship';
const PLACE = 'dropship:';
/** Stands where a parcel of ours has its warehouse. */
export const supplierPlace = (supplierId: string): string => `${PLACE}${supplierId}`;
export const isSupplierPlace = (place: string): boolean => place.startsWith(PLACE);

type Short = { readonly short: readonly { readonly skuCode: string; readonly wanted: number; readonly available: number }[] };
export async function promiseFromSupplier(rt: Runtime, session: ClientSession, input: { readonly parcelId: string; readonly lines: readonly Part[] }): Promise<Result<void, Short>> {
  if ((await SupplierPromises.countDocuments({ parcelId: input.parcelId }).session(session)) > 0) return ok(undefined);
  const now = rt.clock.now();
  const taken: SupplierPromiseDoc[] = [];
  const short: Short['short'][number][] = [];
  for (const { skuCode, quantity } of demandOf(input.lines, () => [])) {
    const counted = (await Skus.updateOne({ code: skuCode, supplierLeft: { $gte: quantity } }, { $inc: { supplierLeft: -quantity, revision: 1 }, $set: { changedAt: now } }, { session })).modifiedCount === 1;
    const sku = counted ? undefined : await Skus.findOne({ code: skuCode }).session(session).lean<SkuDoc>();
    if (counted || (sku && (sku.supplierLeft ?? null) === null)) taken.push({ _id: `${input.parcelId}:${skuCode}`, parcelId: input.parcelId, skuCode, quantity, counted, at: now });
    else short.push({ skuCode, wanted: quantity, available: sku?.supplierLeft ?? 0 });
  }
  if (short.length > 0) {
    await give(rt, session, taken);
    return refuse({ short });
  }
  await SupplierPromises.insertMany(taken, { session });
  return ok(undefined);
}

const give = async (rt: Runtime, session: ClientSession, list: readonly SupplierPromiseDoc[]): Promise<void> => {
  for (const p of list.filter((x) => x.counted)) await Skus.updateOne({ code: p.skuCode, supplierLeft: { $ne: null } }, { $inc: { supplierLeft: p.quantity, revision: 1 }, $set: { changedAt: rt.clock.now() } }, { session });
};
/** A parcel that its supplier does not send after all: the pieces may be promised again. */
export async function releaseFromSupplier(rt: Runtime, session: ClientSession, parcelId: string): Promise<number> {
  const held = await SupplierPromises.find({ parcelId }).session(session).lean<SupplierPromiseDoc[]>();
  await give(rt, session, held);
  if (held.length > 0) await SupplierPromises.deleteMany({ parcelId }, { session });
  return held.length;
}
/** They have left from the supplier: no stock of ours moves. */
export const sentBySupplier = async (session: ClientSession, parcelIds: readonly string[]): Promise<void> => void (await SupplierPromises.deleteMany({ parcelId: { $in: [...parcelIds] } }, { session }));

/** SKUs that suppliers ship, with who does. One without a supplier is of nobody, and stays ours to send. */
export const dropshipped = async (): Promise<Map<string, string>> => new Map((await Skus.find({ flags: DROPSHIP, supplierId: { $ne: '' } }, { code: 1, supplierId: 1 }).lean<SkuDoc[]>()).map((s) => [s.code, s.supplierId]));
export const isDropshipped = (s: { readonly flags: readonly string[]; readonly supplierId: string } | undefined): boolean => s !== undefined && s.supplierId !== '' && s.flags.includes(DROPSHIP);

export type Supply = { readonly id: string; readonly revision: number; readonly supplierId?: string; readonly dropship?: boolean; readonly left?: number | null };
/** Who supplies a SKU, whether they ship it, how many they can still send. False: somebody changed it meanwhile. */
export async function setSupply(rt: Runtime, session: ClientSession, s: Supply): Promise<boolean> {
  const sku = await Skus.findOne({ _id: s.id, revision: s.revision }).session(session).lean<SkuDoc>();
  if (!sku) return false;
  const flags = s.dropship === undefined ? sku.flags : s.dropship ? [...new Set([...sku.flags, DROPSHIP])] : sku.flags.filter((f) => f !== DROPSHIP);
  await Skus.updateOne({ _id: s.id }, { $set: { flags, ...(s.supplierId === undefined ? {} : { supplierId: s.supplierId }), ...(s.left === undefined ? {} : { supplierLeft: s.left }), changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
  return true;
}
