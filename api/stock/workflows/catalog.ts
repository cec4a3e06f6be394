/** SKUs, warehouses and listings: what is stocked, where, and what a platform calls it. */
import type { ClientSession } from 'mongoose';
import type { Runtime } from '../../runtime/runtime.ts';
import { raiseNotice } from '../../shops/index.ts';
import { demandOf, kitAvailability, type Part } from '../domain/demand.ts';
import { isTransit } from '../domain/places.ts';
import { PLAIN_RULE } from '../domain/push-figure.ts';
import { Listings, positionId, Positions, PushMarks, Skus, Warehouses, type ListingDoc, type PositionDoc, type SkuDoc, type WarehouseDoc, type WarehouseKind } from '../store/models.ts';
import { postMovement } from './post-movement.ts';

type SkuOptional = 'safetyStock' | 'wantsBatch' | 'wantsSerial' | 'shelfDays';
export type SkuInput = Omit<SkuDoc, '_id' | 'revision' | 'changedAt' | 'active' | SkuOptional> & { readonly [K in SkuOptional]?: SkuDoc[K] };

export async function upsertSkus(rt: Runtime, skus: readonly SkuInput[]): Promise<number> {
  const now = rt.clock.now();
  let changed = 0;
  for (const s of skus) {
    const there = await Skus.findOne({ code: s.code }).lean<SkuDoc>();
    if (there) continue;
    await Skus.updateOne({ code: s.code }, { $setOnInsert: { ...s, _id: rt.newId('sku'), safetyStock: s.safetyStock ?? 0, wantsBatch: s.wantsBatch ?? false, wantsSerial: s.wantsSerial ?? false, shelfDays: s.shelfDays ?? 0, active: true, revision: 1, changedAt: now } }, { upsert: true });
    changed += 1;
  }
  return changed;
}

export type WarehouseInput = { readonly code: string; readonly name: string; readonly priority: number; readonly kind?: WarehouseKind; readonly sellable?: boolean };
export async function upsertWarehouses(rt: Runtime, list: readonly WarehouseInput[]): Promise<void> {
  for (const w of list) await Warehouses.updateOne({ code: w.code }, { $setOnInsert: { kind: 'own', sellable: w.kind !== 'virtual', ...w, _id: rt.newId('warehouse'), revision: 1, changedAt: rt.clock.now() } }, { upsert: true });
}

/** Opening balances; each (warehouse, SKU) is opened once. */
export async function openStock(rt: Runtime, lines: readonly { warehouseCode: string; skuCode: string; quantity: number; unitCostFen: number; safetyStock?: number }[]): Promise<number> {
  let opened = 0;
  for (let i = 0; i < lines.length; i += 100) {
    opened += await rt.transact(async (session) => {
      let n = 0;
      for (const l of lines.slice(i, i + 100)) {
        const key = `opening:${l.warehouseCode}:${l.skuCode}`;
        const moved = await postMovement(rt, session, { key, kind: 'opening', skuCode: l.skuCode, from: 'opening', to: l.warehouseCode, quantity: l.quantity, costFen: l.unitCostFen * l.quantity, reference: 'opening', by: 'system', at: rt.clock.now() });
        if (moved.ok) n += 1;
        if (l.safetyStock) await Positions.updateOne({ _id: `${l.warehouseCode}:${l.skuCode}` }, { $set: { safetyStock: l.safetyStock } }, { session });
      }
      return n;
    });
  }
  return opened;
}

export async function kitsOf(codes: readonly string[], session?: ClientSession): Promise<(code: string) => readonly Part[]> {
  const kits = await Skus.find({ code: { $in: [...new Set(codes)] } }).session(session ?? null).lean<SkuDoc[]>();
  const byCode = new Map(kits.map((k) => [k.code, k.kit]));
  return (code) => byCode.get(code) ?? [];
}

export type SkuFacts = { readonly code: string; readonly name: string; readonly category: string; readonly weightGrams: number; readonly flags: readonly string[]; readonly costFen: number; readonly priceFen: number; readonly kit: readonly Part[]; readonly supplierId: string; readonly leadTimeDays: number; readonly moq: number; readonly packSize: number };
/** Facts by code. The cost and weight of a kit are those of its parts. */
export async function skuFacts(codes?: readonly string[]): Promise<Map<string, SkuFacts>> {
  const all = await Skus.find(codes ? { code: { $in: [...new Set(codes)] } } : {}).lean<SkuDoc[]>();
  const parts = await Skus.find({ code: { $in: all.flatMap((s) => s.kit.map((k) => k.skuCode)) } }).lean<SkuDoc[]>();
  const byCode = new Map([...parts, ...all].map((s) => [s.code, s]));
  return new Map(all.map((s) => {
    const opened = demandOf([{ skuCode: s.code, quantity: 1 }], (c) => byCode.get(c)?.kit ?? []);
    const sum = (field: 'costFen' | 'weightGrams'): number => (s.kit.length === 0 ? s[field] : opened.reduce((n, p) => n + (byCode.get(p.skuCode)?.[field] ?? 0) * p.quantity, 0));
    return [s.code, { code: s.code, name: s.name, category: s.category, weightGrams: sum('weightGrams'), flags: s.flags, costFen: sum('costFen'), priceFen: s.priceFen, kit: s.kit.map((k) => ({ skuCode: k.skuCode, quantity: k.quantity })), supplierId: s.supplierId, leadTimeDays: s.leadTimeDays, moq: s.moq, packSize: s.packSize }];
  }));
}

