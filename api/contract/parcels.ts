import * as z from 'zod';
import { both, day, fen, idParams, instant, listRoute, route } from './route.ts';
import { RuleRowInput } from './rules.ts';

const one = z.string().min(1).max(60);
const ids = z.array(one).min(1).max(200);
/** What a person may do to parcels before they are on paper. */
export const ArrangeBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['merge', 'apart', 'replan', 'cancel']), ids }),
  z.object({ kind: z.literal('split'), ids: z.tuple([one]), groups: z.array(z.array(z.object({ orderId: one, platformLineId: z.string().min(1).max(60) })).min(1)).min(2).max(50) }),
]);
export const ArrangeAnswer = z.object({ changeId: z.string(), parcelIds: z.array(z.string()), effects: z.array(both) });
export const ParcelChangeRow = z.object({ id: z.string(), kind: z.string(), words: both, by: z.string(), at: instant, undoneAt: instant.optional(), parcelIds: z.array(z.string()), revision: z.number(), changedAt: instant });
const dry = z.object({ dryRun: z.enum(['true', 'false']).default('false') });
const Caught = z.object({ code: z.string(), kind: z.enum(['unknown', 'wrong', 'missing', 'extra', 'serial_missing', 'serial_absent', 'serial_twice']), wanted: z.number(), scanned: z.number() });
export const PackBox = z.object({ parcelId: z.string(), state: z.string(), slot: z.number(), wanted: z.array(z.object({ skuCode: z.string(), barcode: z.string(), quantity: z.number(), name: z.string(), wantsSerial: z.boolean().describe('each piece is scanned with its own number') })), memo: z.string() });
export const PackSummary = z.object({ checked: z.number(), caught: z.number().describe('parcels with a mistake that the gate caught'), shipped: z.number(), found: z.number().describe('orders whose buyer found a mistake'), caughtShare: z.number().describe('per 10,000 of checked parcels'), foundShare: z.number().describe('per 10,000 of shipped parcels'), medianMs: z.number() });
export const WaveRow = z.object({ id: z.string(), number: z.string(), warehouseCode: z.string(), courierCode: z.string(), kind: z.enum(['single', 'mixed']), parcelIds: z.array(z.string()), parcels: z.number(), waiting: z.number(), printed: z.number(), packed: z.number(), shipped: z.number(), stopped: z.number(), at: instant, by: z.string(), revision: z.number(), changedAt: instant });
const count = z.number().int();
export const PromiseRow = z.object({
  id: z.string(), shopId: z.string(), shopName: z.string(), day: z.string(), platform: count, source: z.enum(['recount', 'pull']), ours: count, unpaid: count, waiting: count, held: count, holds: z.array(z.object({ code: z.string(), count, words: both })), holdText: both, shipped: count, pushed: count, refused: count, closed: count, elsewhere: count,
  difference: count.describe('orders on which the platform and we differ'), differences: z.array(z.object({ kind: z.enum(['not_here', 'not_there', 'refused']), words: both, orderIds: z.array(z.string()) })), differenceText: both, revision: z.number(), changedAt: instant,
});
const ruleRows = z.array(RuleRowInput).max(2000);
export const RepriceBody = z.object({ from: day, to: day, freight: ruleRows.optional().describe('a draft of the freight table; absent: the live one'), couriers: ruleRows.optional().describe('a draft of the courier table; absent: the courier that took it'), instead: z.record(z.string().max(20), z.string().min(1).max(20)).optional().describe('one courier in the place of another') });
const CourierSum = z.object({ courier: z.string(), parcels: count, freightFen: fen, thenParcels: count, thenFreightFen: fen });
export const RepriceAnswer = z.object({ parcels: count, freightFen: fen, thenFreightFen: fen, differenceFen: fen, unpriced: count.describe('no courier or no price: in neither sum'), byCourier: z.array(CourierSum), rows: z.array(z.object({ parcelId: z.string(), shippedAt: instant, province: z.string(), grams: count, courier: z.string(), freightFen: fen, thenCourier: z.string(), thenFreightFen: fen.nullable(), row: z.string() })) });
export const fulfilmentRoutes = {
  listPromises: listRoute('promises', PromiseRow, 'orders:read', { zh: '承诺台账：每店每天平台几单、我们发了几单、差在哪', en: 'The promise ledger: per shop and day what the platform has, what we sent, and any difference by order' }),
  pullBackParcels: route({ name: 'pullBackParcels', method: 'POST', path: '/api/v1/parcels/pull-back', summary: { zh: '撤回已打印的包裹：发货单已撕掉', en: 'Pull printed parcels back: their slips are thrown away' }, right: 'parcels:write', body: z.object({ ids }), response: z.object({ pulled: z.number() }), problems: ['batch_refused'] }),
  printLabels: route({ name: 'printLabels', method: 'POST', path: '/api/v1/parcels/labels', summary: { zh: '打印一批面单', en: 'Print waybills for a batch' }, right: 'parcels:write', kind: 'pdf', body: z.object({ ids: z.array(one).min(1).max(500) }), response: z.object({}), problems: ['batch_refused'] }),
  openBox: route({ name: 'openBox', method: 'GET', path: '/api/v1/packing/:id', summary: { zh: '扫包裹：箱里该有什么', en: 'Scan a parcel: what belongs in it' }, right: 'parcels:write', params: idParams, response: PackBox, problems: ['command_refused'] }),
  checkBox: route({ name: 'checkBox', method: 'POST', path: '/api/v1/packing/:id/check', summary: { zh: '验货', en: 'Check what was scanned' }, right: 'parcels:write', params: idParams, body: z.object({ items: z.array(z.object({ code: z.string().trim().min(1).max(60), quantity: z.number().int().min(1).max(10_000), serials: z.array(z.string().trim().min(1).max(60)).max(500).optional() })).max(500), ms: z.number().int().min(0).max(86_400_000).default(0) }), response: z.object({ parcelId: z.string(), passed: z.boolean(), caught: z.array(Caught) }), problems: ['command_refused'] }),
  weighBox: route({ name: 'weighBox', method: 'POST', path: '/api/v1/packing/:id/weigh', summary: { zh: '称重', en: 'Weigh a parcel' }, right: 'parcels:write', params: idParams, body: z.object({ grams: z.number().int().min(1).max(1_000_000), sure: z.boolean().default(false).describe('it was looked at, and is right as it is') }), response: z.object({ parcelId: z.string(), grams: z.number(), expected: z.number() }), problems: ['command_refused'] }),
  setPushMoment: route({ name: 'setPushMoment', method: 'PUT', path: '/api/v1/shops/:id/push-moment', summary: { zh: '什么时候回传发货：打印、验货、称重、交接', en: 'When the platform is told: print, check, weigh, hand-over' }, right: 'settings:write', params: idParams, body: z.object({ moment: z.enum(['print', 'check', 'weigh', 'ship']) }), response: z.object({ moment: z.string() }), problems: ['not_found'] }),
  repriceParcels: route({ name: 'repriceParcels', method: 'POST', path: '/api/v1/parcels/reprice', summary: { zh: '假如换运费表或快递：按已发包裹重算，什么都不改', en: 'What if: shipped parcels priced by another freight table or courier; nothing is changed' }, right: 'finance:read', body: RepriceBody, response: RepriceAnswer, problems: ['not_found', 'batch_refused'] }),
  packSummary: route({ name: 'packSummary', method: 'GET', path: '/api/v1/packing', summary: { zh: '验货概况（30 天）', en: 'The packing gate, 30 days' }, right: 'orders:read', response: PackSummary }),
  listWaves: listRoute('waves', WaveRow, 'orders:read', { zh: '波次', en: 'Waves' }),
  makeWaves: route({ name: 'makeWaves', method: 'POST', path: '/api/v1/waves', summary: { zh: '生成波次', en: 'Make waves' }, right: 'parcels:write', body: z.object({ warehouse: z.string().max(20).optional(), courier: z.string().max(20).optional(), most: z.number().int().min(1).max(500).default(100) }), response: z.object({ waves: z.array(WaveRow) }) }),
  printWave: route({ name: 'printWave', method: 'POST', path: '/api/v1/waves/:id/print', summary: { zh: '打印波次：发货单、面单或拣货单', en: 'Print a wave: slips, waybills or the pick list' }, right: 'parcels:write', kind: 'pdf', params: idParams, body: z.object({ what: z.enum(['slips', 'slips-a5', 'labels', 'pick-list']) }), response: z.object({}), problems: ['not_found', 'batch_refused'] }),
};
const RouteStepRow = z.object({ at: instant, state: z.string(), stateText: both, platformState: z.string(), words: z.string(), place: z.string() });
/** Couriers: numbers by hand, where a parcel is, and where couriers bring it. */
export const courierRoutes = {
  numberParcels: route({
    name: 'numberParcels', method: 'POST', path: '/api/v1/parcels/waybills', summary: { zh: '运单号：取、退、更新收件信息', en: 'Waybill numbers: take, give back, tell the courier what changed' }, right: 'parcels:write',
    body: z.object({ ids, do: z.enum(['take', 'return', 'update']) }), response: z.object({ done: z.number(), refused: z.array(z.object({ id: z.string(), code: z.string(), message: both })) }),
  }),
  parcelRoute: route({ name: 'parcelRoute', method: 'GET', path: '/api/v1/parcels/:id/route', summary: { zh: '包裹的物流轨迹', en: 'The steps of a parcel' }, right: 'orders:read', params: idParams, response: z.object({ steps: z.array(RouteStepRow) }) }),
  hearRoutes: route({ name: 'hearRoutes', method: 'POST', path: '/api/v1/couriers/:id/routes', summary: { zh: '快递推送轨迹的地址', en: 'Where a courier brings the steps of parcels' }, right: 'public', kind: 'raw', params: idParams, response: z.string() }),
};
export const arrangeRoutes = {
  arrangeParcels: route({
    name: 'arrangeParcels', method: 'POST', path: '/api/v1/parcels/arrange', summary: { zh: '合单、拆单、拆开、重配、取消；dryRun=true 只看效果', en: 'Merge, split, take apart, plan anew, cancel; dryRun=true only shows the effect' }, right: 'parcels:write',
    query: dry, body: ArrangeBody, response: ArrangeAnswer, problems: ['command_refused'],
  }),
  undoArrange: route({ name: 'undoArrange', method: 'POST', path: '/api/v1/parcel-changes/:id/undo', summary: { zh: '撤销一次合单、拆单或重配', en: 'Undo one merge, split or new plan' }, right: 'parcels:write', params: idParams, body: z.object({}), response: ArrangeAnswer, problems: ['command_refused'] }),
  listParcelChanges: listRoute('parcel-changes', ParcelChangeRow, 'orders:read', { zh: '包裹改动', en: 'Changes of parcels' }),
};
