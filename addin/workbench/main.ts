/** The workbench: a spreadsheet in the browser, with Office.js of our own over it, and the add-in in its task pane. */
import '@univerjs/design/lib/index.css';
import '@univerjs/ui/lib/index.css';
import '@univerjs/docs-ui/lib/index.css';
import '@univerjs/sheets-ui/lib/index.css';
import '@univerjs/sheets-formula-ui/lib/index.css';
import '@univerjs/sheets-numfmt-ui/lib/index.css';
import '@univerjs/sheets-filter-ui/lib/index.css';
import '@univerjs/sheets-data-validation-ui/lib/index.css';
import '@univerjs/sheets-table-ui/lib/index.css';
import '@univerjs/sheets-note-ui/lib/index.css';
import { SHORTCUTS } from '../commands/names.ts';
import { makeClient, takeToken } from '../client.ts';
import type { App } from '../panes/store.ts';
import { switchLanguage } from '../panes/settings.tsx';
import { openDashboard } from '../sheets/dashboard.ts';
import { startAddin } from '../start.ts';
import { makeOffice } from './office.ts';
import { drawRibbon, enableRibbon } from './ribbon.ts';
import { openDialog } from './dialog.ts';
import type { Extras } from './host/book.ts';
import type { SyncRecord } from './host/context.ts';
import { recorder, type Line } from './host/record.ts';
import { savedBook } from './saving.ts';
import { makePageGrid } from './univer-page.ts';

type Kept = { readonly book?: unknown; readonly extras?: Partial<Extras> };
/** The last syncs, for a bug report: `workbenchSyncs()` in the console. */
const KEPT_SYNCS = 200;
/** `?record=PORT`: the whole session goes to `npm run workbench -- --record` on this machine, and nowhere else. */
const recordPort = (): number | undefined => { const text = new URLSearchParams(location.search).get('record'); return text !== null && /^\d{1,5}$/.test(text) ? Number(text) : undefined; };
const SAVE_MS = 2_500;
/** Savings that are given up for a change before one is taken at once. */
const MOST_GIVEN_UP = 4;

function language(): 'zh' | 'en' {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('suanpan.lang') ?? navigator.language;
  return asked.toLowerCase().startsWith('en') ? 'en' : 'zh';
}

