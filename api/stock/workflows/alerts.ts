/**
 * What a person should know of the stock, found anew each time and kept with when it began and ended: an alert closes itself when
 * its cause is gone, and opens again as the same one. New ones go to the company's webhook, once; a webhook that fails is tried again.
 */
import type { Both } from '../../contract/route.ts';
import { exchange } from '../../channels/transport/http.ts';
import { fenFromInteger, yuanText } from '../../contract/values/money.ts';
import { addDays, businessDayOf, startOfDay } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { noteWords } from '../../contract/decision-tables/note-words.ts';
import { loadTable, type LoadedTable } from '../../rules/index.ts';
import { isTransit } from '../domain/places.ts';
import { Listings, Movements, Positions, Skus, Warehouses, type ListingDoc, type PositionDoc, type SkuDoc, type StockSettingsDoc, type WarehouseDoc } from '../store/models.ts';
import { oversoldNow } from '../store/stock.view.ts';
import { Alerts, Lots, type AlertDoc, type AlertKind, type LotDoc } from '../store/work-models.ts';
import { looksAtPlaces, ownOfStock, type OwnOfStock } from './own-inputs.ts';
import { readSettings } from './settings.ts';

type Found = Both & { readonly kind: AlertKind; readonly subject: string };
export type AlertCounts = { opened: number; closed: number; open: number; told: number };
const MOST = 2_000;

export async function findAlerts(rt: Runtime): Promise<AlertCounts> {
  const settings = await readSettings();
  const found = new Map((await causes(rt, settings)).slice(0, MOST).map((f) => [`${f.kind}:${f.subject}`, f]));
  const now = rt.clock.now();
  const kept = new Map((await Alerts.find({}).lean<AlertDoc[]>()).map((a) => [a._id, a]));
  const writes = [];
  const counts = { opened: 0, closed: 0, open: found.size, told: 0 };
  for (const [id, f] of found) {
    const a = kept.get(id);
    const fresh = !a || a.closedAt !== null;
    if (!fresh && a.zh === f.zh && a.en === f.en) continue;
    if (fresh) counts.opened += 1;
    writes.push({ updateOne: { filter: { _id: id }, update: { $set: { kind: f.kind, subject: f.subject, zh: f.zh, en: f.en, closedAt: null, changedAt: now, ...(fresh ? { openedAt: now, told: false } : {}) }, $inc: { revision: 1 } }, upsert: true } });
  }
  for (const a of kept.values()) if (a.closedAt === null && !found.has(a._id)) {
    counts.closed += 1;
    writes.push({ updateOne: { filter: { _id: a._id }, update: { $set: { closedAt: now, changedAt: now }, $inc: { revision: 1 } } } });
  }
  if (writes.length > 0) await Alerts.bulkWrite(writes as never);
  counts.told = settings.webhookUrl === '' ? 0 : await tellWebhook(rt, settings.webhookUrl);
  return counts;
}

async function causes(rt: Runtime, settings: StockSettingsDoc): Promise<Found[]> {
  const [positions, skus, table, shut] = await Promise.all([Positions.find({}).lean<PositionDoc[]>(), Skus.find({ active: true }).lean<SkuDoc[]>(), loadTable('stock-alert'), Warehouses.find({ sellable: false }).lean<WarehouseDoc[]>()]);
  const facts = new Map(skus.map((s) => [s.code, s]));
  const closed = new Set(shut.map((w) => w.code));
  const own = positions.filter((p) => !isTransit(p.warehouseCode) && !closed.has(p.warehouseCode));
  const bySku = new Map<string, Sum>();
  // A table that looks at the warehouse is asked of each; else a SKU is asked about as a whole.
  const asked = new Map<string, { code: string; warehouse: string; sum: Sum }>();
  for (const p of own) {
    const warehouse = looksAtPlaces(table.uses) ? p.warehouseCode : '';
    const key = warehouse ? `${warehouse} ${p.skuCode}` : p.skuCode;
    const at = asked.get(key) ?? { code: p.skuCode, warehouse, sum: empty() };
    for (const sum of [at.sum, bySku.get(p.skuCode) ?? bySku.set(p.skuCode, empty()).get(p.skuCode)!]) add(sum, p);
    asked.set(key, at);
  }
  const ownOf = await ownOfStock(table.uses);
  const name = (code: string): string => facts.get(code)?.name ?? code;
  return [
    ...[...asked].flatMap(([subject, a]) => tableAlert({ table, ownOf }, subject, a, facts.get(a.code))), ...[...bySku].flatMap(([code, t]) => marginAlert(code, t, facts.get(code))),
    ...(await oversoldAlerts(bySku, name)), ...(await deadAlerts(rt, settings, bySku, name)), ...(await expiryAlerts(rt, settings, name)), ...(await listingAlerts()),
  ];
}

