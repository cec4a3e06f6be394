import * as z from 'zod';
import { both, day, fen, idParams, instant, listRoute, route } from './route.ts';

const code = z.string().trim().min(1).max(60);
const key = z.string().min(4).max(120).describe('made by the sender and kept before sending: the same key again changes nothing');
const Class = z.enum(['A', 'B', 'C']);

export const StocktakeRow = z.object({
  id: z.string(), number: z.string(), kind: z.enum(['full', 'cycle', 'list', 'bins']), warehouseCode: z.string(), blind: z.boolean(), state: z.enum(['open', 'posted', 'cancelled']), snapshotAt: instant, note: z.string(), by: z.string(), approvedBy: z.string(), lines: z.number(), differencePieces: z.number(), differenceFen: fen, revision: z.number(), changedAt: instant,
});
export const CountLineRow = z.object({
  id: z.string(), stocktakeId: z.string(), number: z.string(), warehouseCode: z.string(), skuCode: z.string(), name: z.string(), barcode: z.string(), bin: z.string(), batch: z.string(), booked: z.number().nullable().describe('null while a blind count is open'), counted: z.number().nullable(), difference: z.number().nullable(), differenceFen: fen.nullable(),
  state: z.enum(['to_count', 'recount', 'counted', 'posted', 'cancelled']), revision: z.number(), changedAt: instant,
});
export const BinRow = z.object({ id: z.string(), warehouseCode: z.string(), code: z.string(), zone: z.string(), aisle: z.string(), shelf: z.string(), level: z.string(), kind: z.enum(['pick', 'bulk', 'inspect']), speed: Class, capacity: z.number().nullable(), path: z.number(), active: z.boolean(), revision: z.number(), changedAt: instant });
export const LotRow = z.object({ id: z.string(), warehouseCode: z.string(), skuCode: z.string(), bin: z.string(), batch: z.string(), quantity: z.number(), expiresOn: z.string(), revision: z.number(), changedAt: instant });
export const BatchRow = z.object({ id: z.string(), skuCode: z.string(), batch: z.string(), producedOn: z.string(), expiresOn: z.string(), revision: z.number(), changedAt: instant });
export const SerialRow = z.object({ id: z.string(), skuCode: z.string(), serial: z.string(), place: z.string(), batch: z.string(), movementId: z.string(), revision: z.number(), changedAt: instant });
export const WarehouseRow = z.object({ id: z.string(), code: z.string(), name: z.string(), priority: z.number(), kind: z.enum(['own', 'third_party', 'platform', 'virtual']), sellable: z.boolean(), revision: z.number(), changedAt: instant });
const BinInput = z.object({ warehouseCode: code, code: z.string().trim().min(1).max(40), zone: z.string().max(20).default(''), aisle: z.string().max(20).default(''), shelf: z.string().max(20).default(''), level: z.string().max(20).default(''), kind: z.enum(['pick', 'bulk', 'inspect']).default('pick'), speed: Class.default('C'), capacity: z.number().int().min(1).nullable().default(null), path: z.number().int().min(0).default(0) });
const Wanted = z.object({ skuCode: code, quantity: z.number().int().min(1) });
export const FigureRow = z.object({
  key: z.string(), name: z.string(), skus: z.number(), onHand: z.number(), valueFen: fen, soldPieces: z.number(), soldCostFen: fen, averageValueFen: fen, turnoverDays: z.number().nullable(), sellThroughRate: z.number().int().describe('sold / (sold + left), rate per 10,000'), soldSkus: z.number(), movingRate: z.number().int().describe('动销率: SKUs that sold of SKUs that are there, rate per 10,000'),
  ageing: z.array(z.object({ toDays: z.number().nullable(), pieces: z.number(), valueFen: fen })), abc: Class.nullable(), xyz: z.enum(['X', 'Y', 'Z']).nullable(), stockOutDays: z.number(), lostPieces: z.number(), lostFen: fen,
});

