import * as z from 'zod';
import { both, fen, instant, listRoute, route } from './route.ts';

export const KitPart = z.object({ skuCode: z.string(), quantity: z.number().int().min(1) });
const SkuHit = z.object({ id: z.string(), code: z.string(), name: z.string() });
export const SkuRow = z.object({
  id: z.string(), code: z.string(), name: z.string(), barcode: z.string(), category: z.string(), costFen: fen, priceFen: fen, weightGrams: z.number().int(), flags: z.array(z.string()),
  kit: z.array(KitPart), supplierId: z.string(), leadTimeDays: z.number().int(), moq: z.number().int(), packSize: z.number().int(), safetyStock: z.number().int(), active: z.boolean(), revision: z.number(), changedAt: instant,
});
export const PushRule = z.object({ mode: z.enum(['auto', 'fixed', 'off']), shareRate: z.number().int().min(0).max(10_000).describe('rate per 10,000'), keepBack: z.number().int().min(0), offBelow: z.number().int().min(0), cap: z.number().int().min(0).nullable(), fixed: z.number().int().min(0), presale: z.number().int().min(0) });
export const ListingRow = z.object({
  id: z.string(), shopId: z.string(), shopName: z.string(), platformItemId: z.string(), platformSkuId: z.string(), merchantCode: z.string(), title: z.string(), skuCode: z.string().nullable(), mappedBy: z.string(),
  rule: PushRule, wantedQuantity: z.number().int().nullable().describe('what the rule gives now'), terms: z.array(z.object({ term: z.string(), value: z.number(), result: z.number() })), formula: both,
  pushedQuantity: z.number().int().nullable().describe('what the platform took last'), pushedAt: instant.optional(), pushWords: z.string().describe('the platform’s refusal, in its words'), pushState: z.enum(['unmapped', 'off', 'told', 'waiting', 'refused']), platformQuantity: z.number().int().nullable().describe('what the platform itself showed'), comparedAt: instant.optional(), revision: z.number(), changedAt: instant,
});
export const PositionRow = z.object({
  id: z.string(), warehouseCode: z.string(), skuCode: z.string(), name: z.string(), onHand: z.number().int(),
  reserved: z.number().int().nullable().describe('null as of the past: promises are no ledger'), locked: z.number().int().nullable(), available: z.number().int().nullable(), incoming: z.number().int().nullable(), inTransit: z.number().int(), unitCostFen: fen, valueFen: fen, safetyStock: z.number().int(), state: z.enum(['out', 'low', 'ok']), counted: z.number().int().nullable(), countReason: z.string(), revision: z.number(), changedAt: instant,
});
export const LotPart = z.object({ bin: z.string(), batch: z.string(), quantity: z.number().int() });
export const MovementRow = z.object({
  id: z.string(), kind: z.string(), skuCode: z.string(), from: z.string(), to: z.string(), quantity: z.number().int(), unitCostFen: fen, costFen: fen.describe('fen, late corrections included'), firstCostFen: fen.describe('fen, as known when it was written'), reference: z.string(), reason: z.string(), by: z.string(),
  at: instant.describe('when it counts'), recordedAt: instant.describe('when we learnt of it'), bookedAt: instant.describe('where reports count it: never inside a period that was closed by then'), counted: z.number().int().nullable(), undoes: z.string(), undoneBy: z.string(), anchor: z.string(), taken: z.array(LotPart), put: z.array(LotPart), serials: z.array(z.string()), revision: z.number(), changedAt: instant,
});
export const AlertRow = z.object({
  id: z.string(), kind: z.enum(['out_of_stock', 'low_stock', 'overstock', 'oversold', 'dead_stock', 'expired', 'expiring', 'negative_margin', 'unmapped_listing', 'push_refused', 'drift']), subject: z.string(), zh: z.string(), en: z.string(),
  openedAt: instant, closedAt: instant.optional().describe('the cause is gone'), revision: z.number(), changedAt: instant,
});
export const StockSummary = z.object({
  out: z.array(z.object({ skuCode: z.string(), name: z.string(), reserved: z.number() })), low: z.array(z.object({ skuCode: z.string(), name: z.string(), available: z.number(), safetyStock: z.number() })),
  oversold: z.array(z.object({ skuCode: z.string(), name: z.string(), pieces: z.number().int() })).describe('sold by the shops and not there: accepted before a push could reach them'),
  unmapped: z.number(), valueFen: fen, skus: z.number(), warehouses: z.array(z.object({ code: z.string(), name: z.string(), onHand: z.number(), reserved: z.number(), available: z.number(), valueFen: fen })),
});
/** A day (its end) or an instant. */
const clock = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).optional();
const moment = { asOf: clock, asKnownAt: clock };
export const stockRoutes = {
  findSkus: route({ name: 'findSkus', method: 'GET', path: '/api/v1/skus/find', summary: { zh: '按编码、条码或名称的几个字找货品', en: 'Find SKUs by some letters of code, barcode or name' }, right: 'stock:read', query: z.object({ q: z.string().max(100), limit: z.coerce.number().int().min(1).max(100).default(20) }), response: z.object({ skus: z.array(SkuHit) }) }),
  resolveSkus: route({ name: 'resolveSkus', method: 'POST', path: '/api/v1/skus/resolve', summary: { zh: '名称是哪个货品：一个、几个可能的、或没有', en: 'Which SKU a name is: one, several that it may be, or none' }, right: 'stock:read', body: z.object({ names: z.array(z.string().max(500)).min(1).max(5000) }), response: z.object({ found: z.array(z.array(SkuHit)) }) }),
  listSkus: listRoute('skus', SkuRow, 'stock:read', { zh: '货品', en: 'SKUs' }),
  listListings: listRoute('listings', ListingRow, 'stock:read', { zh: '平台商品与货品的对应', en: 'Listings and the SKUs they map to' }),
  listPositions: listRoute('positions', PositionRow, 'stock:read', { zh: '库存；asOf 看过去某日，asKnownAt 看当时所知', en: 'Stock positions; asOf a past day, asKnownAt as it was known then' }, moment),
  listMovements: listRoute('movements', MovementRow, 'stock:read', { zh: '出入库流水', en: 'Stock movements' }),
  listAlerts: listRoute('alerts', AlertRow, 'stock:read', { zh: '库存提醒；原因没了会自己关闭', en: 'Stock alerts; each closes itself when its cause is gone' }, { open: z.enum(['true', 'false']).default('true').describe('false: closed ones too') }),
  stockSummary: route({ name: 'stockSummary', method: 'GET', path: '/api/v1/stock/summary', summary: { zh: '库存概况', en: 'Stock at a glance' }, right: 'stock:read', response: StockSummary }),
  mapListing: route({
    name: 'mapListing', method: 'POST', path: '/api/v1/listings/:id/map', summary: { zh: '把商品对应到货品', en: 'Map a listing to a SKU' }, right: 'stock:write', params: z.object({ id: z.string() }),
    body: z.object({ skuCode: z.string().min(1).max(60) }), response: ListingRow, problems: ['not_found', 'command_refused'],
  }),
  setPushRule: route({
    name: 'setPushRule', method: 'POST', path: '/api/v1/listings/rules', summary: { zh: '给一批商品设同步规则；可作为店铺新商品的起点', en: 'Set the push rule of many listings; also as what a shop’s new listings begin with' }, right: 'stock:write',
    body: z.object({ shopId: z.string().optional(), ids: z.array(z.string()).max(20_000).optional(), rule: PushRule.partial(), forNew: z.boolean().default(false) }), response: z.object({ changed: z.number() }), problems: ['command_refused'],
  }),
  suggestListings: route({
    name: 'suggestListings', method: 'GET', path: '/api/v1/listings/suggestions', summary: { zh: '未对应的商品可能是哪个货品', en: 'What unmapped listings may be' }, right: 'stock:read',
    response: z.object({ rows: z.array(z.object({ listingId: z.string(), shopId: z.string(), title: z.string(), merchantCode: z.string(), candidates: z.array(z.object({ skuCode: z.string(), name: z.string(), by: z.enum(['code', 'barcode', 'title']), scoreRate: z.number().int().describe('rate per 10,000') })) })) }),
  }),
  adjustStock: route({
    name: 'adjustStock', method: 'POST', path: '/api/v1/stock/adjustments', summary: { zh: '盘点或调整：写入流水', en: 'Stocktake or adjustment: posts movements' }, right: 'stock:write',
    body: z.object({ key: z.string().min(4).max(80), reason: z.string().min(1).max(200), lines: z.array(z.object({ warehouseCode: z.string(), skuCode: z.string(), onHand: z.number().int().min(0) })).min(1).max(5000) }),
    response: z.object({ moved: z.number() }), problems: ['batch_refused'],
  }),
};
