import { problem } from '../contract/problems.ts';
import { purchasingRoutes } from '../contract/purchasing.ts';
import { businessDayOf } from '../contract/values/time.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { feed } from '../store/feed.ts';
import { forecastSeries } from './domain/forecast.ts';
import { PurchaseOrders, Receipts, Suggestions, Suppliers, type PurchaseOrderDoc, type ReceiptDoc, type SuggestionDoc, type SupplierDoc } from './store/models.ts';
import { purchaseOrderRows, purchasingSummary, receiptRows, suggestionRows, supplierRows } from './store/purchasing.view.ts';
import { cancelOrder, receiveGoods } from './workflows/order-goods.ts';

export const purchasingBound = (rt: Runtime): Bound[] => [
  bind(purchasingRoutes.listSuggestions, ({ query }) => feed(Suggestions, { ...query, now: rt.clock.now() }, (d: SuggestionDoc[]) => suggestionRows(d))),
  bind(purchasingRoutes.listSuppliers, ({ query }) => feed(Suppliers, { ...query, now: rt.clock.now() }, (d: SupplierDoc[]) => supplierRows(d))),
  bind(purchasingRoutes.listPurchaseOrders, ({ query }) => feed(PurchaseOrders, { ...query, now: rt.clock.now() }, (d: PurchaseOrderDoc[]) => purchaseOrderRows(d))),
  bind(purchasingRoutes.listReceipts, ({ query }) => feed(Receipts, { ...query, now: rt.clock.now() }, (d: ReceiptDoc[]) => receiptRows(d))),
  bind(purchasingRoutes.purchasingSummary, async () => ok(await purchasingSummary(businessDayOf(rt.clock.now())))),
  bind(purchasingRoutes.forecast, async ({ body }) => ok(body.series.map((s) => {
    const { mean, p50, p90, method } = forecastSeries(s.values, body.freq, body.horizon);
    return { key: s.key, mean, p50, p90, method };
  }))),
  bind(purchasingRoutes.receive, async ({ params, body, user }) => {
    const done = await rt.transact(async (session) => {
      const received = await receiveGoods(rt, session, { purchaseOrderId: params.id, key: body.key, userId: user.userId, lines: body.lines });
      if (!received.ok) await session.abortTransaction();
      return received;
    });
    if (!done.ok) return refuse(done.refusal[0]?.code === 'not_found' ? problem('not_found', { noun: 'purchase order', id: params.id }) : problem('batch_refused', { count: done.refusal.length }, done.refusal.map((r) => ({ ...r, column: 'quantity' }))));
    rt.wake('plan-parcels');
    rt.wake('post-journal');
    return ok((await receiptRows([done.value]))[0]!);
  }),
  bind(purchasingRoutes.cancelPurchaseOrder, async ({ params, user }) => {
    const done = await rt.transact((session) => cancelOrder(rt, session, { purchaseOrderId: params.id, userId: user.userId }));
    if (!done.ok) return refuse(done.refusal.code === 'not_found' ? problem('not_found', { noun: 'purchase order', id: params.id }) : problem('command_refused', { zh: done.refusal.zh, en: done.refusal.en }));
    return ok((await purchaseOrderRows([done.value]))[0]!);
  }),
];
