import { customerRoutes } from '../contract/customers.ts';
import { orderRoutes, parcelRoutes } from '../contract/orders.ts';
import { arrangeRoutes } from '../contract/parcels.ts';
import { problem, type Problem } from '../contract/problems.ts';
import type { Both } from '../contract/route.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import { Customers, customerRow, type CustomerDoc } from '../customers/index.ts';
import { bind, type Bound } from '../http/bind.ts';
import { renderSlips } from '../printing/slips.ts';
import { lookOf } from '../printing/templates.ts';
import type { Session } from '../access/roles.ts';
import { kindNow } from '../rules/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { warehouses } from '../stock/index.ts';
import { audit } from '../store/audit.ts';
import { feed } from '../store/feed.ts';
import { courierBound } from './courier-routes.ts';
import { fulfilmentBound, rowsRefused } from './fulfilment-routes.ts';
import { Orders, Parcels, PlanChanges, Refunds, type OrderDoc, type ParcelDoc, type PlanChangeDoc, type RefundDoc } from './store/models.ts';
import { orderLineRows, orderRows, parcelRows, refundRows } from './store/orders.view.ts';
import { whyOf } from './store/why.view.ts';
import { ordersSummary } from './store/summary.view.ts';
import { timelineOf } from './store/timeline.view.ts';
import { arrangeParcels, KIND_WORDS, undoArrange, type Arranged, type ArrangeRefusal } from './workflows/arrange-parcels.ts';
import { changeOrder } from './workflows/change-orders.ts';
import { closeOwnOrder, sendAgain } from './workflows/own-orders.ts';
import { pullOrders } from './workflows/pull-orders.ts';
import { printParcels } from './workflows/print-parcels.ts';
import { shipParcels } from './workflows/ship-parcels.ts';
import { tableBound } from './table-routes.ts';

const missing = (id: string): Result<never, Problem> => refuse(problem('not_found', { noun: 'order', id }));

type Decide = { readonly id: string; readonly review: 'passed' | 'held'; readonly note: string; readonly codes?: readonly string[] | undefined; readonly user: Session };
async function decide(rt: Runtime, { id, review, note, codes, user }: Decide) {
  const known = { warehouses: new Set((await warehouses()).map((w) => w.code)), user };
  const done = await rt.transact(async (session) => {
    const before = await Orders.findById(id).session(session).lean<OrderDoc>();
    const changed = await changeOrder(rt, session, id, { review, note, codes }, known);
    if (changed.ok) await audit(rt, session, [{ userId: user.userId, command: review === 'passed' ? 'release' : 'hold', noun: 'orders', id, before: { review: before?.reviewState }, after: { review, note, ...(codes ? { codes } : {}) }, at: rt.clock.now() }]);
    return changed;
  });
  if (!done.ok) return done.refusal.code === 'not_found' ? missing(id) : refuse(problem('command_refused', done.refusal.message));
  rt.wake('plan-parcels');
  const [row] = await orderRows(await Orders.find({ _id: id }).lean<OrderDoc[]>());
  return row ? ok(row) : missing(id);
}

/** The order as it stands after an order of our own was made or closed. */
async function ownAnswer(done: Result<string, Both & { readonly code: string }>, id: string) {
  if (!done.ok) return done.refusal.code === 'not_found' ? missing(id) : refuse(problem('command_refused', { zh: done.refusal.zh, en: done.refusal.en }));
  const [row] = await orderRows(await Orders.find({ _id: done.value }).lean<OrderDoc[]>());
  return row ? ok(row) : missing(id);
}

async function whyOrder(id: string) {
  const order = await Orders.findById(id).lean<OrderDoc>();
  return order ? ok(whyOf(order, await kindNow('order-review'))) : missing(id);
}

