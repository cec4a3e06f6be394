import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ChartOf } from '../charts/chart.tsx';
import { byDay, channelProfit, platformTrend } from '../charts/figures.ts';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { Reprice } from './reprice.tsx';
import { useAsked, useDesk, yuan, type App } from './store.ts';

/** What was earned and where, what loses, and whether the account agrees to the fen. */
export function ProfitPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, client, desk } = app;
  const state = useDesk(app);
  const [month, setMonth] = useState<string | undefined>(undefined);
  const asked = useAsked(() => client.call('financeSummary', month ? { query: { month } } : {}), 15_000, [month, state.refreshed['profit']?.at]);
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{(s) => (
      <>
        <Block title={w('profit.month', { month: s.month })}>
          <div class="big">{yuan(app, s.total.profitFen)}<small>{w('profit.against', { yuan: yuan(app, s.before.profitFen) })}</small></div>
          {s.months.length > 1 ? <div class="choices">{s.months.slice(0, 4).map((m) => <button type="button" key={m} class={m === s.month ? 'on' : ''} onClick={() => setMonth(m)}>{m}</button>)}</div> : null}
          {s.days.length === 0 ? <Words>{w('profit.none')}</Words> : <ChartOf app={app} figures={byDay(app, s.days)} />}
        </Block>
        <Block title={w('profit.accounts')}>
          {s.accounts.map((a) => <div key={a.accountId}><Row title={a.name} words={a.proved ? w('profit.proved', { total: yuan(app, a.totalFen), matched: yuan(app, a.matchedFen), classified: yuan(app, a.classifiedFen), open: yuan(app, a.openFen) }) : w('profit.notProved')} figure={`${a.open}`} tone={a.open > 0 ? 'waits' : 'muted'} onOpen={() => void desk.open('statements')} /></div>)}
          <Act plain needs="finance:write" app={app} label={w('do.reconcile')} run={async () => { await client.call('runJob', { params: { name: 'fetch-bills' } }); await client.call('runJob', { params: { name: 'reconcile-bills' } }); asked.again(); }} />
        </Block>
        <Block title={w('profit.parts')}>
          {([['sales', s.total.salesFen], ['refund', -s.total.refundFen], ['cost', -s.total.costFen], ['commission', -s.total.commissionFen], ['freight', -s.total.freightFen], ['other', -s.total.otherFen], ['profit', s.total.profitFen]] as const).map(([key, fen]) => <Row key={key} title={w(`profit.${key}`)} figure={yuan(app, fen)} tone={key === 'profit' ? undefined : 'muted'} />)}
        </Block>
        <Reprice key={s.month} app={app} month={s.month} />
        {s.shops.length > 0 ? <Block title={w('profit.shops')}><ChartOf app={app} figures={channelProfit(app, s.shops)} /><Trend app={app} shops={s.shops} months={s.months} /></Block> : null}
        <Block title={w('profit.top')}>{s.skus.slice(0, 5).map((x) => <Row key={x.skuCode} title={`${x.skuCode} ${x.name}`} words={`×${x.quantity}`} figure={yuan(app, x.profitFen)} />)}</Block>
        {s.losing.length > 0 ? <Block title={w('profit.losing')} tone="waits">{s.losing.map((x) => <Row key={x.skuCode} title={`${x.skuCode} ${x.name}`} figure={yuan(app, x.profitFen)} tone="stopped" />)}</Block> : null}
      </>
    )}</Loaded>
  );
}
function Trend({ app, shops, months }: { readonly app: App; readonly shops: readonly { readonly shopName: string }[]; readonly months: readonly string[] }): JSX.Element | null {
  const asked = useAsked(() => platformTrend(app, shops, months), 120_000, [shops.map((s) => s.shopName).join('|'), months.join('|')]);
  return asked.data && months.length > 1 ? <ChartOf app={app} figures={asked.data} /> : null;
}
