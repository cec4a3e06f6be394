import type { JobTask } from './job.ts';
import { countCustomersTask } from './tasks/count-customers.ts';
import { countPromisesTask } from './tasks/count-promises.ts';
import { planParcelsTask } from './tasks/plan-parcels.ts';
import { followRoutesTask } from './tasks/follow-routes.ts';
import { syncWaybillsTask } from './tasks/sync-waybills.ts';
import { pushShipmentsTask } from './tasks/push-shipments.ts';
import { reviewOrdersTask } from './tasks/review-orders.ts';
import { recountShopsTask } from './tasks/recount-shops.ts';
import { syncChannelsTask } from './tasks/sync-channels.ts';
import { postJournalTask } from './tasks/post-journal.ts';
import { importInboxTask } from './tasks/import-inbox.ts';
import { fetchBillsTask } from './tasks/fetch-bills.ts';
import { reconcileBillsTask } from './tasks/reconcile-bills.ts';
import { suggestPurchasesTask } from './tasks/suggest-purchases.ts';
import { pollHintsTask } from './tasks/poll-hints.ts';
import { renewTokensTask } from './tasks/renew-tokens.ts';
import { pushStockTask } from './tasks/push-stock.ts';
import { compareStockTask } from './tasks/compare-stock.ts';
import { stockAlertsTask } from './tasks/stock-alerts.ts';

/** Every job of the company; one line each. */
export const SCHEDULE: readonly JobTask[] = [
  syncChannelsTask,
  pollHintsTask,
  recountShopsTask,
  reviewOrdersTask,
  planParcelsTask,
  syncWaybillsTask,
  pushShipmentsTask,
  followRoutesTask,
  countPromisesTask,
  countCustomersTask,
  postJournalTask,
  fetchBillsTask,
  importInboxTask,
  reconcileBillsTask,
  suggestPurchasesTask,
  pushStockTask,
  renewTokensTask,
  compareStockTask,
  stockAlertsTask,
];