export const stockCountRoutes = {
  listStocktakes: listRoute('stocktakes', StocktakeRow, 'stock:read', { zh: '盘点单', en: 'Stocktakes' }),
  listCountLines: listRoute('count-lines', CountLineRow, 'stock:read', { zh: '盘点行', en: 'Lines to count' }, { stocktake: z.string().optional() }),
  openStocktake: route({
    name: 'openStocktake', method: 'POST', path: '/api/v1/stocktakes', summary: { zh: '开盘点单：全盘、按 ABC 循环、按库位、按货品；可盲盘', en: 'Open a stocktake: full, by turnover class, by bin, by SKU; blind if wanted' }, right: 'stock:write',
    body: z.object({ key, kind: z.enum(['full', 'cycle', 'list', 'bins']), warehouseCode: code, blind: z.boolean().default(false), bins: z.array(z.string().max(40)).max(5000).optional(), classes: z.array(Class).optional(), skuCodes: z.array(code).max(20_000).optional(), note: z.string().max(200).default('') }), response: StocktakeRow, problems: ['command_refused'],
  }),
  enterCounts: route({ name: 'enterCounts', method: 'POST', path: '/api/v1/count-lines/counts', summary: { zh: '录入盘点数（手机或表格）', en: 'Enter counts, from a phone or a sheet' }, right: 'stock:write', body: z.object({ lines: z.array(z.object({ id: z.string(), counted: z.number().int().min(0).max(10_000_000) })).min(1).max(5000) }), response: z.object({ recount: z.number() }), problems: ['batch_refused'] }),
  approveStocktake: route({ name: 'approveStocktake', method: 'POST', path: '/api/v1/stocktakes/:id/approve', summary: { zh: '审批并过账；dryRun=true 先看差异', en: 'Approve and post; dryRun=true shows the differences first' }, right: 'stock:approve', params: idParams, query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }), body: z.object({}), response: z.object({ stocktake: StocktakeRow, uncounted: z.number() }), problems: ['batch_refused', 'not_found'] }),
  cancelStocktake: route({ name: 'cancelStocktake', method: 'POST', path: '/api/v1/stocktakes/:id/cancel', summary: { zh: '作废盘点单', en: 'Cancel a stocktake' }, right: 'stock:write', params: idParams, body: z.object({}), response: StocktakeRow, problems: ['not_found'] }),
  listWarehouses: listRoute('warehouses', WarehouseRow, 'stock:read', { zh: '仓库', en: 'Warehouses' }),
  saveWarehouse: route({ name: 'saveWarehouse', method: 'PUT', path: '/api/v1/warehouses/:code', summary: { zh: '新建或改仓库', en: 'Make or change a warehouse' }, right: 'settings:write', params: z.object({ code: z.string().max(20) }), body: z.object({ name: z.string().trim().min(1).max(60), priority: z.number().int().min(0).max(999).default(9), kind: z.enum(['own', 'third_party', 'platform', 'virtual']).default('own'), sellable: z.boolean().default(true) }), response: WarehouseRow, problems: ['command_refused'] }),
  listBins: listRoute('bins', BinRow, 'stock:read', { zh: '库位', en: 'Bins' }),
  saveBins: route({ name: 'saveBins', method: 'POST', path: '/api/v1/bins', summary: { zh: '新建或改库位', en: 'Make or change bins' }, right: 'stock:write', body: z.object({ bins: z.array(BinInput).min(1).max(5000) }), response: z.object({ saved: z.number() }), problems: ['batch_refused'] }),
  listLots: listRoute('lots', LotRow, 'stock:read', { zh: '库位与批次库存', en: 'Stock by bin and batch' }),
  listBatches: listRoute('batches', BatchRow, 'stock:read', { zh: '批次', en: 'Batches' }),
  saveBatches: route({ name: 'saveBatches', method: 'POST', path: '/api/v1/batches', summary: { zh: '登记批次的生产与到期日', en: 'Register batches with production and expiry dates' }, right: 'stock:write', body: z.object({ batches: z.array(z.object({ skuCode: code, batch: z.string().trim().min(1).max(60), producedOn: z.union([z.literal(''), day]).default(''), expiresOn: z.union([z.literal(''), day]).default('') })).min(1).max(5000) }), response: z.object({ saved: z.number() }), problems: ['batch_refused'] }),
  listSerials: listRoute('serials', SerialRow, 'stock:read', { zh: '序列号', en: 'Serial numbers' }),
  suggestPutAway: route({ name: 'suggestPutAway', method: 'POST', path: '/api/v1/bins/put-away', summary: { zh: '上架建议：同货品、同速度的空位、其他空位', en: 'Where to put goods: beside the same, in empty bins of their speed, in any empty one' }, right: 'stock:read', body: z.object({ warehouseCode: code, lines: z.array(Wanted).min(1).max(500) }), response: z.object({ lines: z.array(z.object({ skuCode: z.string(), bin: z.string(), quantity: z.number(), why: z.enum(['same', 'class', 'empty', 'no_room']) })) }) }),
  pickPath: route({ name: 'pickPath', method: 'POST', path: '/api/v1/bins/pick-path', summary: { zh: '拣货路线：先到期先出，按路径排', en: 'A picking walk: first expired first, in the order of the path' }, right: 'stock:read', body: z.object({ warehouseCode: code, lines: z.array(Wanted).min(1).max(2000) }), response: z.object({ steps: z.array(z.object({ bin: z.string(), skuCode: z.string(), batch: z.string(), quantity: z.number(), path: z.number() })), short: z.array(Wanted) }) }),
  suggestReplenish: route({ name: 'suggestReplenish', method: 'GET', path: '/api/v1/bins/replenish', summary: { zh: '拣货位补货：占用多于拣货位的，从存储位补', en: 'Refill of pick bins from bulk, for what is promised and not in reach' }, right: 'stock:read', query: z.object({ warehouse: z.string() }), response: z.object({ moves: z.array(z.object({ skuCode: z.string(), from: z.string(), to: z.string(), batch: z.string(), quantity: z.number() })) }) }),
  stockFigures: route({
    name: 'stockFigures', method: 'GET', path: '/api/v1/stock/figures', summary: { zh: '周转、动销、库龄、ABC-XYZ、断货与损失，截至任意一天', en: 'Turnover, sell-through, ageing, ABC-XYZ, days out, lost sales, as of any day' }, right: 'stock:read',
    query: z.object({ asOf: day.optional(), asKnownAt: z.union([z.iso.date(), z.iso.datetime({ offset: true })]).optional(), days: z.coerce.number().int().min(1).max(365).default(30), by: z.enum(['sku', 'category', 'warehouse']).default('sku'), warehouse: z.string().optional() }), response: z.object({ asOf: z.string(), days: z.number(), rows: z.array(FigureRow), words: both }),
  }),
};
