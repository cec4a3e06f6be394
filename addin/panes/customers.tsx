import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ChartOf } from '../charts/chart.tsx';
import { repurchase } from '../charts/figures.ts';
import { percent, timeText } from '../i18n/words.ts';
import { Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, useDesk, yuan, type App } from './store.ts';

type Customer = { readonly id: string; readonly name: string; readonly orders: number; readonly paidFen: number; readonly refunds: number; readonly refundFen: number; readonly lastAt: string; readonly tagText: string; readonly blacklisted: boolean };
/** Pages that are looked through for the search field; what is beyond is in the sheet. */
const MOST_PAGES = 5;

async function customersOf(app: App): Promise<readonly Customer[]> {
  const rows: Customer[] = [];
  let since: string | undefined;
  for (let page = 0, more = true; more && page < MOST_PAGES; page += 1) {
    const got = await app.client.list('customers', since, 5_000);
    rows.push(...(got.rows as unknown as Customer[]));
    ({ cursor: since, more } = got);
  }
  return rows;
}
/** Who must be looked at, who is selected or searched for and what happened with them, and whether people come again. */
export function CustomersPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w } = app;
  const state = useDesk(app);
  const [typed, setTyped] = useState('');
  const [picked, pick] = useState<string | undefined>(undefined);
  const asked = useAsked(() => customersOf(app), 30_000, [state.refreshed['customers']?.at]);
  const { selected } = state;
  const id = picked ?? (selected?.sheet === 'customers' ? selected.row.id : undefined);
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{(all) => {
      const needle = typed.trim().toLowerCase();
      const found = needle === '' ? [] : all.filter((c) => c.name.toLowerCase().includes(needle) || c.tagText.toLowerCase().includes(needle) || c.id === needle).slice(0, 8);
      const again = all.filter((c) => c.orders > 1).length;
      // Half of what they bought came back: somebody should look.
      const watch = all.filter((c) => c.blacklisted || (c.refunds >= 2 && c.refundFen * 2 >= c.paidFen)).sort((a, b) => b.refundFen - a.refundFen);
      const row = (c: Customer, tone?: 'stopped' | 'waits'): JSX.Element => <Row key={c.id} title={c.name || c.id} words={w('customers.line', { orders: c.orders, refunds: c.refunds, at: timeText(c.lastAt) })} figure={yuan(app, c.paidFen)} tone={tone} onOpen={() => pick(c.id)} />;
      return (
        <>
          <Block title={`${w('customers.watch')} ${watch.length}`} {...(watch.length > 0 ? { tone: 'waits' as const } : {})}>{watch.length === 0 ? <Words>{w('customers.calm')}</Words> : watch.slice(0, 4).map((c) => row(c, c.blacklisted ? 'stopped' : 'waits'))}</Block>
          <Block title={w('customers.find')}><form class="form" role="search" onSubmit={(e) => { e.preventDefault(); if (found[0]) pick(found[0].id); }}><input type="search" aria-label={w('customers.find')} placeholder={w('customers.findWords')} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} /></form>{found.map((c) => row(c))}{needle !== '' && found.length === 0 ? <Words>{w('customers.none')}</Words> : null}</Block>
          {id === undefined ? <Block title={w('customers.selected')}><Words>{w('customers.pick')}</Words></Block> : <Timeline key={id} app={app} id={id} close={() => pick(undefined)} />}
          <Block title={w('customers.again')}><div class="big">{percent(all.length === 0 ? 0 : Math.round((again / all.length) * 10_000))}<small>{w('customers.againWords', { n: again.toLocaleString(), of: all.length.toLocaleString() })}</small></div><ChartOf app={app} figures={repurchase(app, all)} /></Block>
        </>
      );
    }}</Loaded>
  );
}
function Timeline({ app, id, close }: { readonly app: App; readonly id: string; readonly close: () => void }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const asked = useAsked(() => client.call('customerTimeline', { params: { id } }), 60_000, [id]);
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{({ customer: c, events }) => (
      <Block title={`${c.name || c.id}${c.tagText ? ` · ${c.tagText}` : ''}`} {...(c.blacklisted ? { tone: 'stopped' as const } : {})}>
        <Words>{w('customers.sum', { orders: c.orders, paid: yuan(app, c.paidFen), refunds: c.refunds, refunded: yuan(app, c.refundFen) })}</Words>
        {events.slice(0, 12).map((e) => <Row key={`${e.kind}${e.id}${e.at}`} title={e.words[lang]} words={timeText(e.at)} figure={e.amountFen === undefined ? undefined : yuan(app, e.amountFen)} tone={e.kind === 'refund' ? 'waits' : 'muted'} onOpen={e.kind === 'order' ? () => void desk.open('orders').then(() => desk.jumpTo({ sheet: 'orders', id: e.id, column: 'platformOrderId' })) : undefined} />)}
        <button type="button" class="plain" onClick={close}>{w('do.back')}</button>
      </Block>
    )}</Loaded>
  );
}
