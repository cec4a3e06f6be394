import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ChartOf } from '../charts/chart.tsx';
import { turning } from '../charts/figures.ts';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, useDesk, yuan, type App } from './store.ts';
import { openFile } from './waves.tsx';

/** What is out or low, what each warehouse holds, and which listings have no SKU. */
export function StockPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, client, desk } = app;
  const state = useDesk(app);
  const asked = useAsked(() => client.call('stockSummary'), 10_000, [state.refreshed['stock']?.at]);
  const open = (skuCode: string) => (): void => void desk.open('stock').then(() => desk.jumpTo({ sheet: 'stock', id: `HZ:${skuCode}`, column: 'skuCode' }));
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{(s) => (
      <>
        {s.oversold.length > 0 ? <Block title={`${w('stock.oversold')} ${s.oversold.length}`} tone="stopped">{s.oversold.slice(0, 8).map((o) => <Row key={o.skuCode} title={`${o.skuCode} ${o.name}`} words={w('stock.oversold.why')} figure={o.pieces.toLocaleString()} tone="stopped" onOpen={open(o.skuCode)} />)}</Block> : null}
        <Block title={`${w('stock.out')} ${s.out.length}`} {...(s.out.length > 0 ? { tone: 'stopped' as const } : {})}>
          {s.out.length + s.low.length === 0 ? <Words>{w('stock.none')}</Words> : null}
          {s.out.slice(0, 8).map((o) => <Row key={o.skuCode} title={`${o.skuCode} ${o.name}`} words={w('stock.waiting', { n: o.reserved })} figure="0" tone="stopped" onOpen={open(o.skuCode)} />)}
        </Block>
        {s.low.length > 0 ? <Block title={`${w('stock.low')} ${s.low.length}`} tone="waits">{s.low.slice(0, 8).map((l) => <Row key={l.skuCode} title={`${l.skuCode} ${l.name}`} words={w('stock.left', { n: l.available, of: l.safetyStock })} figure={l.available.toLocaleString()} tone="waits" onOpen={open(l.skuCode)} />)}</Block> : null}
        <Block title={`${w('stock.value')} ${yuan(app, s.valueFen)}`}>
          {s.warehouses.map((h) => <Row key={h.code} title={h.name} words={`${h.available.toLocaleString()} / ${h.onHand.toLocaleString()}`} figure={yuan(app, h.valueFen)} />)}
          {s.unmapped > 0 ? <Row title={w('stock.unmapped', { n: s.unmapped })} tone="waits" /> : null}
        </Block>
        <Labels app={app} />
        <Turning app={app} skus={[...s.out, ...s.low].map((x) => x.skuCode).slice(0, 8)} />
      </>
    )}</Loaded>
  );
}
/** Labels for the goods whose rows are selected, in the SKUs or the stock sheet. */
function Labels({ app }: { readonly app: App }): JSX.Element {
  const { words: w, client, desk } = app;
  const [copies, setCopies] = useState(1);
  const print = async (): Promise<void> => {
    const { sheet, ids } = await desk.selectedIds();
    // A row of the stock sheet is a warehouse and a SKU.
    const codes = sheet === 'skus' ? [...ids] : sheet === 'stock' ? [...new Set(ids.map((id) => id.slice(id.indexOf(':') + 1)))] : [];
    if (codes.length === 0) return desk.say('told', w('labels.words'), w('labels.words'));
    openFile(await client.file('printSkuLabels', { body: { labels: codes.map((skuCode) => ({ skuCode, copies, batch: '', bin: '' })) } }));
    const words = w('labels.printed', { n: codes.length * copies });
    desk.say('done', words, words);
  };
  return (
    <Block title={w('labels.title')}>
      <Words>{w('labels.words')}</Words>
      <div class="acts"><label>{w('labels.copies')} <input type="number" min={1} max={500} value={copies} onChange={(e) => setCopies(Math.min(500, Math.max(1, Math.trunc(Number(e.currentTarget.value)) || 1)))} /></label><Act needs="stock:read" app={app} label={w('labels.print')} run={print} /></div>
    </Block>
  );
}
/** Of what is out or low, or of the selected SKU and its like: how it sells, how long it lasts. */
function Turning({ app, skus }: { readonly app: App; readonly skus: readonly string[] }): JSX.Element | null {
  const { selected } = useDesk(app);
  const own = selected?.sheet === 'stock' ? [String(selected.row['skuCode'] ?? '')].filter(Boolean) : [];
  const shown = [...new Set([...own, ...skus])].slice(0, 8);
  const asked = useAsked(() => turning(app, shown), 120_000, [shown.join('|')]);
  if (shown.length === 0 || !asked.data) return null;
  return <Block title={app.words('chart.turning')}><ChartOf app={app} figures={asked.data.sellThrough} /><ChartOf app={app} figures={asked.data.turnover} /></Block>;
}
