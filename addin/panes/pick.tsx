import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Draft } from '../sheets/drafts.ts';
import { Block, Row, Words } from './parts.tsx';
import { useDesk, type App } from './store.ts';

type Hit = { readonly code: string; readonly name: string };
const WAIT_MS = 120;
const SHOWN = 20;

/** SKUs by typed letters, out of any number: asked of the service as one types; arrows and Enter choose. */
export function SkuList({ app, first, choose }: { readonly app: App; readonly first: readonly Hit[]; readonly choose: (code: string) => Promise<void> }): JSX.Element {
  const [typed, type] = useState('');
  const [found, show] = useState<readonly Hit[]>(first);
  useEffect(() => {
    if (typed.trim() === '') return show(first);
    let gone = false;
    const timer = setTimeout(() => void app.client.call('findSkus', { query: { q: typed, limit: SHOWN } }).then(({ skus }) => { if (!gone) show(skus); }, () => undefined), WAIT_MS);
    return () => { gone = true; clearTimeout(timer); };
  }, [typed]);
  return (
    <div class="form">
      <label>{app.words('pick.find')}<input data-test="find-sku" type="text" value={typed} onInput={(e) => type(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === 'Enter' && found[0]) { e.preventDefault(); void choose(found[0].code); } }} /></label>
      {found.map((s) => <Row key={s.code} title={s.code} words={s.name} onOpen={() => void choose(s.code)} />)}
      {typed.trim() !== '' && found.length === 0 ? <Words>{app.words('pick.none')}</Words> : null}
    </div>
  );
}
export const Choose = ({ app, draft }: { readonly app: App; readonly draft: Draft }): JSX.Element | null =>
  (draft.problem?.may ? <SkuList app={app} first={draft.problem.may} choose={(code) => app.desk.choose(draft, code)} /> : null);

/** The selected cell holds a code: it can be chosen here instead of typed. */
export function PickForCell({ app }: { readonly app: App }): JSX.Element | null {
  const { selected, drafts } = useDesk(app);
  const column = selected && app.desk.own.sheet(selected.sheet)?.columns.find((c) => c.key === selected.column);
  if (!selected || column?.names !== 'skus' || !column.editable) return null;
  if (drafts.some((d) => d.sheet === selected.sheet && d.id === selected.row.id && d.column === column.key && d.problem?.may)) return null;
  return <Block title={app.words('pick.title', { column: column.title[app.lang] })}><SkuList key={`${selected.row.id}${column.key}`} app={app} first={[]} choose={(code) => app.desk.choose({ sheet: selected.sheet, id: selected.row.id, column: column.key, revision: selected.row.revision }, code)} /></Block>;
}
