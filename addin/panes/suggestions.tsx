import type { JSX } from 'preact';
import { ChartOf } from '../charts/chart.tsx';
import { forecastOf, runOut } from '../charts/figures.ts';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, useDesk, yuan, type App } from './store.ts';

/** What runs out before goods could come, the money it takes, and every part of the selected row's sum. */
export function SuggestionsPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const state = useDesk(app);
  const asked = useAsked(() => client.call('purchasingSummary'), 15_000, [state.refreshed['suggestions']?.at]);
  const again = async (): Promise<void> => {
    await client.call('runJob', { params: { name: 'suggest-purchases' } });
    await desk.refresh('suggestions');
    asked.again();
  };
  const { selected } = state;
  const row = selected?.sheet === 'suggestions' ? selected.row : undefined;
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{(s) => (
      <>
        <Block title={w('buy.urgent')} {...(s.urgent.length > 0 ? { tone: 'stopped' as const } : {})}>
          {s.toBuy === 0 ? <Words>{w('buy.none')}</Words> : <Words>{w('buy.money', { yuan: yuan(app, s.toBuyFen), n: s.toBuy })}</Words>}
          {s.urgent.slice(0, 6).map((u) => <Row key={u.skuCode} title={`${u.skuCode} ${u.name}`} words={u.daysLeft === null ? '' : w('buy.days', { n: u.daysLeft })} figure={w('buy.pieces', { n: u.quantity })} tone="stopped" onOpen={() => void desk.open('suggestions').then(() => desk.jumpTo({ sheet: 'suggestions', id: `sug:${u.skuCode}`, column: 'quantity' }))} />)}
          <Words>{w('buy.how')}</Words>
          <Act plain needs="purchasing:write" app={app} label={w('do.suggest')} run={again} />
        </Block>
        <Block title={row ? `${w('buy.selected')} ${String(row['skuCode'])}` : w('buy.selected')}><Words>{row ? (row['why'] as { zh: string; en: string })[lang] : w('buy.pick')}</Words>{row ? <Ahead app={app} sku={String(row['skuCode'])} /> : null}</Block>
        {s.urgent.some((u) => u.daysLeft !== null) ? <Block title={w('chart.runOut')}><ChartOf app={app} figures={runOut(app, s.urgent)} /></Block> : null}
        <Block title={w('buy.suppliers')}>
          {s.suppliers.slice(0, 6).map((x) => <Row key={x.supplierId} title={x.name || '—'} words={`${x.skus} SKU`} figure={yuan(app, x.amountFen)} />)}
          {s.openOrders > 0 ? <Row title={w('buy.open', { n: s.openOrders, yuan: yuan(app, s.openFen) })} onOpen={() => void desk.open('purchase-orders')} /> : null}
          {s.late.map((l) => <Row key={l.id} title={`${w('buy.late')} ${l.number}`} words={`${l.supplierName} · ${l.expectedDay}`} tone="stopped" onOpen={() => void desk.open('purchase-orders')} />)}
        </Block>
      </>
    )}</Loaded>
  );
}
function Ahead({ app, sku }: { readonly app: App; readonly sku: string }): JSX.Element | null {
  const asked = useAsked(() => forecastOf(app, sku), 600_000, [sku]);
  return asked.data ? <ChartOf app={app} figures={asked.data} /> : null;
}
