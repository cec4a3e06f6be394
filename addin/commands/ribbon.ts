/** Which buttons of the ribbon can do something now: by the sheet and row that is selected, the drafts, and what this person may. */
import { allRoutes } from '../../api/contract/routes.ts';
import { TABLES } from '../../api/contract/decision-tables/index.ts';
import type { DeskState } from '../sheets/desk.ts';
import type { App } from '../panes/store.ts';
import { ACTIONS, type Action } from './names.ts';

const READS: Readonly<Partial<Record<Action, string>>> = {
  openCustomers: 'customers:read', openReconciliation: 'finance:read', openRules: 'rules:read',
  openOrders: 'orders:read', openStock: 'stock:read', openSuggestions: 'purchasing:read', openProfit: 'finance:read', openDashboard: 'finance:read' };

/** Whether this person may read the list that fills a sheet. */
export const mayRead = (app: App, noun: string): boolean => { const right = allRoutes.find((r) => r.kind === 'list' && r.path === `/api/v1/${noun}`)?.right; return right !== undefined && (right === 'public' || right === 'signed-in' || app.may(right)); };
/** A draft can be published by who may edit its column. */
export function mayPublish(app: App, sheetName: string): boolean {
  const columns = app.desk.own.sheet(sheetName)?.columns ?? [];
  return app.desk.state.drafts.filter((d) => d.sheet === sheetName).every((d) => { const right = columns.find((c) => c.key === d.column)?.editable?.right; return right !== undefined && app.may(right); });
}
const isTable = (sheet: string | undefined): boolean => TABLES.some((t) => t.name === sheet);
/** The decision table that is worked on: of the selected sheet, or of what was edited. */
export const ruleTable = (app: App): string | undefined => [app.desk.state.on, ...app.desk.state.drafts.map((d) => d.sheet)].find(isTable);
/** Parcels that are planned and have not left; of an order, those of its parcels. */
const PAPER = ['reserved', 'waybilled', 'printed', 'packed'];
export const onPaper = ({ sheet, row }: NonNullable<DeskState['selected']>): readonly string[] => {
  const parcels = sheet === 'parcels' ? [row] : sheet === 'orders' ? (row['parcels'] as readonly { readonly id: string; readonly state: string }[] | undefined) ?? [] : [];
  return parcels.filter((p) => PAPER.includes(String(p.state))).map((p) => p.id);
};
const printable = (selected: DeskState['selected']): boolean => selected !== undefined && onPaper(selected).length > 0;
export function enabledNow(app: App): Readonly<Record<Action, boolean>> {
  const { drafts, busy } = app.desk.state;
  const sheets = [...new Set(drafts.map((d) => d.sheet))];
  const table = ruleTable(app);
  return Object.fromEntries(ACTIONS.map((id): [Action, boolean] => {
    const right = READS[id];
    if (right !== undefined) return [id, app.may(right)];
    if (id === 'publishDrafts') return [id, busy === '' && sheets.some((s) => mayPublish(app, s))];
    if (id === 'tryRules') return [id, busy === '' && table !== undefined && app.may('rules:read')];
    if (id === 'publishRules') return [id, busy === '' && table !== undefined && sheets.includes(table) && app.may('rules:write')];
    if (id === 'printSlips') return [id, app.may('parcels:write') && printable(app.desk.state.selected)];
    if (id === 'discardDrafts') return [id, drafts.length > 0];
    return [id, true];
  })) as Record<Action, boolean>;
}

/** Excel forgets what could be undone when a ribbon is updated (office-js issue 3788): it is told only what has changed. */
export function followRibbon(app: App): void {
  let told = '';
  const look = (): void => {
    const now = enabledNow(app);
    const next = JSON.stringify(now);
    if (next === told) return;
    told = next;
    void app.desk.port.enable(now).catch(() => undefined);
  };
  app.desk.listen(look);
  look();
}
