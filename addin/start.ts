/** Starts the add-in in whatever hosts it: Excel, or the workbench. */
import { makeClient, takeToken, type Client } from './client.ts';
import { associateActions } from './commands/actions.ts';
import { ExcelPort } from './excel/excel-port.ts';
import { associateFunctions } from './functions/batch.ts';
import { mountPane } from './panes/app.tsx';
import { makeApp, type App } from './panes/store.ts';
import { Desk } from './sheets/desk.ts';

export async function startAddin(root: HTMLElement, lang: 'zh' | 'en'): Promise<{ readonly app: App; readonly client: Client }> {
  const token = takeToken();
  const client = makeClient({ lang });
  const desk = new Desk(new ExcelPort(lang), client);
  const app = makeApp(desk, client);
  const signedIn = token !== '' && (await client.call('getSession').then(() => true, (error: { status?: number }) => error.status === 0));
  associateActions(app);
  associateFunctions(desk.port, client);
  mountPane(root, app, signedIn);
  if (signedIn) await desk.start();
  return { app, client };
}
