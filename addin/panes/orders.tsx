import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { timeText, percent } from '../i18n/words.ts';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, useDesk, type App } from './store.ts';
import { Arrange, openFile, Waves } from './waves.tsx';

/** What is stuck and why; the selected order and its why; what can be printed. */
export function OrdersPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const state = useDesk(app);
  const asked = useAsked(() => client.call('ordersSummary'), 8_000, [state.refreshed['orders']?.at]);
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{(s) => (
      <>
        {s.alarms.length > 0 ? <Block title={w('home.alarms')} tone="stopped">{s.alarms.map((a) => <Row key={a.parcelId} title={a.words[lang]} words={a.parcelId} tone="stopped" onOpen={() => void desk.open('parcels').then(() => desk.jumpTo({ sheet: 'parcels', id: a.parcelId, column: 'alarm' }))} />)}</Block> : null}
        <Block title={w('orders.held')}>
          <Words>{w('home.self', { n: s.passedByThemselves.toLocaleString(), of: s.decided.toLocaleString(), share: percent(s.passedShare) })}</Words>
          {s.held.length === 0 ? <Words>{w('orders.none')}</Words> : s.held.map((h) => <Row key={h.code} title={h[lang]} words={w('orders.oldest', { at: timeText(h.oldestAt) })} figure={h.count.toLocaleString()} tone="waits" onOpen={() => void desk.open('orders')} />)}
          {s.pending > 0 ? <Act plain label={`${w('do.review')} · ${w('orders.pending', { n: s.pending })}`} run={async () => { await client.call('runJob', { params: { name: 'review-orders' } }); asked.again(); }} /> : null}
        </Block>
        {s.urgent.length > 0 ? <Block title={w('orders.urgent')}>{s.urgent.slice(0, 3).map((o) => <Row key={o.id} title={o.platformOrderId} words={`${o.words[lang]} · ${w('orders.shipBy', { at: timeText(o.shipByAt) })}`} tone="waits" onOpen={() => void desk.open('orders').then(() => desk.jumpTo({ sheet: 'orders', id: o.id, column: 'platformOrderId' }))} />)}</Block> : null}
        <Selected app={app} />
        <Waves app={app} ready={s.toPrint.reduce((n, p) => n + p.count, 0)} again={asked.again} />
        <Parcels app={app} ready={s.toPrint} toShip={s.toShip} again={asked.again} />
        <PullOrders app={app} />
      </>
    )}</Loaded>
  );
}

