import { holdText } from '../contract/holds.ts';
import { customerRoutes } from '../contract/customers.ts';
import { orderRoutes, parcelRoutes } from '../contract/orders.ts';
import { arrangeRoutes } from '../contract/parcels.ts';
import { problem, type Problem } from '../contract/problems.ts';
import { ruleRoutes } from '../contract/rules.ts';
import type { BusinessDay } from '../contract/values/time.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import { Customers, customerRow, type CustomerDoc } from '../customers/index.ts';
import { bind, type Bound } from '../http/bind.ts';
import { renderSlips } from '../printing/slips.ts';
import { liveRows } from '../rules/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { audit } from '../store/audit.ts';
import { feed } from '../store/feed.ts';
import { fulfilmentBound, rowsRefused } from './fulfilment-routes.ts';
import { Orders, Parcels, PlanChanges, Refunds, type OrderDoc, type ParcelDoc, type PlanChangeDoc, type RefundDoc } from './store/models.ts';
import { orderRows, parcelRows, refundRows, whySentence } from './store/orders.view.ts';
import { ordersSummary } from './store/summary.view.ts';
import { timelineOf } from './store/timeline.view.ts';
import { arrangeParcels, KIND_WORDS, undoArrange, type Arranged, type ArrangeRefusal } from './workflows/arrange-parcels.ts';
import { changeOrder } from './workflows/change-orders.ts';
import { printParcels } from './workflows/print-parcels.ts';
import { shipParcels } from './workflows/ship-parcels.ts';
import { publishTable, rollBackTable, tryTable } from './workflows/try-rules.ts';

const missing = (id: string): Result<never, Problem> => refuse(problem('not_found', { noun: 'order', id }));

type Decide = { readonly id: string; readonly review: 'passed' | 'held'; readonly note: string; readonly userId: string };
async function decide(rt: Runtime, { id, review, note, userId }: Decide) {
  const done = await rt.transact(async (session) => {
    const before = await Orders.findById(id).session(session).lean<OrderDoc>();
    const changed = await changeOrder(rt, session, id, { review, note });
    if (changed.ok) await audit(rt, session, [{ userId, command: review === 'passed' ? 'release' : 'hold', noun: 'orders', id, before: { review: before?.reviewState }, after: { review, note }, at: rt.clock.now() }]);
    return changed;
  });
  if (!done.ok) return done.refusal.code === 'not_found' ? missing(id) : refuse(problem('command_refused', done.refusal.message));
  rt.wake('plan-parcels');
  const [row] = await orderRows(await Orders.find({ _id: id }).lean<OrderDoc[]>());
  return row ? ok(row) : missing(id);
}

async function whyOrder(id: string) {
  const order = await Orders.findById(id).lean<OrderDoc>();
  if (!order) return missing(id);
  const rows = order.holds.map((h) => ({ row: h.row, place: h.place, hold: h.code, zh: holdText(h.code).zh, en: holdText(h.code).en, looked: h.looked }));
  return ok({ orderId: id, sentence: whySentence(order), table: order.decision?.table ?? '', version: order.decision?.version ?? 0, rows, ...(order.decision ? { at: order.decision.at.toISOString() } : {}) });
}

const orderBound = (rt: Runtime): Bound[] => [
  // Before `/orders/:id`, whose pattern it would match.
  bind(orderRoutes.ordersSummary, async () => ok(await ordersSummary(rt.clock.now()))),
  bind(orderRoutes.listOrders, ({ query }) => {
    const filter = { ...(query.reviewState ? { reviewState: query.reviewState } : {}), ...(query.shopId ? { shopId: query.shopId } : {}) };
    return feed(Orders, { ...query, filter, now: rt.clock.now() }, (d: OrderDoc[]) => orderRows(d));
  }),
  bind(orderRoutes.getOrder, async ({ params }) => {
    const [row] = await orderRows(await Orders.find({ _id: params.id }).lean<OrderDoc[]>());
    return row ? ok(row) : missing(params.id);
  }),
  bind(orderRoutes.whyOrder, ({ params }) => whyOrder(params.id)),
  bind(orderRoutes.releaseOrder, ({ params, body, user }) => decide(rt, { id: params.id, review: 'passed', note: body.note, userId: user.userId })),
  bind(orderRoutes.holdOrder, ({ params, body, user }) => decide(rt, { id: params.id, review: 'held', note: body.note, userId: user.userId })),
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
    return slips.ok ? ok({ bytes: await renderSlips(slips.value), filename: `slips-${body.ids.length}.pdf` }) : rowsRefused(slips.refusal);
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

/** Decision tables where they meet orders: tried on past ones, and applied to those that wait. */
const tableBound = (rt: Runtime): Bound[] => [
  bind(ruleRoutes.dryRunTable, ({ params, body }) => tryTable(params.table, body.rows, body.from as BusinessDay, body.to as BusinessDay)),
  bind(ruleRoutes.publishTable, ({ params, body, user }) => publishTable(rt, { ...body, table: params.table, userId: user.userId })),
  bind(ruleRoutes.rollBackTable, async ({ params, body, user }) => {
    const live = await liveRows(params.table);
    return live.version === body.version ? ok({ version: live.version, reviewedAgain: 0 }) : rollBackTable(rt, params.table, body.version, user.userId);
  }),
];
export const ordersBound = (rt: Runtime): Bound[] => [...orderBound(rt), ...parcelBound(rt), ...arrangeBound(rt), ...fulfilmentBound(rt), ...tableBound(rt)];
