import * as z from 'zod';
import { LABEL_PAPERS } from './print-templates.ts';
import { both, day, fen, idParams, instant, listRoute, route } from './route.ts';
import { MovementRow } from './stock.ts';

/** What a change of the ledger did, or would do: lines written, costs corrected, balances before and after. */
export const LedgerChange = z.object({
  dryRun: z.boolean(), movements: z.array(MovementRow), corrections: z.array(z.object({ movementId: z.string(), skuCode: z.string(), kind: z.string(), differenceFen: fen, at: instant, bookedAt: instant })),
  positions: z.array(z.object({ warehouseCode: z.string(), skuCode: z.string(), onHand: z.object({ before: z.number(), after: z.number() }), valueFen: z.object({ before: fen, after: fen }) })), effects: z.array(both),
});
const dryRun = z.object({ dryRun: z.enum(['true', 'false']).default('false') });
const code = z.string().trim().min(1).max(60);
const key = z.string().min(4).max(120).describe('made by the sender and kept before sending: the same key again changes nothing');
const reason = z.string().trim().min(1).max(200);
const pieces = z.number().int().min(1).max(10_000_000);

export const StockSettings = z.object({
  costing: z.enum(['average', 'fifo']), closedThrough: z.union([z.literal(''), day]), overReceiptRate: z.number().int().min(0).max(10_000).describe('rate per 10,000'), underReceiptRate: z.number().int().min(0).max(10_000).describe('rate per 10,000'),
  recountPieces: z.number().int().min(0), recountFen: fen.min(0), expiryDays: z.number().int().min(0).max(3650), deadDays: z.number().int().min(1).max(3650), webhookUrl: z.union([z.literal(''), z.url()]),
});
/** What a person may post by hand; purchases, sales, transfers, kits and counts have doors of their own. */
export const HAND_KINDS = ['scrap', 'sample', 'return', 'supplier-return', 'other-in', 'other-out', 'bin-move'] as const;
const HandLine = z.object({
  warehouseCode: code, skuCode: code, quantity: pieces, unitCostFen: fen.min(0).optional().describe('what enters; absent: the SKU’s reference cost'), bin: z.string().max(40).optional(), toBin: z.string().max(40).optional().describe('bin-move: where to'), batch: z.string().max(60).optional(), serials: z.array(z.string().max(60)).max(5000).optional(),
});
export const LateCostRow = z.object({ id: z.string(), kind: z.string(), amountFen: fen, spreadBy: z.string(), shares: z.array(z.object({ movementId: z.string(), skuCode: z.string(), differenceFen: fen })), words: z.string(), by: z.string(), at: instant, undoes: z.string(), undoneBy: z.string(), revision: z.number(), changedAt: instant });
export const TransferRow = z.object({ id: z.string(), from: z.string(), to: z.string(), state: z.enum(['on_the_way', 'partly_received', 'received', 'cancelled']), lines: z.array(z.object({ skuCode: z.string(), quantity: z.number(), received: z.number(), lost: z.number() })), note: z.string(), by: z.string(), at: instant, revision: z.number(), changedAt: instant });
export const LockRow = z.object({ id: z.string(), warehouseCode: z.string(), skuCode: z.string(), quantity: z.number(), reason: z.string(), by: z.string(), at: instant, released: z.boolean(), revision: z.number(), changedAt: instant });
export const InboundRow = z.object({ id: z.string(), number: z.string(), source: z.enum(['return', 'manual']), warehouseCode: z.string(), reference: z.string(), note: z.string(), by: z.string(), blind: z.boolean(), state: z.enum(['open', 'done', 'cancelled']), at: instant, lines: z.array(z.object({ skuCode: z.string(), expected: z.number().nullable().describe('null while a blind inbound is open'), received: z.number(), unitCostFen: fen })), revision: z.number(), changedAt: instant });
const Level = z.tuple([z.string().describe('warehouse'), z.number().describe('on hand'), z.number().describe('reserved'), z.number().describe('locked'), z.number().describe('available'), z.number().describe('incoming'), z.number().describe('in transit')]);

