import { findSkus, resolveSkus } from './workflows/find-skus.ts';
import { problem } from '../contract/problems.ts';
import { stockRoutes } from '../contract/stock.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { feed } from '../store/feed.ts';
import { Listings, Movements, Positions, Skus, type ListingDoc, type MovementDoc, type PositionDoc, type SkuDoc } from './store/models.ts';
import { alertRow, listingRows, movementRows, positionRows, positionsThen, skuRows, stockSummary } from './store/stock.view.ts';
import { Alerts, type AlertDoc } from './store/work-models.ts';
import { countStock } from './workflows/adjust.ts';
import { findAlerts } from './workflows/alerts.ts';
import { momentOf } from './workflows/as-of.ts';
import { setRules, suggestListings } from './workflows/listings.ts';

export const stockBound = (rt: Runtime): Bound[] => [
  bind(stockRoutes.findSkus, async ({ query }) => ok({ skus: await findSkus(rt.clock.now(), query.q, query.limit) })),
  bind(stockRoutes.resolveSkus, async ({ body }) => { const found = await resolveSkus(rt.clock.now(), [...new Set(body.names)]); return ok({ found: body.names.map((n) => (found.get(n) ?? []).map((h) => ({ ...h }))) }); }),
  bind(stockRoutes.listSkus, ({ query }) => feed(Skus, { ...query, now: rt.clock.now() }, (d: SkuDoc[]) => skuRows(d))),
  bind(stockRoutes.listListings, ({ query }) => feed(Listings, { ...query, now: rt.clock.now() }, (d: ListingDoc[]) => listingRows(d))),
  bind(stockRoutes.listPositions, async ({ query: { asOf, asKnownAt, ...query } }) => asOf || asKnownAt ? ok({ rows: await positionsThen({ ...(asOf ? { asOf: momentOf(asOf) } : {}), ...(asKnownAt ? { asKnownAt: momentOf(asKnownAt) } : {}) }), cursor: 'then', more: false }) : feed(Positions, { ...query, now: rt.clock.now() }, (d: PositionDoc[]) => positionRows(d))),
  bind(stockRoutes.listMovements, ({ query }) => feed(Movements, { ...query, now: rt.clock.now() }, (d: MovementDoc[]) => movementRows(d))),
  // The first page looks anew, so that what is read is never older than the question.
  bind(stockRoutes.listAlerts, async ({ query: { open, ...query } }) => {
    if (!query.since) await findAlerts(rt);
    return feed(Alerts, { ...query, ...(open === 'true' && !query.since ? { filter: { closedAt: null } } : {}), now: rt.clock.now() }, (d: AlertDoc[]) => d.map(alertRow));
  }),
  bind(stockRoutes.stockSummary, async () => ok(await stockSummary())),
  bind(stockRoutes.mapListing, async ({ params, body }) => {
    if (!(await Skus.exists({ code: body.skuCode }))) return refuse(problem('command_refused', { zh: `没有货品 ${body.skuCode}。`, en: `There is no SKU ${body.skuCode}.` }));
    const change = { $set: { skuCode: body.skuCode, mappedBy: 'person', pushDue: true, nextPushAt: null, changedAt: rt.clock.now() }, $inc: { revision: 1 } };
    const done = await Listings.findByIdAndUpdate(params.id, change, { returnDocument: 'after' }).lean<ListingDoc>();
    for (const job of ['review-orders', 'push-stock']) rt.wake(job);
    return done ? ok((await listingRows([done]))[0]!) : refuse(problem('not_found', { noun: 'listing', id: params.id }));
  }),
  bind(stockRoutes.setPushRule, async ({ body, user }) => {
    const done = await setRules(rt, user.userId, body);
    rt.wake('push-stock');
    return done.ok ? ok({ changed: done.value }) : refuse(problem('command_refused', done.refusal));
  }),
  bind(stockRoutes.suggestListings, async () => ok({ rows: await suggestListings() })),
  bind(stockRoutes.adjustStock, async ({ body, user }) => {
    const lines = body.lines.map((l, i) => ({ ...l, row: i + 1 }));
    const counted = await rt.transact(async (session) => {
      const done = await countStock(rt, session, { key: body.key, reason: body.reason, by: user.userId, lines });
      if (!done.ok) await session.abortTransaction();
      return done;
    });
    return counted.ok ? ok({ moved: counted.value.moved }) : refuse(problem('batch_refused', { count: counted.refusal.length }, counted.refusal.map((r) => ({ ...r, column: 'onHand' }))));
  }),
];
