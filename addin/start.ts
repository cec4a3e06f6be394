/** Starts the add-in in whatever hosts it: Excel, or the workbench. */
import { makeClient, takeToken, type Client } from './client.ts';
import { associateActions } from './commands/actions.ts';
import { followRibbon } from './commands/ribbon.ts';
import { ExcelPort } from './excel/excel-port.ts';
import { followTheme } from './excel/theme.ts';
import { associateFunctions } from './functions/batch.ts';
import { mountPane } from './panes/app.tsx';
import { makeApp, type App } from './panes/store.ts';
import { Desk } from './sheets/desk.ts';

export async function startAddin(root: HTMLElement, lang: 'zh' | 'en'): Promise<{ readonly app: App; readonly client: Client }> {
  followTheme((theme) => { if (theme) document.documentElement.dataset['theme'] = theme; else delete document.documentElement.dataset['theme']; });
  const token = takeToken();
  const client = makeClient({ lang });
  const desk = new Desk(new ExcelPort(lang), client);
  let who: { readonly role: string; readonly rights: ReadonlySet<string> } = { role: '', rights: new Set() };
  const app = makeApp(desk, client, () => who);
  const signedIn = token !== '' && (await client.call('getSession').then((session) => { who = { role: session.role, rights: new Set(session.rights) }; return true; }, (error: { status?: number }) => error.status === 0));
  associateActions(app);
  associateFunctions(desk.port, client);
  mountPane(root, app, signedIn);
  if (signedIn) await desk.start();
  if (signedIn) followRibbon(app);
  // After the first paint: charts in sheets are few.
  if (signedIn) void import('./charts/live.ts').then(({ followRefreshes }) => followRefreshes(app));
  return { app, client };
}
