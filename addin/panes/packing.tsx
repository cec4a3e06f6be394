import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { percent } from '../i18n/words.ts';
import { Dropships } from './dropships.tsx';
import { Block, Loaded, Row, Words } from './parts.tsx';
import { Promises } from './promises.tsx';
import { useAsked, type App } from './store.ts';

/** The packing table, what was promised and kept, and what suppliers send. */
export function PackingPane({ app }: { readonly app: App }): JSX.Element {
  return <><Table app={app} /><Shares app={app} /><Promises app={app} /><Dropships app={app} /></>;
}

type Wanted = { readonly skuCode: string; readonly barcode: string; readonly quantity: number; readonly name: string; readonly wantsSerial: boolean };
type Box = { readonly parcelId: string; readonly slot: number; readonly wanted: readonly Wanted[]; readonly memo: string; readonly since: number };
type Scanned = { readonly code: string; readonly quantity: number; readonly serials: readonly string[] };
type Caught = { readonly code: string; readonly kind: string; readonly wanted: number; readonly scanned: number };
type State = { readonly box: Box | undefined; readonly items: readonly Scanned[]; readonly caught: readonly Caught[]; readonly words: string; readonly bad: boolean; /** A packed parcel that goes on the scale; the weight that was refused once. */ readonly scale: { readonly id: string; readonly refused: number } | undefined; readonly serialOf: string | undefined };
const EMPTY: State = { box: undefined, items: [], caught: [], words: '', bad: false, scale: undefined, serialOf: undefined };
const WEIGHS = 'suanpan.weighs';

const isOf = (w: Wanted, code: string): boolean => code === w.barcode || code.toLowerCase() === w.skuCode.toLowerCase();
const countOf = (items: readonly Scanned[], w: Wanted): number => items.filter((i) => isOf(w, i.code)).reduce((n, i) => n + i.quantity, 0);
/** One more piece of a code; pieces with numbers of their own keep them. */
const more = (items: readonly Scanned[], code: string, serial?: string): Scanned[] => {
  const there = items.find((i) => i.code === code) ?? { code, quantity: 0, serials: [] };
  return [...items.filter((i) => i.code !== code), { code, quantity: there.quantity + 1, serials: serial ? [...there.serials, serial] : there.serials }];
};

/** Scan the parcel, scan its pieces; when all are there it is checked by itself. Enter without a text checks now, Escape begins anew. */
function Table({ app }: { readonly app: App }): JSX.Element {
  const { words: w } = app;
  const [s, draw] = useState<State>(EMPTY);
  // A scanner is faster than a page is drawn: each scan goes on from what the one before has left, in their order.
  const now = useRef(s);
  const queue = useRef(Promise.resolve());
  const set = (next: State): void => { now.current = next; draw(next); };
  const [weighs, weigh] = useState(globalThis.localStorage?.getItem(WEIGHS) === 'yes');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), [s]);
  const failed = (error: unknown): void => set({ ...now.current, words: error instanceof Error ? error.message : String(error), bad: true });
  const scanned = (text: string): void => { queue.current = queue.current.then(() => step({ app, s: now.current, set, weighs }, text)).catch(failed); };
  const ask = s.scale ? w('pack.scale') : s.serialOf ? w('pack.serial', { sku: s.serialOf }) : s.box ? w('pack.items') : w('pack.scan');
  return (
    <Block title={w('pack.title')} {...(s.bad ? { tone: 'stopped' as const } : {})}>
      <form class="form" onSubmit={(e) => e.preventDefault()}>
        <label>{ask}<input ref={input} type="text" inputMode={s.scale ? 'numeric' : 'text'} aria-label={ask} autocomplete="off" autocapitalize="off" spellcheck={false} onKeyDown={(e) => {
          const field = e.currentTarget;
          if (e.key === 'Escape') { e.stopPropagation(); field.value = ''; set(EMPTY); }
          if (e.key !== 'Enter') return;
          e.preventDefault();
          const text = field.value.trim();
          field.value = '';
          scanned(text);
        }} /></label>
      </form>
      <div role="status" aria-live="assertive">{s.words ? <p class={s.bad ? 'error' : 'words'}>{s.words}</p> : null}</div>
      {s.caught.map((c) => <Row key={`${c.code} ${c.kind}`} title={`${c.code} · ${w(`pack.caught.${c.kind}` as 'pack.caught.wrong')}`} words={w('pack.of', { n: c.scanned, of: c.wanted })} tone="stopped" />)}
      {s.box ? <><Words>{[s.box.parcelId, s.box.slot > 0 ? w('pack.slot', { n: s.box.slot }) : '', s.box.memo].filter(Boolean).join(' · ')}</Words>{s.box.wanted.map((x) => <Row key={x.skuCode} title={`${x.skuCode} ${x.name}`} figure={`${countOf(s.items, x)} / ${x.quantity}`} tone={countOf(s.items, x) > x.quantity ? 'stopped' : countOf(s.items, x) === x.quantity ? 'muted' : 'waits'} />)}</> : null}
      <label class="tick"><input type="checkbox" checked={weighs} onChange={(e) => { weigh(e.currentTarget.checked); globalThis.localStorage?.setItem(WEIGHS, e.currentTarget.checked ? 'yes' : 'no'); }} /> {w('pack.weighs')}</label>
      <Words>{w('pack.keys')}</Words>
    </Block>
  );
}

