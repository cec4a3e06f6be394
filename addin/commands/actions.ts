/** What the ribbon's buttons do; each name stands in the manifest. */
import type { App, View } from '../panes/store.ts';
import { SHEET_OF } from '../panes/app.tsx';
import { openFile } from '../panes/waves.tsx';
import { openDashboard } from '../sheets/dashboard.ts';
import { ACTIONS, type Action } from './names.ts';
import { onPaper, ruleTable } from './ribbon.ts';

/** The slips of the parcels that are selected, or of the selected orders' parcels. */
async function printSelected({ desk, client, words: w }: App): Promise<void> {
  const { sheet, ids } = await desk.selectedIds();
  const parcels = [...new Set(ids.flatMap((id) => { const row = desk.row(sheet, id); return row ? onPaper({ sheet, row, column: undefined }) : []; }))];
  if (parcels.length === 0) return desk.say('told', w('orders.parcelsHint'), w('orders.parcelsHint'));
  openFile(await client.file('printParcels', { body: { ids: parcels } }));
  const words = w('orders.printed', { n: parcels.length });
  desk.say('done', words, words);
  await desk.refresh(sheet);
}


export function associateActions(app: App): void {
  const { desk } = app;
  const view = (name: View, sheet?: string) => async (): Promise<void> => {
    await desk.port.showPane();
    app.show(name);
    if (sheet) await desk.open(sheet);
  };
  const current = async (): Promise<string> => desk.sheetTitled(await desk.port.activeSheet())?.name ?? SHEET_OF[app.view] ?? 'orders';
  // Nothing is published unseen: both try the table first, and the pane then offers what can be done.
  const tryIt = async (): Promise<void> => { await desk.port.showPane(); const table = ruleTable(app); if (table) app.tryRules(table); else app.show('rules'); };
  const work: Readonly<Record<Action, () => Promise<void>>> = {
    openHome: view('home'), openOrders: view('orders', 'orders'), openStock: view('stock', 'stock'), openSuggestions: view('suggestions', 'suggestions'), openProfit: view('profit', 'profit'), openDashboard: () => openDashboard(desk),
    openCustomers: view('customers', 'customers'), openReconciliation: view('reconciliation', 'statements'), openRules: view('rules'), openActivity: view('activity'), openSettings: view('settings'),
    refreshSheet: async () => desk.refresh(await current()),
    publishDrafts: async () => {
      await desk.port.showPane();
      const sheet = desk.state.drafts[0]?.sheet;
      if (sheet) await desk.preview(sheet);
      else desk.say('told', app.words('why.nothing'), app.words('why.nothing'));
    },
    discardDrafts: () => desk.discard(),
    whySelected: async () => {
      await desk.port.showPane();
      app.askWhy();
    },
    tryRules: tryIt, publishRules: tryIt, printSlips: () => printSelected(app),
  };
  for (const id of ACTIONS) desk.port.associateAction(id, work[id]);
}