/** Pieces that can be promised now, per SKU and warehouse; of a kit, what its parts allow. */
export async function availability(codes: readonly string[], session?: ClientSession): Promise<Map<string, Map<string, number>>> {
  const kit = await kitsOf(codes, session);
  const parts = [...new Set(codes.flatMap((c) => [c, ...kit(c).map((p) => p.skuCode)]))];
  const shut = new Set((await Warehouses.find({ sellable: false }).session(session ?? null).lean<WarehouseDoc[]>()).map((w) => w.code));
  const positions = (await Positions.find({ skuCode: { $in: parts } }).session(session ?? null).lean<PositionDoc[]>()).filter((p) => !shut.has(p.warehouseCode) && !isTransit(p.warehouseCode));
  const warehouses = [...new Set(positions.map((p) => p.warehouseCode))];
  const byId = new Map(positions.map((p) => [p._id, p.onHand - p.reserved - p.locked]));
  const free = (warehouse: string, code: string): number => byId.get(positionId(warehouse, code)) ?? 0;
  // Kits that stand made up are sold before more are made up from parts.
  return new Map(codes.map((c) => [c, new Map(warehouses.map((w) => [w, kit(c).length > 0 ? free(w, c) + kitAvailability(kit(c), (part) => free(w, part)) : free(w, c)]))]));
}

export const warehouses = (): Promise<WarehouseDoc[]> => Warehouses.find({}).sort({ priority: 1 }).lean<WarehouseDoc[]>();

export type ListingKey = { readonly shopId: string; readonly platformItemId: string; readonly platformSkuId: string; readonly merchantCode: string; readonly title: string };

/** The SKUs of many listings of one shop, in their order: those that are as they were are read together, each other by itself. */
export async function matchListings(rt: Runtime, shopId: string, list: readonly Omit<ListingKey, 'shopId'>[]): Promise<(string | null)[]> {
  const keyOf = (l: { readonly platformItemId: string; readonly platformSkuId: string }): string => JSON.stringify([l.platformItemId, l.platformSkuId]);
  const docs = await Listings.find({ shopId, platformItemId: { $in: [...new Set(list.map((l) => l.platformItemId))] }, platformSkuId: { $in: [...new Set(list.map((l) => l.platformSkuId))] } }, { platformItemId: 1, platformSkuId: 1, merchantCode: 1, skuCode: 1 }).lean<ListingDoc[]>();
  const there = new Map(docs.map((d) => [keyOf(d), d]));
  const found: (string | null)[] = [];
  for (const l of list) {
    const doc = there.get(keyOf(l));
    found.push(doc?.skuCode && doc.merchantCode === l.merchantCode ? doc.skuCode : await matchListing(rt, { shopId, ...l }));
  }
  return found;
}

/**
 * The SKU of a platform's listing, found by merchant code the first time it is seen. A listing whose merchant code changes
 * later keeps its SKU and raises a notice: it is never matched anew without being asked.
 */
export async function matchListing(rt: Runtime, l: ListingKey): Promise<string | null> {
  const where = { shopId: l.shopId, platformItemId: l.platformItemId, platformSkuId: l.platformSkuId };
  const there = await Listings.findOne(where).lean<ListingDoc>();
  const byCode = async (): Promise<string | null> => (l.merchantCode ? ((await Skus.findOne({ code: l.merchantCode.trim(), active: true }).lean<SkuDoc>())?.code ?? null) : null);
  const now = rt.clock.now();
  if (!there) {
    const skuCode = await byCode();
    await Listings.updateOne(where, { $setOnInsert: { ...where, _id: rt.newId('listing'), merchantCode: l.merchantCode, title: l.title, skuCode, mappedBy: skuCode ? 'code' : null, pushedQuantity: null, pushedAt: null, pushWords: '', rule: (await PushMarks.findById(l.shopId).lean())?.rule ?? { ...PLAIN_RULE }, wanted: null, terms: [], pushDue: true, nextPushAt: null, platformQuantity: null, comparedAt: null, revision: 1, changedAt: now } }, { upsert: true });
    return skuCode;
  }
  if (there.merchantCode !== l.merchantCode) {
    await Listings.updateOne({ _id: there._id }, { $set: { merchantCode: l.merchantCode, changedAt: now }, $inc: { revision: 1 } });
    if (there.skuCode) await raiseNotice(rt, { kind: 'merchant_code_changed', subject: `${l.title} ${l.platformSkuId}`, words: { zh: `商家编码从 ${there.merchantCode} 变成 ${l.merchantCode}，仍按货品 ${there.skuCode} 发货。核对后在商品表改。`, en: `The merchant code went from ${there.merchantCode} to ${l.merchantCode}; it still ships as SKU ${there.skuCode}. Check, then change the listing.` } });
  }
  if (there.skuCode) return there.skuCode;
  const skuCode = await byCode();
  if (skuCode) await Listings.updateOne({ _id: there._id }, { $set: { skuCode, mappedBy: 'code', pushDue: true, changedAt: now }, $inc: { revision: 1 } });
  return skuCode;
}
