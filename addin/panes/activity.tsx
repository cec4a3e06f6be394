import type { JSX } from 'preact';
import { SHEETS } from '../../api/contract/sheets/index.ts';
import { timeText } from '../i18n/words.ts';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, useDesk, type App } from './store.ts';

type Notice = { readonly id: string; readonly kind: string; readonly words: { readonly zh: string; readonly en: string }; readonly count: number; readonly at: string; readonly closedAt?: string };
type Alert = { readonly id: string; readonly kind: string; readonly subject: string; readonly zh: string; readonly en: string; readonly openedAt: string; readonly closedAt?: string };
const LATE_MS = 900_000;

/** What goes wrong, what is going on, what was done: jobs, notices, exceptions; long work with its count and its end. */
export function ActivityPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const state = useDesk(app);
  const asked = useAsked(async () => {
    const [jobs, notices, alerts] = await Promise.all([app.may('settings:read') ? client.call('listJobs') : { jobs: [] }, app.may('settings:read') ? client.list('notices', undefined) : { rows: [] }, app.may('stock:read') ? client.list('alerts', undefined) : { rows: [] }]);
    return { jobs: jobs.jobs, notices: (notices.rows as unknown as Notice[]).filter((n) => n.closedAt === undefined).sort((a, b) => (a.at < b.at ? 1 : -1)), alerts: (alerts.rows as unknown as Alert[]).filter((a) => a.closedAt === undefined) };
  }, 4_000);
  const { busy, progress, total } = state;
  const called = SHEETS.find((s) => s.name === busy)?.title[lang] ?? busy;
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{({ jobs, notices, alerts }) => {
      const failed = jobs.filter((j) => j.lastRun?.outcome === 'failed');
      const late = jobs.filter((j) => j.lastRun?.outcome !== 'failed' && j.lagMs > LATE_MS);
      const running = jobs.filter((j) => j.running);
      const again = (name: string) => async (): Promise<void> => { await client.call('runJob', { params: { name } }); asked.again(); };
      const kinds = new Map<string, Alert[]>();
      for (const a of alerts) kinds.set(a.kind, [...(kinds.get(a.kind) ?? []), a]);
      return (
        <>
          <Block title={w('act.wrong', { n: failed.length + notices.length })} {...(failed.length + notices.length > 0 ? { tone: 'stopped' as const } : {})}>
            {failed.length + notices.length === 0 ? <Words>{w('act.calm')}</Words> : null}
            {failed.map((j) => <div class="line" key={j.name}><Row title={j.title[lang]} words={j.lastRun?.error ?? ''} tone="stopped" /><Act plain needs="settings:write" app={app} label={w('do.retry')} run={again(j.name)} /></div>)}
            {notices.slice(0, 10).map((n) => <Row key={n.id} title={n.words[lang]} words={timeText(n.at)} figure={n.count > 1 ? `×${n.count}` : undefined} tone="waits" />)}
          </Block>
          <Block title={w('act.going')}>
            {busy ? <div class="going"><Row title={called} words={total > 0 ? w('act.written', { n: progress.toLocaleString(), of: total.toLocaleString() }) : w('state.loading', { n: progress.toLocaleString() })} /><progress {...(total > 0 ? { max: total, value: progress } : {})} /><Act plain label={w('do.stop')} run={() => { desk.cancel(); return Promise.resolve(); }} /></div> : null}
            {running.map((j) => <Row key={j.name} title={j.title[lang]} words={w('act.running')} />)}
            {!busy && running.length === 0 ? <Words>{w('act.nothing')}</Words> : null}
            {late.map((j) => <Row key={j.name} title={j.title[lang]} words={w('act.late', { n: Math.round(j.lagMs / 60_000) })} tone="waits" />)}
          </Block>
          {alerts.length > 0 ? <Block title={w('act.exceptions', { n: alerts.length })} tone="waits">{[...kinds].map(([kind, of]) => <Row key={kind} title={of[0]![lang]} words={of.length > 1 ? w('act.more', { n: of.length - 1 }) : timeText(of[0]!.openedAt)} figure={String(of.length)} tone="waits" onOpen={() => void desk.open('alerts')} />)}</Block> : null}
          <Block title={w('act.recent')}>{jobs.filter((j) => j.lastRun?.finishedAt).sort((a, b) => (a.lastRun!.finishedAt! < b.lastRun!.finishedAt! ? 1 : -1)).slice(0, 8).map((j) => <Row key={j.name} title={j.title[lang]} words={timeText(j.lastRun!.finishedAt!)} tone="muted" />)}</Block>
        </>
      );
    }}</Loaded>
  );
}
