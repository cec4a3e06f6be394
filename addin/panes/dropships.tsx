import type { JSX } from 'preact';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, useDesk, type App } from './store.ts';

/** A file of the service, kept under its name. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** What each supplier is to send: as a file or by mail; their numbers come back in the sheet. */
export function Dropships({ app }: { readonly app: App }): JSX.Element {
  const { words: w, client, desk } = app;
  const state = useDesk(app);
  const asked = useAsked(() => client.call('dropshipSummary'), 10_000, [state.refreshed['dropships']?.at]);
  const after = async (n: string): Promise<void> => { desk.say('done', n, n); asked.again(); await desk.refresh('dropships'); };
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{(s) => (
      <Block title={w('drop.title')}>
        {s.suppliers.length === 0 ? <Words>{w('drop.none')}</Words> : null}
        {s.suppliers.map((x) => (
          <div key={x.supplierId}>
            <Row title={x.name} words={w('drop.line', { sent: x.sent, short: x.short, stopped: x.stopped })} figure={x.toSend.toLocaleString()} tone={x.stopped > 0 ? 'stopped' : x.short > 0 ? 'waits' : undefined} onOpen={() => void desk.open('dropships')} />
            {x.toSend > 0 ? <div class="acts">
              {(['xlsx', 'csv'] as const).map((format) => <Act key={format} plain needs="personal:read" app={app} label={w('drop.file', { format: format.toUpperCase() })} run={async () => { saveFile(await client.file('sendDropships', { body: { supplierId: x.supplierId, format, again: [] } }), `${w('drop.title')}-${x.name}.${format}`); await after(w('drop.sent', { n: x.toSend, name: x.name })); }} />)}
              {s.mail ? <Act plain needs="personal:read" app={app} label={w('drop.mail')} run={async () => { const done = await client.call('mailDropships', { body: { supplierId: x.supplierId, again: [] } }); await after(w('drop.mailed', { n: done.parcels, to: done.to })); }} /> : null}
            </div> : null}
          </div>
        ))}
        <div class="acts"><Act plain label={w('drop.sheet')} run={() => desk.open('dropships')} /><Act plain label={w('drop.supply')} run={() => desk.open('supply')} /></div>
      </Block>
    )}</Loaded>
  );
}
