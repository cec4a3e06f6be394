import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, type App } from './store.ts';

type Both = { readonly zh: string; readonly en: string };
type Day = { readonly id: string; readonly shopName: string; readonly day: string; readonly platform: number; readonly ours: number; readonly unpaid: number; readonly waiting: number; readonly held: number; readonly holdText: Both; readonly shipped: number; readonly pushed: number; readonly refused: number; readonly closed: number; readonly difference: number; readonly differences: readonly { readonly kind: string; readonly words: Both; readonly orderIds: readonly string[] }[] };
const DAYS = 3;
const SHOWN = 20;

/** Per shop and day: what the platform has, what we have sent and told, and each order on which the two differ. */
export function Promises({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const [open, setOpen] = useState<string | undefined>(undefined);
  const asked = useAsked(async () => {
    const rows = (await client.list('promises', undefined, 5_000)).rows as unknown as Day[];
    const days = [...new Set(rows.map((r) => r.day))].sort().reverse().slice(0, DAYS);
    return rows.filter((r) => days.includes(r.day)).sort((a, b) => b.difference - a.difference || (a.day < b.day ? 1 : a.day > b.day ? -1 : a.shopName < b.shopName ? -1 : 1));
  }, 15_000);
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{(rows) => {
      const differ = rows.reduce((n, r) => n + r.difference, 0);
      return (
        <Block title={w('promises.title')} {...(differ > 0 ? { tone: 'stopped' as const } : {})}>
          <Words>{rows.length === 0 ? w('promises.none') : differ === 0 ? w('promises.kept') : w('promises.differ', { n: differ })}</Words>
          {rows.slice(0, SHOWN).map((r) => (
            <div key={r.id}>
              <Row title={`${r.shopName} · ${r.day.slice(5)}`} words={w('promises.line', { ours: r.ours, shipped: r.shipped, pushed: r.pushed, waiting: r.waiting, held: r.held })} figure={String(r.platform)} tone={r.difference > 0 ? 'stopped' : r.refused > 0 ? 'waits' : undefined} onOpen={() => setOpen(open === r.id ? undefined : r.id)} />
              {open === r.id ? <>{r.held > 0 ? <Words>{r.holdText[lang]}</Words> : null}{r.differences.map((d) => <div key={d.kind}><p class="error">{d.words[lang]}</p><Words>{d.orderIds.slice(0, 20).join('、')}{d.orderIds.length > 20 ? ' …' : ''}</Words></div>)}{r.held === 0 && r.differences.length === 0 ? <Words>{w('promises.same')}</Words> : null}</> : null}
            </div>
          ))}
          <div class="acts"><Act plain label={w('promises.sheet')} run={() => desk.open('promises')} /><Act plain needs="jobs:run" app={app} label={w('promises.count')} run={async () => { await client.call('runJob', { params: { name: 'count-promises' } }); asked.again(); }} /></div>
        </Block>
      );
    }}</Loaded>
  );
}