export const stockWorkRoutes = {
  readStockSettings: route({ name: 'readStockSettings', method: 'GET', path: '/api/v1/stock/settings', summary: { zh: '库存设置', en: 'Stock settings' }, right: 'stock:read', response: StockSettings }),
  changeStockSettings: route({ name: 'changeStockSettings', method: 'PUT', path: '/api/v1/stock/settings', summary: { zh: '改库存设置：计价方法、结账日、容差', en: 'Change stock settings: costing, closing, tolerances' }, right: 'settings:write', body: StockSettings.partial(), response: StockSettings, problems: ['command_refused'] }),
  readLevels: route({ name: 'readLevels', method: 'GET', path: '/api/v1/stock/levels', summary: { zh: '全部货品在各仓的数量，一次取完', en: 'Every SKU in every warehouse, in one answer' }, right: 'stock:read', query: z.object({ warehouse: z.string().optional() }), response: z.object({ at: instant, rows: z.array(z.tuple([z.string().describe('SKU'), z.array(Level)])) }) }),
  postMovements: route({
    name: 'postMovements', method: 'POST', path: '/api/v1/stock/movements', summary: { zh: '报废、样品、退货、其他出入库、移库位；可补录', en: 'Scrap, samples, returns, other moves in and out, bin moves; also for the past' }, right: 'stock:write', query: dryRun,
    body: z.object({ key, kind: z.enum(HAND_KINDS), at: instant.optional().describe('when it counts; absent: now'), reason, lines: z.array(HandLine).min(1).max(2000) }), response: LedgerChange, problems: ['batch_refused'],
  }),
  undoMovement: route({ name: 'undoMovement', method: 'POST', path: '/api/v1/movements/:id/undo', summary: { zh: '反冲一条流水；dryRun=true 先看会怎样', en: 'Undo by counter-entry; dryRun=true shows it first' }, right: 'stock:write', params: idParams, query: dryRun, body: z.object({ reason }), response: LedgerChange, problems: ['command_refused', 'not_found'] }),
  listLateCosts: listRoute('late-costs', LateCostRow, 'stock:read', { zh: '后到的成本：运费、关税、改价', en: 'Costs that came later: freight, duty, corrected prices' }),
  addLateCost: route({
    name: 'addLateCost', method: 'POST', path: '/api/v1/late-costs', summary: { zh: '把运费、关税摊到入库，或改正进价', en: 'Spread freight or duty over receipts, or correct a price' }, right: 'stock:write', query: dryRun,
    body: z.object({ key, words: reason, spread: z.union([z.object({ amountFen: fen, by: z.enum(['value', 'weight', 'quantity']), references: z.array(z.string()).min(1).max(500) }), z.object({ prices: z.array(z.object({ movementId: z.string(), costFen: fen.min(0) })).min(1).max(2000) })]) }),
    response: z.object({ cost: LateCostRow, change: LedgerChange }), problems: ['command_refused'],
  }),
  undoLateCost: route({ name: 'undoLateCost', method: 'POST', path: '/api/v1/late-costs/:id/undo', summary: { zh: '撤销后到的成本', en: 'Undo a late cost' }, right: 'stock:write', params: idParams, query: dryRun, body: z.object({ reason }), response: z.object({ cost: LateCostRow, change: LedgerChange }), problems: ['command_refused', 'not_found'] }),
  assembleKits: route({ name: 'assembleKits', method: 'POST', path: '/api/v1/stock/assemblies', summary: { zh: '组装或拆分组合装', en: 'Make up kits, or take them apart' }, right: 'stock:write', query: dryRun, body: z.object({ key, kind: z.enum(['assemble', 'disassemble']), warehouseCode: code, kitCode: code, quantity: pieces, at: instant.optional(), reason: z.string().max(200).default('') }), response: LedgerChange, problems: ['command_refused'] }),
  listTransfers: listRoute('transfers', TransferRow, 'stock:read', { zh: '调拨单', en: 'Transfers' }),
  sendTransfer: route({ name: 'sendTransfer', method: 'POST', path: '/api/v1/transfers', summary: { zh: '调拨出库，货在途', en: 'Send goods to another warehouse' }, right: 'stock:write', body: z.object({ key, from: code, to: code, note: z.string().max(200).default(''), lines: z.array(z.object({ skuCode: code, quantity: pieces })).min(1).max(500) }), response: TransferRow, problems: ['batch_refused'] }),
  receiveTransfer: route({
    name: 'receiveTransfer', method: 'POST', path: '/api/v1/transfers/:id/receive', summary: { zh: '调拨入库；没到的可报损结单', en: 'Receive a transfer; what is missing can be written off' }, right: 'stock:write', params: idParams,
    body: z.object({ key, lines: z.array(z.object({ skuCode: code, received: z.number().int().min(0), lost: z.number().int().min(0).default(0) })).min(1).max(500), reason: z.string().max(200).default('') }), response: TransferRow, problems: ['batch_refused', 'not_found'],
  }),
  cancelTransfer: route({ name: 'cancelTransfer', method: 'POST', path: '/api/v1/transfers/:id/cancel', summary: { zh: '撤回在途的货', en: 'Take back what is on the way' }, right: 'stock:write', params: idParams, body: z.object({ reason }), response: TransferRow, problems: ['command_refused', 'not_found'] }),
  listInbounds: listRoute('inbounds', InboundRow, 'stock:read', { zh: '入库单', en: 'Inbounds' }),
  openInbound: route({
    name: 'openInbound', method: 'POST', path: '/api/v1/inbounds', summary: { zh: '开入库单：退货或手工；可盲收', en: 'Open an inbound: a return, or by hand; blind if wanted' }, right: 'stock:write',
    body: z.object({ key, source: z.enum(['return', 'manual']), warehouseCode: code, reference: z.string().max(120).default(''), note: z.string().max(200).default(''), blind: z.boolean().default(false), lines: z.array(z.object({ skuCode: code, expected: z.number().int().min(0).max(10_000_000), unitCostFen: fen.min(0).optional() })).max(2000).default([]) }), response: InboundRow, problems: ['batch_refused'],
  }),
  receiveInbound: route({
    name: 'receiveInbound', method: 'POST', path: '/api/v1/inbounds/:id/receive', summary: { zh: '收货；多收少收按容差', en: 'Receive; over and short within the tolerance' }, right: 'stock:write', params: idParams,
    body: z.object({ key, close: z.boolean().default(false), reason: z.string().max(200).default(''), lines: z.array(z.object({ skuCode: code, quantity: pieces, bin: z.string().max(40).optional(), batch: z.string().max(60).optional(), serials: z.array(z.string().max(60)).max(5000).optional() })).max(2000) }), response: InboundRow, problems: ['batch_refused', 'not_found'],
  }),
  inspectReturns: route({
    name: 'inspectReturns', method: 'POST', path: '/api/v1/returns/inspect', summary: { zh: '验退货：好的放回可卖的仓，坏的报废', en: 'Look at returns: the good go back on sale, the bad are scrapped' }, right: 'stock:write',
    body: z.object({ key, reason: z.string().max(200).default(''), reference: z.string().max(120).default('').describe('the inbound'), lines: z.array(z.object({ skuCode: code, good: z.number().int().min(0).max(10_000_000), bad: z.number().int().min(0).max(10_000_000), to: code.optional(), bin: z.string().max(40).optional(), batch: z.string().max(60).optional(), goodSerials: z.array(z.string().max(60)).max(5000).optional(), badSerials: z.array(z.string().max(60)).max(5000).optional() })).min(1).max(500) }),
    response: LedgerChange, problems: ['batch_refused'],
  }),
  printSkuLabels: route({ name: 'printSkuLabels', method: 'POST', path: '/api/v1/stock/labels', summary: { zh: '打印货品标签（条码、名称、批次）', en: 'Print SKU labels: barcode, name, batch' }, right: 'stock:read', kind: 'pdf', body: z.object({ paper: z.enum(LABEL_PAPERS).optional().describe('other paper than the layout says'), labels: z.array(z.object({ skuCode: code.describe('its code, or the id of its row'), copies: z.number().int().min(1).max(500).default(1), batch: z.string().max(60).default(''), bin: z.string().max(40).default('') })).min(1).max(500) }), response: z.unknown(), problems: ['batch_refused', 'command_refused'] }),
  listLocks: listRoute('stock-locks', LockRow, 'stock:read', { zh: '锁定', en: 'Locks' }),
  lockStock: route({ name: 'lockStock', method: 'POST', path: '/api/v1/stock-locks', summary: { zh: '锁定：不让占用', en: 'Keep pieces from being promised' }, right: 'stock:write', body: z.object({ key, warehouseCode: code, skuCode: code, quantity: pieces, reason }), response: LockRow, problems: ['command_refused'] }),
  releaseLock: route({ name: 'releaseLock', method: 'POST', path: '/api/v1/stock-locks/:id/release', summary: { zh: '解锁', en: 'Release a lock' }, right: 'stock:write', params: idParams, body: z.object({}), response: LockRow, problems: ['not_found'] }),
};