type OrderLine = { readonly skuCode: string | null; readonly quantity: number };
/** What the goods of an order have left by. */
const LEFT: ReadonlySet<string> = new Set(['shipped', 'delivered', 'returned', 'elsewhere']);
type Why = { readonly sentence: { zh: string; en: string }; readonly rows: readonly { readonly row: string; readonly place: number; readonly zh: string; readonly en: string; readonly looked: Record<string, unknown> }[] };
function Selected({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const { selected } = useDesk(app);
  const [again, setAgain] = useState<string | undefined>(undefined);
  const [why, setWhy] = useState<{ readonly id: string; readonly why: Why } | undefined>(undefined);
  if (selected?.sheet !== 'orders') return <Block title={w('orders.selected')}><Words>{w('orders.pick')}</Words></Block>;
  const { row } = selected;
  const held = row['reviewState'] === 'held';
  const sentence = (row['why'] as { zh: string; en: string } | undefined)?.[lang] ?? '';
  const shown = why?.id === row.id ? why.why : undefined;
  const decide = async (name: 'releaseOrder' | 'holdOrder'): Promise<void> => {
    await client.call(name, { params: { id: row.id }, body: { note: '' } });
    await desk.refresh('orders');
  };
  return (
    <Block title={`${w('orders.selected')} ${String(row['platformOrderId'])}`}>
      <Words>{sentence}</Words>
      {shown ? shown.rows.map((r) => <Row key={r.row} title={r[lang]} words={`${w('orders.ruleRow', { place: r.place, row: r.row })} · ${w('orders.looked')} ${Object.entries(r.looked).map(([k, v]) => `${k} = ${String(v)}`).join('；')}`} />) : null}
      <div class="acts">
        {held ? <Act needs="orders:write" app={app} label={w('do.release')} run={() => decide('releaseOrder')} /> : LEFT.has(String(row['stage'])) || row['stage'] === 'closed' ? null : <Act needs="orders:write" app={app} label={w('do.hold')} run={() => decide('holdOrder')} />}
        {LEFT.has(String(row['stage'])) ? <button type="button" class="plain" aria-expanded={again === row.id} onClick={() => setAgain(again === row.id ? undefined : row.id)}>{w('orders.sendAgain')}</button> : null}
        {row['channel'] === 'own' && !LEFT.has(String(row['stage'])) && row['stage'] !== 'closed' ? <Act plain needs="orders:write" app={app} label={w('orders.closeOwn')} run={async () => { await client.call('closeOwnOrder', { params: { id: row.id }, body: {} }); await desk.refresh('orders'); }} /> : null}
        {row['channel'] !== 'own' ? <Act plain needs="orders:write" app={app} label={w('orders.pullAgain')} run={async () => { const { rows } = await client.call('pullOrders', { body: { platformOrderIds: [String(row['platformOrderId'])] } }); const said = rows[0]?.words ?? { zh: '', en: '' }; desk.say('told', said.zh, said.en); await desk.refresh('orders'); }} /> : null}
        <Act plain label={w('do.why')} run={async () => setWhy({ id: row.id, why: await client.call('whyOrder', { params: { id: row.id } }) })} />
      </div>
      {again === row.id ? <SendAgain key={row.id} app={app} id={row.id} lines={row['lines'] as readonly OrderLine[]} done={() => setAgain(undefined)} /> : null}
    </Block>
  );
}

type Pulled = { readonly platformOrderId: string; readonly found: string; readonly shopName?: string | undefined; readonly words: { readonly zh: string; readonly en: string } };
/** What a buyer asks about and the sheet does not show. */
function PullOrders({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const [typed, setTyped] = useState('');
  const [rows, setRows] = useState<readonly Pulled[]>([]);
  const numbers = typed.split(/[\s,，;；、]+/).filter(Boolean);
  const pull = async (): Promise<void> => {
    const done = await client.call('pullOrders', { body: { platformOrderIds: numbers.slice(0, 50) } });
    setRows(done.rows);
    if (done.rows.some((r) => r.found === 'new' || r.found === 'changed')) await desk.refresh('orders');
  };
  return (
    <Block title={w('orders.pull')}>
      <Words>{w('orders.pullWords')}</Words>
      <form class="form" onSubmit={(e) => e.preventDefault()}><label>{w('orders.pullNumbers')}<input data-test="pull-numbers" value={typed} onInput={(e) => setTyped(e.currentTarget.value)} /></label><div class="acts"><Act plain needs="orders:write" app={app} label={w('orders.pullNow')} disabled={numbers.length === 0} run={pull} /></div></form>
      {rows.map((r) => <Row key={r.platformOrderId} title={r.platformOrderId} words={[r.shopName, r.words[lang]].filter(Boolean).join(' · ')} tone={r.found === 'not_found' ? 'stopped' : 'muted'} />)}
    </Block>
  );
}

/** Of what has left: something once more, or something else instead; an order of our own, linked to the first. */
function SendAgain({ app, id, lines, done }: { readonly app: App; readonly id: string; readonly lines: readonly OrderLine[]; readonly done: () => void }): JSX.Element {
  const { words: w, client, desk } = app;
  const [pieces, setPieces] = useState(lines.map((l) => ({ skuCode: l.skuCode ?? '', quantity: l.quantity })));
  const [note, setNote] = useState('');
  const change = (at: number, part: Partial<(typeof pieces)[number]>): void => setPieces(pieces.map((p, i) => (i === at ? { ...p, ...part } : p)));
  const wanted = pieces.filter((p) => p.skuCode.trim() !== '' && p.quantity > 0);
  const send = (kind: 'resend' | 'exchange') => async (): Promise<void> => {
    const { platformOrderId } = await client.call('sendAgain', { params: { id }, body: { kind, lines: wanted, note } });
    desk.say('done', w('orders.againDone', { id: platformOrderId }), w('orders.againDone', { id: platformOrderId }));
    done();
    await desk.refresh('orders');
  };
  const ready = wanted.length > 0 && note.trim() !== '';
  return (
    <form class="form" onSubmit={(e) => e.preventDefault()}>
      <Words>{w('orders.againLines')}</Words>
      {pieces.map((p, i) => <div class="pair" key={i}><label>{w('orders.againSku')}<input data-test={`again-sku-${i}`} value={p.skuCode} onInput={(e) => change(i, { skuCode: e.currentTarget.value })} /></label><label>{w('orders.againPieces')}<input data-test={`again-pieces-${i}`} type="number" min={0} step={1} value={p.quantity} onInput={(e) => change(i, { quantity: Math.max(0, Math.trunc(Number(e.currentTarget.value))) })} /></label></div>)}
      <label>{w('orders.againNote')}<input data-test="again-note" value={note} maxLength={200} onInput={(e) => setNote(e.currentTarget.value)} /></label>
      <div class="acts"><Act needs="orders:write" app={app} label={w('orders.resend')} disabled={!ready} run={send('resend')} /><Act plain needs="orders:write" app={app} label={w('orders.exchange')} disabled={!ready} run={send('exchange')} /></div>
    </form>
  );
}

/** Prints and ships the parcels that are selected in the parcels sheet. */
function Parcels({ app, ready, toShip, again }: { readonly app: App; readonly ready: readonly { readonly courierCode: string; readonly count: number }[]; readonly toShip: number; readonly again: () => void }): JSX.Element {
  const { words: w, client, desk } = app;
  const { selected } = useDesk(app);
  const act = async (work: (ids: string[]) => Promise<number>, done: 'orders.printed' | 'orders.shipped' | 'orders.pulled'): Promise<void> => {
    const { sheet, ids } = await desk.selectedIds();
    if (sheet !== 'parcels' || ids.length === 0) return desk.say('told', w('orders.parcelsHint'), w('orders.parcelsHint'));
    const words = w(done, { n: await work([...ids]) });
    desk.say('done', words, words);
    await desk.refresh('parcels');
    again();
  };
  const print = (name: 'printParcels' | 'printLabels') => async (ids: string[]): Promise<number> => {
    openFile(await client.file(name, { body: { ids } }));
    return ids.length;
  };
  const chosen = async (): Promise<readonly string[]> => { const { sheet, ids } = await desk.selectedIds(); return sheet === 'parcels' ? ids : []; };
  return (
    <Block title={w('orders.ready')}>
      {ready.map((r) => <Row key={r.courierCode} title={r.courierCode} figure={r.count.toLocaleString()} onOpen={() => void desk.open('parcels')} />)}
      {toShip > 0 ? <Row title={w('home.toShip')} figure={toShip.toLocaleString()} onOpen={() => void desk.open('parcels')} /> : null}
      <Words>{w('orders.parcelsHint')}</Words>
      {selected?.sheet === 'parcels' ? <div class="acts"><Act needs="parcels:write" app={app} label={w('do.print', { n: '' })} run={() => act(print('printParcels'), 'orders.printed')} /><Act plain needs="parcels:write" app={app} label={w('waves.labels')} run={() => act(print('printLabels'), 'orders.printed')} /><Act plain needs="parcels:write" app={app} label={w('do.pullBack')} run={() => act(async (ids) => (await client.call('pullBackParcels', { body: { ids } })).pulled, 'orders.pulled')} /><Act needs="parcels:write" app={app} label={w('do.ship', { n: '' })} run={() => act(async (ids) => (await client.call('shipParcels', { body: { ids } })).shipped, 'orders.shipped')} /></div> : null}
      {selected?.sheet === 'parcels' ? <Arrange app={app} ids={chosen} again={again} /> : null}
    </Block>
  );
}
