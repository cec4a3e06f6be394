import { render, type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { keepToken } from '../client.ts';
import { mayPublish } from '../commands/ribbon.ts';
import { timeText, type Key } from '../i18n/words.ts';
import { draftKey, type Draft } from '../sheets/drafts.ts';
import { ActivityPane } from './activity.tsx';
import { CustomersPane } from './customers.tsx';
import { HomePane } from './home.tsx';
import { OrdersPane } from './orders.tsx';
import { PackingPane } from './packing.tsx';
import { Act, Block, Row, Words } from './parts.tsx';
import { Choose, PickForCell } from './pick.tsx';
import { ProfitPane } from './profit.tsx';
import { ReconciliationPane } from './reconciliation.tsx';
import { RulesPane } from './rules.tsx';
import { SettingsPane } from './settings.tsx';
import { StockPane } from './stock.tsx';
import { useDesk, useView, type App, type View } from './store.ts';
import { SuggestionsPane } from './suggestions.tsx';
import { WhyPane } from './why.tsx';

const PANES: Readonly<Record<View, (props: { readonly app: App }) => JSX.Element>> = { why: WhyPane, home: HomePane, orders: OrdersPane, packing: PackingPane, stock: StockPane, suggestions: SuggestionsPane, profit: ProfitPane, reconciliation: ReconciliationPane, customers: CustomersPane, rules: RulesPane, activity: ActivityPane, settings: SettingsPane };
/** Those that one goes to; “why” is asked of a cell. */
const VIEWS: readonly Exclude<View, 'why'>[] = ['home', 'orders', 'packing', 'stock', 'suggestions', 'profit', 'reconciliation', 'customers', 'rules', 'activity', 'settings'];
/** What it takes to read a pane; the others show each person what is theirs. */
const NEEDS: Readonly<Partial<Record<View, string>>> = { orders: 'orders:read', packing: 'parcels:write', stock: 'stock:read', suggestions: 'purchasing:read', profit: 'finance:read', reconciliation: 'finance:read', customers: 'customers:read', rules: 'rules:read' };
const mayView = (app: App, view: View): boolean => { const right = NEEDS[view]; return right === undefined || app.may(right); };
/** The sheet that a pane is about. */
export const SHEET_OF: Readonly<Partial<Record<View, string>>> = { orders: 'orders', stock: 'stock', suggestions: 'suggestions', profit: 'profit', reconciliation: 'statements', customers: 'customers' };

export function mountPane(root: HTMLElement, app: App, signedIn: boolean): void {
  render(signedIn ? <Pane app={app} /> : <SignIn app={app} />, root);
}

function SignIn({ app }: { readonly app: App }): JSX.Element {
  const [token, set] = useState('');
  const w = app.words;
  return <div class="pane"><Block title={w('settings.signIn')}><Words>{w('settings.signInWords')}</Words><form class="form" onSubmit={(e) => e.preventDefault()}><label>{w('settings.token')}<input type="password" value={token} onInput={(e) => set(e.currentTarget.value)} /></label><Act label={w('settings.signIn')} run={async () => { keepToken(token.trim()); await app.client.call('createSession', { body: { token: token.trim() } }); location.reload(); }} /></form></Block></div>;
}

function Keys({ app }: { readonly app: App }): JSX.Element | null {
  const [open, set] = useState(false);
  useEffect(() => {
    const pressed = (e: KeyboardEvent): void => { if (e.key === '?' && !(e.target as HTMLElement).matches('input, textarea, select, [contenteditable=true]') && (e.target as HTMLElement).closest('.pane')) { e.preventDefault(); set((is) => !is); } };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
  return open ? <Block title={app.words('keys.title')}>{app.words('keys.list').split('|').map((line) => { const at = line.indexOf(' ', line.startsWith('↑') || line.startsWith('←') ? 2 : 0); return <Row key={line} title={line.slice(0, at)} words={line.slice(at + 1)} />; })}</Block> : null;
}

function Pane({ app }: { readonly app: App }): JSX.Element {
  const view = useView(app);
  // What was open before may be another person's.
  const Shown = PANES[mayView(app, view) ? view : 'home'];
  return (
    <div class="pane">
      <Top app={app} view={view} />
      <main onKeyDown={upAndDown}><Said app={app} /><Keys app={app} /><Problems app={app} /><Preview app={app} /><PickForCell app={app} /><Shown app={app} /></main>
      <Bottom app={app} view={view} />
    </div>
  );
}

function ago(app: App, at: number | undefined): string {
  const w = app.words;
  if (at === undefined) return w('state.never');
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  const words = seconds < 5 ? w('ago.now') : seconds < 60 ? w('ago.seconds', { n: seconds }) : seconds < 3600 ? w('ago.minutes', { n: Math.round(seconds / 60) }) : w('ago.hours', { n: Math.round(seconds / 3600) });
  return w('state.updated', { ago: words });
}
function Top({ app, view }: { readonly app: App; readonly view: View }): JSX.Element {
  const state = useDesk(app);
  const [, tick] = useState(0);
  useEffect(() => { const timer = setInterval(() => tick((n) => n + 1), 5_000); return () => clearInterval(timer); }, []);
  const w = app.words;
  const sheet = SHEET_OF[view];
  const n = state.drafts.length;
  const status = state.offline ? w('state.offline', { n }) : state.busy ? (state.total > 0 ? w('act.written', { n: state.progress.toLocaleString(), of: state.total.toLocaleString() }) : w('state.loading', { n: state.progress.toLocaleString() })) : [sheet ? ago(app, state.refreshed[sheet]?.at) : '', n > 0 ? w('state.drafts', { n }) : ''].filter(Boolean).join(' · ');
  return (
    <header>
      <nav onKeyDown={sideways}>{VIEWS.filter((v) => mayView(app, v)).map((v) => <button type="button" key={v} class={v === view ? 'on' : ''} aria-current={v === view ? 'page' : undefined} onClick={() => app.show(v)}>{w(`nav.${v}`)}</button>)}</nav>
      <p class={state.offline ? 'offline' : ''} aria-live="polite">{status}</p>
      {state.busy && state.total > 0 ? <div class="going"><progress max={state.total} value={state.progress} aria-label={status} /><button type="button" class="plain" onClick={() => app.desk.cancel()}>{w('do.stop')}</button></div> : null}
    </header>
  );
}
/** Arrows go from pane to pane, as between the tabs of a ribbon. */
function sideways(event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll('button')];
  if (step === 0) return;
  all[(all.indexOf(document.activeElement as HTMLButtonElement) + step + all.length) % all.length]?.focus();
  event.preventDefault();
}
/** Arrows go from row to row; Escape goes back to the top. */
function upAndDown(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const target = event.target as HTMLElement;
  if (event.key === 'Escape') return document.querySelector<HTMLElement>('.pane nav button.on')?.focus();
  if (step === 0 || !target.matches('button.row')) return;
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('button.row')];
  all[all.indexOf(target) + step]?.focus();
  event.preventDefault();
}
function Said({ app }: { readonly app: App }): JSX.Element | null {
  const { said, published } = useDesk(app);
  return said ? <div class={`said ${said.kind}`} role="status"><span>{said.words}</span>{said.kind === 'done' && published ? <button type="button" class="undo" onClick={() => void app.desk.undoPublish()}>{app.words('do.undo')}</button> : null}<button type="button" aria-label="×" onClick={() => app.desk.set({ said: undefined })}>×</button></div> : null;
}

/** Nothing is said, too. */
const told = (value: unknown): string => (value === null || value === undefined || value === '' ? '—' : String(value));
/** Cells that were refused: each with its reason; of a conflict, both values and who made the other. */
function Problems({ app }: { readonly app: App }): JSX.Element | null {
  const { drafts } = useDesk(app);
  const [seen, see] = useState<string | undefined>(undefined);
  const w = app.words;
  const wrong = drafts.filter((d) => d.problem);
  if (wrong.length === 0) return null;
  const one = (d: Draft): JSX.Element => (
    <div key={draftKey(d)} class="problem">
      <Row title={app.desk.cellName(d)} words={d.problem!.words} tone="stopped" onOpen={() => void app.desk.jumpTo(d)} />
      {d.problem!.kind === 'conflict' && 'theirs' in d.problem! ? <dl class="three"><dt>{w('problem.was')}</dt><dd>{told(d.before)}</dd><dt>{w('problem.theirs')}</dt><dd>{told(d.problem.theirs)}<small>{d.problem.by ? ` ${d.problem.by}${d.problem.at ? ` ${timeText(d.problem.at)}` : ''}` : ''}</small></dd><dt>{w('problem.mine')}</dt><dd>{told(d.value)}</dd></dl> : null}
      <Choose app={app} draft={d} />
      {d.problem!.kind === 'conflict' ? <div class="acts"><Act plain label={w('do.mine')} run={() => app.desk.resolve(d, 'mine')} /><Act plain label={w('do.theirs')} run={() => app.desk.resolve(d, 'theirs')} /></div> : null}
    </div>
  );
  const at = wrong.findIndex((d) => draftKey(d) === seen);
  const go = (to: number) => (): void => { const next = wrong[(to + wrong.length) % wrong.length]!; see(draftKey(next)); void app.desk.jumpTo(next); };
  const from = Math.max(0, Math.min(at - 2, wrong.length - 6));
  return (
    <Block title={w('problem.title', { n: wrong.length })} tone="stopped">
      {wrong.length > 1 ? <div class="acts"><button type="button" class="plain" onClick={go(at < 0 ? -1 : at - 1)}>{w('problem.previous')}</button><button type="button" class="plain" onClick={go(at + 1)}>{w('problem.next')}</button><span class="quiet">{at < 0 ? '' : w('problem.at', { n: at + 1, of: wrong.length })}</span></div> : null}
      {wrong.slice(from, from + 6).map(one)}
    </Block>
  );
}
function Preview({ app }: { readonly app: App }): JSX.Element | null {
  const { preview } = useDesk(app);
  const w = app.words;
  if (!preview) return null;
  return (
    <Block title={w('preview.title')}>
      <Row title={preview.changes === 0 ? w('preview.none') : w('preview.changes', { rows: preview.rows.length, changes: preview.changes })} words={w('preview.allOrNothing')} />
      {preview.effects.map((e) => <Words key={e.zh}>{e[app.lang]}</Words>)}
    </Block>
  );
}

/** One primary button, always here: what it will do is its label. */
function Bottom({ app, view }: { readonly app: App; readonly view: View }): JSX.Element {
  const { drafts, preview, busy } = useDesk(app);
  const w = app.words;
  const { desk } = app;
  const sheets = [...new Set(drafts.map((d) => d.sheet))];
  const sheet = sheets.find((s) => s === SHEET_OF[view]) ?? sheets[0];
  const count = drafts.filter((d) => d.sheet === sheet).length;
  const name = SHEET_OF[view];
  const refused = sheet !== undefined && !mayPublish(app, sheet);
  if (refused) return <footer><button type="button" class="primary" disabled>{w('do.publish', { n: count })}</button><small class="quiet">{w('right.publish')}</small><button type="button" class="plain" onClick={() => void desk.discard(sheet)}>{w('do.discard')}</button></footer>;
  if (preview) return <footer><button type="button" class="primary" disabled={busy !== '' || preview.changes === 0} onClick={() => void desk.publish(preview)}>{w('do.publishNow')}</button><button type="button" class="plain" onClick={() => desk.set({ preview: undefined })}>{w('do.back')}</button></footer>;
  if (sheet) return <footer><button type="button" class="primary" disabled={busy !== ''} onClick={() => void desk.preview(sheet)}>{w('do.publish', { n: count })}</button><button type="button" class="plain" onClick={() => void desk.discard(sheet)}>{w('do.discard')}</button></footer>;
  if (name) return <footer><button type="button" class="primary" disabled={busy !== ''} onClick={() => void desk.open(name)}>{w('do.open')} · {w(`nav.${view}` as Key)}</button></footer>;
  return <footer class="empty" />;
}