type Sum = { available: number; safety: number; onHand: number; incoming: number; locked: number; valueFen: number };
const empty = (): Sum => ({ available: 0, safety: 0, onHand: 0, incoming: 0, locked: 0, valueFen: 0 });
function add(t: Sum, p: PositionDoc): void {
  t.available += p.onHand - p.reserved - p.locked;
  t.safety += p.safetyStock;
  t.onHand += p.onHand;
  t.incoming += p.incoming;
  t.locked += p.locked;
  t.valueFen += p.valueFen;
}

/** What the company's own table says of this stock; its note is told with it. */
function tableAlert({ table, ownOf }: { readonly table: LoadedTable; readonly ownOf: OwnOfStock }, subject: string, a: { code: string; warehouse: string; sum: Sum }, sku: SkuDoc | undefined): Found[] {
  if (!sku || sku.kit.length > 0) return [];
  const { available, safety, incoming, locked, valueFen } = a.sum;
  const hit = table.decide({ ...ownOf(a.code, a.warehouse), sku: a.code, category: sku.category, warehouse: a.warehouse, flags: sku.flags, available, belowSafety: Math.max(0, safety - available), incoming, locked, value: valueFen })[0];
  const verdict = hit?.outcome['alert'] ?? 'none';
  const note = hit?.outcome['note'] ? { zh: `（${hit.outcome['note']}）`, en: ` (${noteWords(hit.outcome['note']).en})` } : { zh: '', en: '' };
  const where = a.warehouse ? ` ${a.warehouse}` : '';
  if (verdict === 'out' || verdict === 'urgent') return [{ kind: 'out_of_stock', subject, zh: `${sku.name}${where} 断货${note.zh}`, en: `${sku.name}${where} is out of stock${note.en}` }];
  if (verdict === 'low') return [{ kind: 'low_stock', subject, zh: `${sku.name}${where} 可用 ${available}，低于安全库存 ${safety}${note.zh}`, en: `${sku.name}${where}: ${available} available, below safety stock ${safety}${note.en}` }];
  return verdict === 'over' ? [{ kind: 'overstock', subject, zh: `${sku.name}${where} 积压 ${a.sum.onHand} 件 ${yuanText(fenFromInteger(valueFen))} 元${note.zh}`, en: `${sku.name}${where}: ${a.sum.onHand} pieces, ${yuanText(fenFromInteger(valueFen))} yuan, too much${note.en}` }] : [];
}

function marginAlert(code: string, t: Sum, sku: SkuDoc | undefined): Found[] {
  const unit = t.onHand > 0 ? Math.round(t.valueFen / t.onHand) : 0;
  if (!sku || unit <= 0 || sku.priceFen <= 0 || unit <= sku.priceFen) return [];
  const [cost, price] = [yuanText(fenFromInteger(unit)), yuanText(fenFromInteger(sku.priceFen))];
  return [{ kind: 'negative_margin', subject: code, zh: `${sku.name} 成本 ${cost} 高于售价 ${price}`, en: `${sku.name} costs ${cost}, more than its price ${price}` }];
}

async function oversoldAlerts(bySku: ReadonlyMap<string, Sum>, name: (code: string) => string): Promise<Found[]> {
  const over = await oversoldNow(new Map([...bySku].map(([code, t]) => [code, t.available])));
  return [...over].map(([code, n]) => ({ kind: 'oversold' as const, subject: code, zh: `${name(code)} 超卖 ${n} 件：平台在同步到达前已经接单`, en: `${name(code)}: ${n} oversold; the platforms took the orders before a push could reach them` }));
}

async function deadAlerts(rt: Runtime, settings: StockSettingsDoc, bySku: ReadonlyMap<string, Sum>, name: (code: string) => string): Promise<Found[]> {
  const since = startOfDay(addDays(businessDayOf(rt.clock.now()), -settings.deadDays));
  const moving = new Set([...(await Movements.distinct('skuCode', { kind: 'shipment', bookedAt: { $gte: since } })), ...(await Movements.distinct('skuCode', { kind: { $in: ['opening', 'receipt', 'other-in', 'assemble'] }, bookedAt: { $gte: since } }))]);
  return [...bySku].filter(([code, t]) => t.onHand > 0 && !moving.has(code)).map(([code, t]) => ({ kind: 'dead_stock' as const, subject: code, zh: `${name(code)} ${settings.deadDays} 天没有卖出，压着 ${t.onHand} 件 ${yuanText(fenFromInteger(t.valueFen))} 元`, en: `${name(code)} has not sold for ${settings.deadDays} days: ${t.onHand} pieces, ${yuanText(fenFromInteger(t.valueFen))} yuan` }));
}