async function main(): Promise<void> {
  const lang = language();
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  const client = makeClient({ lang });
  const signedIn = takeToken() !== '';
  const kept = signedIn ? await client.call('readWorkbook').catch(() => undefined) : undefined;
  const snapshot = (kept?.snapshot ?? {}) as Kept;
  const grid = makePageGrid({ container: document.getElementById('grid')!, lang, snapshot: snapshot.book, firstSheet: lang === 'zh' ? '今天' : 'Today' });
  let revision = kept?.revision ?? 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let given = 0;
  const save = async (patient = false): Promise<void> => {
    timer = undefined;
    if (!signedIn) return;
    const json = await savedBook(grid, { revision, extras: host.book.extras }, patient);
    // Where something changes all the time, it is saved in one breath at last.
    if (!json) { given += 1; return saveSoon(); }
    given = 0;
    await client.call('saveWorkbook', { json }).then((saved) => { ({ revision } = saved); }, () => undefined);
  };
  // Saving goes through the whole workbook: not beside a refresh, which does so too.
  let busy = (): boolean => false;
  const saveSoon = (): void => { timer ??= setTimeout(() => { if (!busy()) return void save(given < MOST_GIVEN_UP); timer = undefined; saveSoon(); }, SAVE_MS); };
  const pane = document.getElementById('pane')!;
  const port = recordPort();
  const recording = port === undefined ? undefined : recorder(sender(port));
  const syncs: SyncRecord[] = [];
  const record = (sync: SyncRecord): void => { recording?.record(sync); syncs.push(sync); if (syncs.length > KEPT_SYNCS) syncs.shift(); };
  const local = { getItem: (k: string) => localStorage.getItem(`office.${k}`), setItem: (k: string, v: string) => localStorage.setItem(`office.${k}`, v), removeItem: (k: string) => localStorage.removeItem(`office.${k}`), keys: () => Object.keys(localStorage).filter((k) => k.startsWith('office.')).map((k) => k.slice(7)) };
  const host = makeOffice({
    grid, lang, record, detailed: recording !== undefined, storage: local, saved: saveSoon, dialog: openDialog, ribbon: enableRibbon, ...(snapshot.extras ? { extras: snapshot.extras } : {}),
    showPane: () => pane.classList.remove('closed'), hidePane: () => pane.classList.add('closed'),
  });
  recording?.begin(grid, lang, host.book.extras, () => host.book.syncing > 0);
  grid.pictures(host.book);
  Object.assign(globalThis, { Office: host.Office, Excel: host.Excel, CustomFunctions: host.CustomFunctions, OfficeRuntime: host.OfficeRuntime });
  drawRibbon(document.getElementById('ribbon')!, lang, (id) => void host.action(id).then(saveSoon, (error: unknown) => console.error(error)), {
    // The reader and writer of files come when they are asked for.
    open: (file) => void import('./xlsx.ts').then(async ({ fromXlsx }) => { await fromXlsx(await file.arrayBuffer(), grid); saveSoon(); }),
    language: (to) => void switchLanguage(to),
    save: () => void import('./xlsx.ts').then(async ({ toXlsx }) => download(await toXlsx(grid))),
  });
  // Excel keeps F1 for itself; here it asks why, as the ribbon's button does in both.
  document.addEventListener('keydown', (e) => {
    const asked = e.key === 'F1' ? 'whySelected' : SHORTCUTS.find((s) => e.ctrlKey && e.altKey && s.key === `Ctrl+Alt+${e.code.replace(/^Key/, '')}`)?.action;
    if (asked === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    void host.action(asked);
  }, true);
  const { app } = await startAddin(pane, lang);
  busy = () => app.desk.state.busy !== '';
  const idle = async (): Promise<void> => {
    do await host.idle(); while (app.desk.state.busy !== '' || app.client.waiting() > 0);
  };
  Object.assign(globalThis, { workbenchIdle: idle, workbenchAction: host.action, workbenchSave: () => save(), workbenchSyncs: () => syncs });
  document.body.dataset['ready'] = 'true';
  // What was opened before is brought up to date, as a workbook's own queries are.
  if (signedIn) for (const { name } of grid.sheets()) { const sheet = app.desk.sheetTitled(name); if (sheet) await app.desk.refresh(sheet.name).catch(() => undefined); }
  host.functions.forget();
  if (signedIn && snapshot.book === undefined) void begin(app).catch((error: unknown) => console.error(error));
}

/** Lines to the recorder, in their order: those that gathered while the last ones went go together. */
function sender(port: number): (line: Line) => void {
  let waiting: string[] = [];
  let going = false;
  const send = async (): Promise<void> => {
    going = true;
    while (waiting.length > 0) {
      const body = `${waiting.join('\n')}\n`;
      waiting = [];
      await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body }).catch(() => console.error(`nobody records on port ${port}: npm run workbench -- --record`));
    }
    going = false;
  };
  return (line) => { waiting.push(JSON.stringify(line)); if (!going) void send(); };
}

function download(bytes: ArrayBuffer): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }));
  Object.assign(document.createElement('a'), { href: url, download: 'suanpan.xlsx' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
/** An empty workbook opens on the day's figures, as soon as there are any. */
async function begin(app: App): Promise<void> {
  if (!app.may('finance:read')) return;
  while ((await app.client.call('demoState')).state === 'loading') await new Promise((resolve) => { setTimeout(resolve, 1_000); });
  const { months } = await app.client.call('financeSummary');
  if (months.length > 0) await openDashboard(app.desk);
}

void main().catch((error: unknown) => {
  document.body.textContent = error instanceof Error ? error.message : String(error);
  throw error;
});