const orderBound = (rt: Runtime): Bound[] => [
  // Before `/orders/:id`, whose pattern it would match.
  bind(orderRoutes.ordersSummary, async () => ok(await ordersSummary(rt.clock.now()))),
  bind(orderRoutes.listOrders, ({ query }) => {
    const filter = { ...(query.reviewState ? { reviewState: query.reviewState } : {}), ...(query.shopId ? { shopId: query.shopId } : {}) };
    return feed(Orders, { ...query, filter, now: rt.clock.now() }, (d: OrderDoc[]) => orderRows(d));
  }),
  bind(orderRoutes.listOrderLines, ({ query }) => feed(Orders, { ...query, now: rt.clock.now() }, (d: OrderDoc[]) => orderLineRows(d))),
  bind(orderRoutes.getOrder, async ({ params }) => {
    const [row] = await orderRows(await Orders.find({ _id: params.id }).lean<OrderDoc[]>());
    return row ? ok(row) : missing(params.id);
  }),
  bind(orderRoutes.whyOrder, ({ params }) => whyOrder(params.id)),
  bind(orderRoutes.releaseOrder, ({ params, body, user }) => decide(rt, { id: params.id, review: 'passed', note: body.note, codes: body.codes, user })),
  bind(orderRoutes.pullOrders, async ({ body }) => ok({ rows: await pullOrders(rt, body.platformOrderIds, body.shopId) })),
  bind(orderRoutes.sendAgain, async ({ params, body, user }) => ownAnswer(await sendAgain(rt, params.id, body, user), params.id)),
  bind(orderRoutes.closeOwnOrder, async ({ params, user }) => {
    const done = await closeOwnOrder(rt, params.id, user);
    return ownAnswer(done.ok ? ok(params.id) : done, params.id);
  }),
  bind(orderRoutes.holdOrder, ({ params, body, user }) => decide(rt, { id: params.id, review: 'held', note: body.note, user })),
];

const parcelBound = (rt: Runtime): Bound[] => [
  bind(parcelRoutes.listParcels, ({ query }) => feed(Parcels, { ...query, now: rt.clock.now() }, (d: ParcelDoc[]) => parcelRows(d))),
  bind(parcelRoutes.listAfterSales, ({ query }) => feed(Refunds, { ...query, now: rt.clock.now() }, (d: RefundDoc[]) => refundRows(d))),
  bind(customerRoutes.customerTimeline, async ({ params }) => {
    const customer = await Customers.findById(params.id).lean<CustomerDoc>();
    return customer ? ok({ customer: customerRow(customer), events: await timelineOf(customer._id) }) : refuse(problem('not_found', { noun: 'customer', id: params.id }));
  }),
  bind(parcelRoutes.printParcels, async ({ body, user }) => {
    const slips = await printParcels(rt, body.ids, { userId: user.userId, personal: user.rights.has('personal:read') });
    return slips.ok ? ok({ bytes: await renderSlips(slips.value, await lookOf('slip')), filename: `slips-${body.ids.length}.pdf` }) : rowsRefused(slips.refusal);
  }),
  bind(parcelRoutes.shipParcels, async ({ body, user }) => {
    const shipped = await shipParcels(rt, body.ids, user.userId);
    return shipped.ok ? ok({ shipped: shipped.value.length, parcels: shipped.value }) : rowsRefused(shipped.refusal);
  }),
];

const arranged = (done: Result<Arranged, ArrangeRefusal>) => (done.ok ? ok({ ...done.value, parcelIds: [...done.value.parcelIds], effects: [...done.value.effects] }) : refuse(problem('command_refused', done.refusal.message)));
const arrangeBound = (rt: Runtime): Bound[] => [
  bind(arrangeRoutes.arrangeParcels, async ({ body, query, user }) => arranged(await arrangeParcels(rt, body, user.userId, query.dryRun === 'true'))),
  bind(arrangeRoutes.undoArrange, async ({ params, user }) => arranged(await undoArrange(rt, params.id, user.userId))),
  bind(arrangeRoutes.listParcelChanges, ({ query }) => feed(PlanChanges, { ...query, now: rt.clock.now() }, async (docs: PlanChangeDoc[]) => docs.map((c) => ({
    id: c._id, kind: c.kind, words: KIND_WORDS[c.kind], by: c.userId, at: c.at.toISOString(), ...(c.undoneAt ? { undoneAt: c.undoneAt.toISOString() } : {}), parcelIds: c.parcels.map((p) => p._id), revision: c.revision, changedAt: c.changedAt.toISOString(),
  })))),
];

export const ordersBound = (rt: Runtime): Bound[] => [...orderBound(rt), ...parcelBound(rt), ...arrangeBound(rt), ...fulfilmentBound(rt), ...courierBound(rt), ...tableBound(rt)];
