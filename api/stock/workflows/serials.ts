/** What a SKU wants to be told when its pieces move, and where numbered pieces are. */
import type { ClientSession } from 'mongoose';
import { Skus, type SkuDoc } from '../store/models.ts';
import { Serials, type SerialDoc } from '../store/work-models.ts';

export type Wants = { readonly batch: boolean; readonly serial: boolean };
export async function skuWants(codes: readonly string[], session?: ClientSession): Promise<ReadonlyMap<string, Wants>> {
  const found = await Skus.find({ code: { $in: [...codes] }, $or: [{ wantsBatch: true }, { wantsSerial: true }] }, { code: 1, wantsBatch: 1, wantsSerial: 1 }).session(session ?? null).lean<SkuDoc[]>();
  return new Map(found.map((s) => [s.code, { batch: s.wantsBatch, serial: s.wantsSerial }]));
}

/** Of these numbers, those that lie in the warehouse now, with the SKU that each is a piece of. */
export async function serialsIn(warehouseCode: string, serials: readonly string[], session?: ClientSession): Promise<{ readonly serial: string; readonly skuCode: string }[]> {
  const found = await Serials.find({ serial: { $in: [...serials] }, place: warehouseCode }).session(session ?? null).lean<SerialDoc[]>();
  return found.map((s) => ({ serial: s.serial, skuCode: s.skuCode }));
}
