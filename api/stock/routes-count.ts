import { problem } from '../contract/problems.ts';
import { stockCountRoutes } from '../contract/stock-count.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { businessDay, businessDayOf } from '../contract/values/time.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { feed } from '../store/feed.ts';
import { command, settled } from './routes-work.ts';
import { countLineRows, stocktakeRow } from './store/count.view.ts';
import { Warehouses, type WarehouseDoc } from './store/models.ts';
import { Batches, Bins, CountLines, Lots, Serials, Stocktakes, type BatchDoc, type BinDoc, type CountLineDoc, type LotDoc, type SerialDoc, type StocktakeDoc } from './store/work-models.ts';
import { momentOf } from './workflows/as-of.ts';
import { pickPath, saveBatches, saveBins, saveWarehouse, suggestPutAway, suggestReplenish } from './workflows/bins.ts';
import { stockFigures } from './workflows/figures.ts';
import { approveStocktake, cancelStocktake, enterCounts, openStocktake } from './workflows/stocktakes.ts';
import type { LineRefusal } from './workflows/transfers.ts';

const stamp = (d: { _id: string; revision: number; changedAt: Date }) => ({ id: d._id, revision: d.revision, changedAt: d.changedAt.toISOString() });
const batch = (rows: readonly LineRefusal[]) => problem('batch_refused', { count: rows.length }, rows.map((r) => ({ ...r })));
const warehouseRow = (w: WarehouseDoc) => ({ ...stamp(w), code: w.code, name: w.name, priority: w.priority, kind: w.kind, sellable: w.sellable });

const takes = (rt: Runtime): Bound[] => [
  bind(stockCountRoutes.listStocktakes, ({ query }) => feed(Stocktakes, { ...query, now: rt.clock.now() }, (d: StocktakeDoc[]) => d.map(stocktakeRow))),
  bind(stockCountRoutes.listCountLines, ({ query: { stocktake, ...query } }) => feed(CountLines, { ...query, ...(stocktake ? { filter: { stocktakeId: stocktake } } : {}), now: rt.clock.now() }, (d: CountLineDoc[]) => countLineRows(d))),
  bind(stockCountRoutes.openStocktake, async ({ body, user }) => {
    const done = await settled(rt, false, (session) => openStocktake(rt, session, { ...body, by: user.userId }));
    return done.ok ? ok(stocktakeRow(done.value)) : refuse(command(done.refusal));
  }),
  bind(stockCountRoutes.enterCounts, async ({ body }) => {
    const done = await settled(rt, false, (session) => enterCounts(rt, session, body.lines.map((l, i) => ({ ...l, row: i + 1 }))));
    return done.ok ? ok(done.value) : refuse(batch(done.refusal));
  }),
  bind(stockCountRoutes.approveStocktake, async ({ params, query, user }) => {
    const done = await settled(rt, query.dryRun === 'true', (session) => approveStocktake(rt, session, { id: params.id, by: user.userId }));
    rt.wake('push-stock');
    if (!done.ok) return refuse(done.refusal[0]?.code === 'not_found' ? problem('not_found', { noun: 'stocktake', id: params.id }) : batch(done.refusal));
    return ok({ stocktake: stocktakeRow(done.value.doc), uncounted: done.value.uncounted });
  }),
  bind(stockCountRoutes.cancelStocktake, async ({ params, user }) => {
    const done = await rt.transact((session) => cancelStocktake(rt, session, { id: params.id, by: user.userId }));
    return done ? ok(stocktakeRow(done)) : refuse(problem('not_found', { noun: 'stocktake', id: params.id }));
  }),
];

export const stockCountBound = (rt: Runtime): Bound[] => [
  ...takes(rt),
  bind(stockCountRoutes.listWarehouses, ({ query }) => feed(Warehouses, { ...query, now: rt.clock.now() }, (d: WarehouseDoc[]) => d.map(warehouseRow))),
  bind(stockCountRoutes.saveWarehouse, async ({ params, body }) => {
    const done = await saveWarehouse(rt, { code: params.code, ...body });
    return done.ok ? ok(warehouseRow(done.value)) : refuse(problem('command_refused', done.refusal));
  }),
  bind(stockCountRoutes.listBins, ({ query }) => feed(Bins, { ...query, now: rt.clock.now() }, (d: BinDoc[]) => d.map((b) => ({ ...stamp(b), warehouseCode: b.warehouseCode, code: b.code, zone: b.zone, aisle: b.aisle, shelf: b.shelf, level: b.level, kind: b.kind, speed: b.speed, capacity: b.capacity, path: b.path, active: b.active })))),
  bind(stockCountRoutes.saveBins, async ({ body }) => { const done = await saveBins(rt, body.bins); return done.ok ? ok({ saved: done.value }) : refuse(batch(done.refusal)); }),
  bind(stockCountRoutes.listLots, ({ query }) => feed(Lots, { ...query, now: rt.clock.now() }, (d: LotDoc[]) => d.map((l) => ({ ...stamp(l), warehouseCode: l.warehouseCode, skuCode: l.skuCode, bin: l.bin, batch: l.batch, quantity: l.quantity, expiresOn: l.expiresOn })))),
  bind(stockCountRoutes.listBatches, ({ query }) => feed(Batches, { ...query, now: rt.clock.now() }, (d: BatchDoc[]) => d.map((b) => ({ ...stamp(b), skuCode: b.skuCode, batch: b.batch, producedOn: b.producedOn, expiresOn: b.expiresOn })))),
  bind(stockCountRoutes.saveBatches, async ({ body }) => { const done = await saveBatches(rt, body.batches); return done.ok ? ok({ saved: done.value }) : refuse(batch(done.refusal)); }),
  bind(stockCountRoutes.listSerials, ({ query }) => feed(Serials, { ...query, now: rt.clock.now() }, (d: SerialDoc[]) => d.map((s) => ({ ...stamp(s), skuCode: s.skuCode, serial: s.serial, place: s.place, batch: s.batch, movementId: s.movementId })))),
  bind(stockCountRoutes.suggestPutAway, async ({ body }) => ok({ lines: await suggestPutAway(rt, body.warehouseCode, body.lines) })),
  bind(stockCountRoutes.pickPath, async ({ body }) => ok(await pickPath(body.warehouseCode, body.lines))),
  bind(stockCountRoutes.suggestReplenish, async ({ query }) => ok({ moves: await suggestReplenish(query.warehouse) })),
  bind(stockCountRoutes.stockFigures, async ({ query }) => {
    const asOf = query.asOf ?? businessDayOf(rt.clock.now());
    const rows = await stockFigures(rt, { day: businessDay(asOf), days: query.days, by: query.by, warehouse: query.warehouse, ...(query.asKnownAt ? { asKnownAt: momentOf(query.asKnownAt) } : {}) });
    return ok({ asOf, days: query.days, rows, words: { zh: `截至 ${asOf} 的 ${query.days} 天`, en: `${query.days} days up to ${asOf}` } });
  }),
];
