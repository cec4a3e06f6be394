/** What the ribbon's buttons do; each name stands in the manifest. */
import type { App, View } from '../panes/store.ts';
import { SHEET_OF } from '../panes/app.tsx';
import { openDashboard } from '../sheets/dashboard.ts';
import { ACTIONS, type Action } from './names.ts';

export function associateActions(app: App): void {
  const { desk } = app;
  const view = (name: View, sheet?: string) => async (): Promise<void> => {
    await desk.port.showPane();
    app.show(name);
    if (sheet) await desk.open(sheet);
  };
  const current = async (): Promise<string> => desk.sheetTitled(await desk.port.activeSheet())?.name ?? SHEET_OF[app.view] ?? 'orders';
  const work: Readonly<Record<Action, () => Promise<void>>> = {
    openHome: view('home'), openOrders: view('orders', 'orders'), openStock: view('stock', 'stock'), openSuggestions: view('suggestions', 'suggestions'), openProfit: view('profit', 'profit'), openDashboard: () => openDashboard(desk),
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
  };
  for (const id of ACTIONS) desk.port.associateAction(id, work[id]);
}
