import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { timeText } from '../i18n/words.ts';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, type App } from './store.ts';

type Wave = { readonly id: string; readonly number: string; readonly courierCode: string; readonly warehouseCode: string; readonly parcels: number; readonly waiting: number; readonly printed: number; readonly packed: number; readonly shipped: number; readonly stopped: number; readonly at: string };
type Change = { readonly id: string; readonly words: { readonly zh: string; readonly en: string }; readonly by: string; readonly at: string; readonly undoneAt?: string };
const PAPER = ['pick-list', 'slips', 'slips-a5', 'labels'] as const;

/** A file of the service in a window of its own, to print from. */
export function openFile(blob: Blob): void {
  const url = URL.createObjectURL(blob);
  globalThis.open(url, '_blank');
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
/** Waves that are not gone yet: what is printed from each; and the way to new ones. */
export function Waves({ app, ready, again }: { readonly app: App; readonly ready: number; readonly again: () => void }): JSX.Element {
  const { words: w, client } = app;
  const [open, setOpen] = useState<string | undefined>(undefined);
  const asked = useAsked(async () => {
    const [waves, gate] = await Promise.all([client.list('waves', undefined, 2_000), client.call('packSummary')]);
    return { waves: (waves.rows as unknown as Wave[]).filter((x) => x.shipped + x.stopped < x.parcels).sort((a, b) => (a.at < b.at ? 1 : -1)), gate };
  }, 8_000);
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{({ waves, gate }) => (
      <Block title={w('waves.title', { n: waves.length })}>
        {waves.length === 0 ? <Words>{w('waves.none')}</Words> : null}
        {waves.slice(0, 8).map((x) => (
          <div key={x.id}>
            <Row title={`${x.number} · ${x.courierCode}`} words={w('waves.line', { waiting: x.waiting, printed: x.printed, packed: x.packed, shipped: x.shipped, at: timeText(x.at) })} figure={String(x.parcels)} tone={x.stopped > 0 ? 'stopped' : undefined} onOpen={() => setOpen(open === x.id ? undefined : x.id)} />
            {x.stopped > 0 ? <p class="error">{w('waves.stopped', { n: x.stopped })}</p> : null}
            {open === x.id ? <div class="acts">{PAPER.map((what) => <Act key={what} plain needs="parcels:write" app={app} label={w(`waves.${what}`)} run={async () => { openFile(await client.file('printWave', { params: { id: x.id }, body: { what } })); asked.again(); }} />)}</div> : null}
          </div>
        ))}
        <div class="acts"><Act needs="parcels:write" app={app} label={w('waves.make', { n: ready })} disabled={ready === 0} run={async () => { const { waves: made } = await client.call('makeWaves', { body: { most: 100 } }); app.desk.say('done', w('waves.made', { n: made.length }), w('waves.made', { n: made.length })); asked.again(); again(); }} /></div>
        <Words>{w('pack.line', { checked: gate.checked, caught: gate.caught, found: gate.found })}</Words>
      </Block>
    )}</Loaded>
  );
}
/** Merge, split, plan anew: first the effect, then the deed; each can be undone. */
export function Arrange({ app, ids, again }: { readonly app: App; readonly ids: () => Promise<readonly string[]>; readonly again: () => void }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const [shown, show] = useState<{ readonly kind: 'merge' | 'apart' | 'replan'; readonly ids: string[]; readonly effects: readonly { readonly zh: string; readonly en: string }[] } | undefined>(undefined);
  const changes = useAsked(async () => ((await client.list('parcel-changes', undefined, 2_000)).rows as unknown as Change[]).filter((c) => c.undoneAt === undefined).sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, 3), 15_000);
  const after = async (words: string): Promise<void> => { show(undefined); desk.say('done', words, words); changes.again(); await desk.refresh('parcels'); again(); };
  const dry = (kind: 'merge' | 'apart' | 'replan') => async (): Promise<void> => {
    const chosen = [...(await ids())];
    if (chosen.length === 0) return desk.say('told', w('orders.parcelsHint'), w('orders.parcelsHint'));
    show({ kind, ids: chosen, effects: (await client.call('arrangeParcels', { query: { dryRun: 'true' }, body: { kind, ids: chosen } })).effects });
  };
  return (
    <Block title={w('arrange.title')}>
      <div class="acts">{(['merge', 'apart', 'replan'] as const).map((kind) => <Act key={kind} plain needs="parcels:write" app={app} label={w(`arrange.${kind}`)} run={dry(kind)} />)}</div>
      {shown ? <><Words>{w('arrange.would', { what: w(`arrange.${shown.kind}`), n: shown.ids.length })}</Words>{shown.effects.map((e) => <Words key={e.zh}>{e[lang]}</Words>)}<div class="acts"><Act label={w('arrange.now')} run={async () => { await client.call('arrangeParcels', { body: { kind: shown.kind, ids: shown.ids } }); await after(w('arrange.done')); }} /><button type="button" class="plain" onClick={() => show(undefined)}>{w('do.back')}</button></div></> : null}
      {changes.data?.map((c) => <div class="line" key={c.id}><Row title={c.words[lang]} words={`${c.by} · ${timeText(c.at)}`} tone="muted" /><Act plain needs="parcels:write" app={app} label={w('arrange.undo')} run={async () => { await client.call('undoArrange', { params: { id: c.id }, body: {} }); await after(w('arrange.undone')); }} /></div>)}
    </Block>
  );
}
