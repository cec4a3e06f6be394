import type { JSX } from 'preact';
import { Act, Block, Words } from './parts.tsx';
import { useDesk, type App } from './store.ts';
import { openFile } from './waves.tsx';

const DOCUMENTS = ['slip', 'label', 'pick-list', 'sku-label'] as const;
/** Slips, waybills, pick lists and labels of goods: their sheet, a page to look at (with what is not published yet), the logo, and the way back. */
export function PrintLayout({ app }: { readonly app: App }): JSX.Element {
  const { words: w, client, desk } = app;
  const { drafts } = useDesk(app);
  const own = drafts.filter((d) => d.sheet === 'print-templates');
  const draftOf = (document: string): { id: string }[] => {
    const rows = new Map<string, Record<string, unknown>>();
    for (const d of own.filter((x) => x.id.startsWith(`${document}/`))) rows.set(d.id, { ...rows.get(d.id), [d.column]: valueOf(d.column, d.value) });
    return [...rows].map(([id, cells]) => ({ id, ...cells }));
  };
  const upload = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    const form = new FormData();
    form.append('file', file);
    const done = await client.upload('/api/v1/print-templates/logo', form).then(() => undefined, (error: unknown) => (error instanceof Error ? error.message : String(error)));
    desk.say(done === undefined ? 'done' : 'told', done ?? w('paper.logoSet'), done ?? w('paper.logoSet'));
  };
  return (
    <Block title={w('paper.title')}>
      <Words>{own.length > 0 ? w('paper.drafts', { n: own.length }) : w('paper.words')}</Words>
      <div class="acts"><Act plain label={w('paper.sheet')} run={() => desk.open('print-templates')} />{DOCUMENTS.map((document) => <Act key={document} plain label={w(`paper.${document}`)} run={async () => openFile(await client.file('previewTemplate', { body: { document, draft: draftOf(document) } }))} />)}</div>
      {app.may('settings:write') ? <label class="drop"><input type="file" accept="image/png,image/jpeg" onChange={(e) => void upload(e.currentTarget.files?.[0])} /><span>{w('paper.logo')}</span><small>{w('paper.logoWords')}</small></label> : null}
    </Block>
  );
}
const valueOf = (column: string, value: unknown): unknown => (column === 'position' || column === 'size' ? Math.trunc(Number(value)) || 0 : column === 'shown' || column === 'rule' ? value === true || /^(true|是|yes|1)$/i.test(String(value)) : String(value ?? ''));
