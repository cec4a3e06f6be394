import type { JSX } from 'preact';
import { timeText } from '../i18n/words.ts';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, useDesk, yuan, type App } from './store.ts';

type Line = { readonly id: string; readonly accountName: string; readonly happenedAt: string; readonly amountFen: number; readonly state: string; readonly reason?: { readonly zh: string; readonly en: string } | string; readonly counterparty: string; readonly platformKind: string };
const MOST = 5_000;
const reasonOf = (line: Line, lang: 'zh' | 'en'): string => (typeof line.reason === 'object' ? line.reason[lang] : (line.reason ?? '')) || line.platformKind;

/** Does the money agree? What is open comes first, by its cause; then each account with the parts that make its total. */
export function ReconciliationPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const state = useDesk(app);
  const asked = useAsked(async () => {
    const [summary, first] = await Promise.all([client.call('financeSummary'), client.list('statements', undefined, MOST)]);
    return { accounts: summary.accounts, balanced: summary.balanced, lines: (first.rows as unknown as Line[]).filter((l) => l.state === 'open'), all: !first.more };
  }, 15_000, [state.refreshed['statements']?.at]);
  const jump = (line: Line): void => void desk.open('statements').then(() => desk.jumpTo({ sheet: 'statements', id: line.id, column: 'key' }));
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{({ accounts, lines, balanced }) => {
      const open = accounts.reduce((n, a) => n + a.open, 0);
      const causes = new Map<string, Line[]>();
      for (const line of lines) causes.set(reasonOf(line, lang), [...(causes.get(reasonOf(line, lang)) ?? []), line]);
      const by = [...causes].sort((a, b) => b[1].reduce((n, l) => n + Math.abs(l.amountFen), 0) - a[1].reduce((n, l) => n + Math.abs(l.amountFen), 0));
      const { selected } = state;
      const row = selected?.sheet === 'statements' ? selected.row : undefined;
      return (
        <>
          <Block title={w('rec.open', { n: open })} {...(open > 0 ? { tone: 'waits' as const } : {})}>
            {open === 0 ? <Words>{accounts.length === 0 ? w('rec.empty') : w('rec.agrees')}</Words> : by.slice(0, 8).map(([cause, of]) => <Row key={cause} title={cause} words={w('rec.cause', { n: of.length, at: timeText(of[0]!.happenedAt) })} figure={yuan(app, of.reduce((n, l) => n + l.amountFen, 0))} tone="waits" onOpen={() => jump(of[0]!)} />)}
            <Act plain needs="finance:write" app={app} label={w('do.reconcile')} run={async () => { await client.call('runJob', { params: { name: 'fetch-bills' } }); await client.call('runJob', { params: { name: 'reconcile-bills' } }); asked.again(); }} />
          </Block>
          {row ? <Block title={String(row['key'] ?? row.id)}><Words>{reasonOf(row as unknown as Line, lang)}</Words><Words>{w('rec.how')}</Words></Block> : null}
          {accounts.map((a) => {
            const whole = Math.max(1, Math.abs(a.matchedFen) + Math.abs(a.classifiedFen) + Math.abs(a.openFen));
            const part = (fen: number, className: string): JSX.Element => <i class={className} style={{ flexGrow: Math.abs(fen) / whole }} />;
            return (
              <Block key={a.accountId} title={`${a.name} · ${a.fromDay.slice(5)} – ${a.toDay.slice(5)}`} {...(a.proved ? {} : { tone: 'stopped' as const })}>
                <div class="share" aria-hidden="true">{part(a.matchedFen, 'matched')}{part(a.classifiedFen, 'classified')}{part(a.openFen, 'open')}</div>
                <Words>{a.proved ? w('profit.proved', { total: yuan(app, a.totalFen), matched: yuan(app, a.matchedFen), classified: yuan(app, a.classifiedFen), open: yuan(app, a.openFen) }) : w('profit.notProved')}</Words>
                <Row title={w('rec.lines', { n: a.lines.toLocaleString(), matched: a.matched.toLocaleString(), classified: a.classified.toLocaleString() })} figure={String(a.open)} tone={a.open > 0 ? 'waits' : 'muted'} onOpen={() => void desk.open('statements')} />
              </Block>
            );
          })}
          {balanced && accounts.length > 0 ? <Words>{w('profit.balanced')}</Words> : null}
        </>
      );
    }}</Loaded>
  );
}