async function expiryAlerts(rt: Runtime, settings: StockSettingsDoc, name: (code: string) => string): Promise<Found[]> {
  const today = businessDayOf(rt.clock.now());
  const lots = await Lots.find({ quantity: { $gt: 0 }, expiresOn: { $gt: '', $lte: addDays(today, settings.expiryDays) } }).lean<LotDoc[]>();
  const byBatch = new Map<string, LotDoc[]>();
  for (const l of lots) byBatch.set(`${l.warehouseCode} ${l.skuCode} ${l.batch}`, [...(byBatch.get(`${l.warehouseCode} ${l.skuCode} ${l.batch}`) ?? []), l]);
  return [...byBatch].map(([subject, list]) => {
    const [first, n] = [list[0]!, list.reduce((sum, l) => sum + l.quantity, 0)];
    const gone = first.expiresOn < today;
    return { kind: gone ? ('expired' as const) : ('expiring' as const), subject, zh: `${name(first.skuCode)} 批次 ${first.batch} ${gone ? '已于' : '将于'} ${first.expiresOn} 到期，${first.warehouseCode} 有 ${n} 件`, en: `${name(first.skuCode)}, batch ${first.batch}: ${n} pieces at ${first.warehouseCode} ${gone ? 'expired on' : 'expire on'} ${first.expiresOn}` };
  });
}

async function listingAlerts(): Promise<Found[]> {
  const [unmapped, refused, drifted] = await Promise.all([
    Listings.find({ skuCode: null }).limit(500).lean<ListingDoc[]>(), Listings.find({ pushWords: { $ne: '' } }).limit(500).lean<ListingDoc[]>(),
    Listings.find({ $expr: { $and: [{ $ne: ['$platformQuantity', null] }, { $ne: ['$platformQuantity', '$pushedQuantity'] }] } }).limit(500).lean<ListingDoc[]>(),
  ]);
  return [
    ...unmapped.map((l) => ({ kind: 'unmapped_listing' as const, subject: l._id, zh: `商品“${l.title}”没有对应货品（商家编码 ${l.merchantCode || '空'}）`, en: `Listing “${l.title}” has no SKU (merchant code ${l.merchantCode || 'empty'})` })),
    ...refused.map((l) => ({ kind: 'push_refused' as const, subject: l._id, zh: `商品“${l.title}”的库存平台没有接受：${l.pushWords}`, en: `The platform refused the stock of “${l.title}”: ${l.pushWords}` })),
    ...drifted.map((l) => ({ kind: 'drift' as const, subject: l._id, zh: `商品“${l.title}”平台显示 ${l.platformQuantity}，应为 ${l.pushedQuantity ?? '—'}`, en: `Listing “${l.title}” shows ${l.platformQuantity}, it should be ${l.pushedQuantity ?? '—'}` })),
  ];
}

/** All that is new, in one call; marked only when the other side has taken it. */
async function tellWebhook(rt: Runtime, url: string): Promise<number> {
  const fresh = await Alerts.find({ closedAt: null, told: false }).sort({ openedAt: 1 }).limit(200).lean<AlertDoc[]>();
  if (fresh.length === 0) return 0;
  const body = JSON.stringify({ event: 'stock.alerts', at: rt.clock.now().toISOString(), alerts: fresh.map((a) => ({ id: a._id, kind: a.kind, subject: a.subject, zh: a.zh, en: a.en, openedAt: a.openedAt.toISOString() })) });
  try {
    const reply = await exchange({ url, method: 'POST', body, headers: { 'content-type': 'application/json' }, timeoutMs: 8_000 });
    if (reply.status >= 300) throw new Error(`HTTP ${reply.status}`);
  } catch (error) {
    rt.log.warn({ err: error }, 'the webhook did not take the alerts; they are told again');
    return 0;
  }
  await Alerts.updateMany({ _id: { $in: fresh.map((a) => a._id) } }, { $set: { told: true } });
  return fresh.length;
}
