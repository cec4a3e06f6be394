import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { SHEETS } from '../../api/contract/sheets/index.ts';
import { mayRead } from '../commands/ribbon.ts';
import { percent, timeText } from '../i18n/words.ts';
import { Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, yuan, type App } from './store.ts';

/** Today: what needs a person, the most costly first; or, in an empty company, three ways to begin. */
export function HomePane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, client, desk } = app;
  const asked = useAsked(async () => {
    // A buyer has no books, a packer no suggestions: each sees what is theirs.
    const when = async <T,>(right: string, ask: () => Promise<T>): Promise<T | undefined> => (app.may(right) ? ask() : undefined);
    const [orders, stock, buying, demo, packing, finance] = await Promise.all([client.call('ordersSummary'), when('stock:read', () => client.call('stockSummary')), when('purchasing:read', () => client.call('purchasingSummary')), client.call('demoState'), client.call('packSummary'), when('finance:read', () => client.call('financeSummary'))]);
    return { orders, stock, buying, finance, demo, packing };
  }, 4_000);
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{({ orders: o, stock: s, buying: b, finance: f, demo, packing: p }) => {
      if (demo.state === 'loading') return <DemoProgress app={app} />;
      if (o.decided + o.pending + (s?.skus ?? 0) === 0) return <Empty app={app} again={asked.again} />;
      const open = f?.accounts.reduce((n, a) => n + a.open, 0) ?? 0;
      const waiting = ([
        ['home.alarms', o.alarms.length, 'stopped', () => desk.open('parcels'), 'orders'], ['home.held', o.heldOrders, 'waits', () => desk.open('orders'), 'orders'], ['home.refused', o.refusedPushes, 'stopped', () => desk.open('parcels'), 'orders'],
        ['home.toPrint', o.toPrint.reduce((n, p) => n + p.count, 0), undefined, () => desk.open('parcels'), 'orders'], ['home.toShip', o.toShip, undefined, () => desk.open('parcels'), 'orders'], ['home.out', s?.out.length ?? 0, 'stopped', () => desk.open('stock'), 'stock'],
        ['home.low', s?.low.length ?? 0, 'waits', () => desk.open('stock'), 'stock'], ['home.unmapped', s?.unmapped ?? 0, 'waits', () => desk.open('stock'), 'stock'], ['home.buy', b?.toBuy ?? 0, undefined, () => desk.open('suggestions'), 'suggestions'], ['home.open', open, 'waits', () => desk.open('statements'), 'profit'],
      ] as const).filter(([, n]) => n > 0);
      return (
        <>
          <Block title={w('home.title')}>
            <Words>{w('home.self', { n: o.passedByThemselves.toLocaleString(), of: o.decided.toLocaleString(), share: percent(o.passedShare) })}</Words>
            {waiting.length === 0 ? <Words>{w('home.done', { at: timeText(o.updatedAt) })}</Words> : waiting.map(([key, n, tone, go, view]) => <Row key={key} title={w(key)} figure={n.toLocaleString()} tone={tone} onOpen={() => { app.show(view); void go(); }} />)}
          </Block>
          <Block title={w('home.sheets')}><div class="choices many">{SHEETS.filter((x) => !x.noun.endsWith('-rules') && mayRead(app, x.noun)).map((x) => <button type="button" key={x.name} onClick={() => void desk.open(x.name)}>{x.title[app.lang]}</button>)}</div></Block>
          {p.checked + p.shipped > 0 ? <Block title={w('pack.shares')}><Row title={w('pack.caughtShare')} words={w('pack.of', { n: p.caught.toLocaleString(), of: p.checked.toLocaleString() })} figure={percent(p.caughtShare)} tone={p.caught > 0 ? 'waits' : 'muted'} onOpen={() => app.show('packing')} /><Row title={w('pack.foundShare')} words={w('pack.of', { n: p.found.toLocaleString(), of: p.shipped.toLocaleString() })} figure={percent(p.foundShare)} tone={p.found > 0 ? 'stopped' : 'muted'} onOpen={() => app.show('packing')} /></Block> : null}
          {f ? <Block title={w('home.profit')}><div class="big">{yuan(app, f.total.profitFen)}<small>{w('profit.against', { yuan: yuan(app, f.before.profitFen) })}</small></div></Block> : null}
        </>
      );
    }}</Loaded>
  );
}

function Empty({ app, again }: { readonly app: App; readonly again: () => void }): JSX.Element {
  const { words: w, client } = app;
  return (
    <Block title={w('empty.title')}>
      <Words>{w('empty.words')}</Words>
      <Row title={w('empty.demo')} words={w('empty.demoWords')} onOpen={() => void client.call('loadDemo').then(again)} />
      <Row title={w('empty.shop')} words={w('empty.shopWords')} onOpen={() => app.show('settings')} />
      <Row title={w('empty.files')} words={w('empty.filesWords')} onOpen={() => app.show('settings')} />
    </Block>
  );
}

/** How far the sandbox company is loaded; goes on when the pane is closed. */
function DemoProgress({ app }: { readonly app: App }): JSX.Element {
  const [state, set] = useState<{ step: string; done: number; total: number }>({ step: '', done: 0, total: 0 });
  useEffect(() => {
    const timer = setInterval(() => void app.client.call('demoState').then((s) => set({ step: s.step[app.lang], done: s.done, total: s.total })).catch(() => undefined), 700);
    return () => clearInterval(timer);
  }, []);
  return <Block title={app.words('empty.demo')}><Words>{state.step}{state.total > 0 ? ` ${state.done} / ${state.total}` : ''}</Words><progress max={state.total || 1} value={state.done} /></Block>;
}