type Going = { readonly app: App; readonly s: State; readonly set: (next: State) => void; readonly weighs: boolean };
async function step(g: Going, text: string): Promise<void> {
  const { app, s, set } = g;
  if (s.scale) return onScale(g, s.scale, text);
  if (!s.box) {
    if (text === '') return;
    const box = await app.client.call('openBox', { params: { id: text } });
    return set({ ...EMPTY, box: { ...box, since: Date.now() } });
  }
  if (text === '') return check(g, s.box, s.items);
  if (s.serialOf) {
    const items = more(s.items, s.serialOf, text);
    set({ ...s, items, serialOf: undefined, words: '', bad: false, caught: [] });
    return allThere(s.box, items) ? check(g, s.box, items) : undefined;
  }
  const numbered = s.box.wanted.find((x) => isOf(x, text) && x.wantsSerial);
  if (numbered) return set({ ...s, serialOf: text, words: '', bad: false });
  // A code that was typed in small letters is the SKU's own all the same.
  const items = more(s.items, s.box.wanted.find((x) => x.skuCode.toLowerCase() === text.toLowerCase())?.skuCode ?? text);
  set({ ...s, items, words: '', bad: false, caught: [] });
  if (allThere(s.box, items)) await check(g, s.box, items);
}
const allThere = (box: Box, items: readonly Scanned[]): boolean => box.wanted.every((x) => countOf(items, x) >= x.quantity);

async function check({ app, s, set, weighs }: Going, box: Box, items: readonly Scanned[]): Promise<void> {
  const w = app.words;
  const done = await app.client.call('checkBox', { params: { id: box.parcelId }, body: { items: items.map((i) => ({ code: i.code, quantity: i.quantity, ...(i.serials.length > 0 ? { serials: [...i.serials] } : {}) })), ms: Date.now() - box.since } });
  // What was caught is taken out and scanned anew, from nothing: half a count is worth none.
  if (!done.passed) return set({ ...s, box, items: [], caught: done.caught, words: w('pack.refused'), bad: true, serialOf: undefined });
  set({ ...EMPTY, words: w('pack.passed', { id: box.parcelId }), scale: weighs ? { id: box.parcelId, refused: 0 } : undefined });
}

async function onScale({ app, s, set }: Going, scale: NonNullable<State['scale']>, text: string): Promise<void> {
  const w = app.words;
  if (text === '') return set({ ...EMPTY, words: w('pack.passed', { id: scale.id }) });
  const grams = Number(text);
  if (!Number.isInteger(grams) || grams < 1) return set({ ...s, words: w('pack.grams', { text }), bad: true });
  try {
    const done = await app.client.call('weighBox', { params: { id: scale.id }, body: { grams, sure: scale.refused === grams } });
    set({ ...EMPTY, words: w('pack.weighed', { id: scale.id, n: done.grams }) });
  } catch (error) {
    // The same weight once more is a person's word that it is right.
    set({ ...s, words: error instanceof Error ? error.message : String(error), bad: true, scale: { id: scale.id, refused: grams } });
  }
}

function Shares({ app }: { readonly app: App }): JSX.Element {
  const { words: w, client } = app;
  const asked = useAsked(() => client.call('packSummary'), 10_000);
  return <Loaded asked={asked} retry={w('do.retry')}>{(p) => (
    <Block title={w('pack.shares')}>
      <Row title={w('pack.caughtShare')} words={w('pack.of', { n: p.caught.toLocaleString(), of: p.checked.toLocaleString() })} figure={percent(p.caughtShare)} tone={p.caught > 0 ? 'waits' : 'muted'} />
      <Row title={w('pack.foundShare')} words={w('pack.of', { n: p.found.toLocaleString(), of: p.shipped.toLocaleString() })} figure={percent(p.foundShare)} tone={p.found > 0 ? 'stopped' : 'muted'} />
      <Row title={w('pack.median')} figure={w('pack.seconds', { n: (p.medianMs / 1_000).toFixed(1) })} tone="muted" />
    </Block>
  )}</Loaded>;
}
