import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { SHEETS } from '../../api/contract/sheets/index.ts';
import { fenFromInteger, yuanForCell } from '../../api/contract/values/money.ts';
import type { Explanation, FigureKind, FigureRef } from '../../api/contract/why.ts';
import type { Copy } from '../sheets/copies.ts';
import { subjectAt, type Subject } from '../sheets/figures.ts';
import { Act, Block, Row, Words } from './parts.tsx';
import { useAsking, type App } from './store.ts';

/** A figure in full, never shortened: what it is made of must be seen to the fen. */
export function figureText(value: number | string | null, kind: FigureKind): string {
  if (value === null) return '—';
  if (typeof value === 'string' || kind === 'text') return String(value);
  if (kind === 'money') return yuanForCell(fenFromInteger(value)).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  if (kind === 'rate') return (value / 10_000).toLocaleString('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 2 });
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
type Step = { readonly is: 'subject' } | { readonly is: 'figure'; readonly ref: FigureRef };

/** Why the selected cell says what it says: opened further with each row, and back again. */
export function WhyPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, desk } = app;
  const turn = useAsking(app);
  const [subject, setSubject] = useState<Subject | undefined>(undefined);
  const [way, setWay] = useState<readonly Step[]>([{ is: 'subject' }]);
  const look = async (): Promise<void> => {
    const found = await subjectAt(desk, await desk.port.selection());
    setSubject(found);
    setWay([found.is === 'figure' ? { is: 'figure', ref: found.ref } : { is: 'subject' }]);
  };
  useEffect(() => { void look(); }, [turn]);
  const open = (ref: FigureRef): void => setWay([...way, { is: 'figure', ref }]);
  const back = (): void => setWay(way.slice(0, -1));
  const step = way.at(-1)!;
  return (
    <div class="why" tabIndex={-1} onKeyDown={(e) => { if (e.key === 'Escape' && way.length > 1) back(); }}>
      <div class="acts">{way.length > 1 ? <button type="button" class="plain" onClick={back}>{w('do.back')}</button> : null}<Act plain label={w('why.selected')} run={look} /></div>
      {step.is === 'figure' ? <Figure key={JSON.stringify(step.ref)} app={app} figure={step.ref} open={open} /> : <Cell app={app} subject={subject} open={open} />}
    </div>
  );
}

/** A formula of the user's own over our figures: its cells, the greatest first. */
function Cell({ app, subject, open }: { readonly app: App; readonly subject: Subject | undefined; readonly open: (ref: FigureRef) => void }): JSX.Element {
  const w = app.words;
  if (subject?.is === 'copy') return <Copied app={app} copy={subject} open={open} />;
  if (subject?.is !== 'formula') return <Block title={w('why.title')}><Words>{w('why.pick')}</Words></Block>;
  return (
    <>
      <Block title={w('why.formula')}>
        <div class="big">{String(subject.shown)}</div>
        <Words><code>{subject.formula}</code></Words>
        <Words>{subject.adds ? w('why.adds', { n: subject.terms.length + subject.more, total: figureText(subject.total, subject.kind) }) : w('why.reads', { n: subject.terms.length + subject.more })}</Words>
      </Block>
      <Block title={w('why.parts')}>
        {subject.terms.map((t) => <Row key={`${t.ref.noun}${t.ref.id}${t.ref.field}`} title={t.label || t.ref.id} words={t.column} figure={figureText(t.value, t.kind)} onOpen={() => open(t.ref)} />)}
        {subject.more > 0 ? <Row title={w('why.more', { n: subject.more })} figure={figureText(subject.total - subject.terms.reduce((n, t) => n + t.value, 0), subject.kind)} tone="muted" /> : null}
      </Block>
    </>
  );
}

/** A value that was copied or summed up: Excel does not say from where, so this says how it was found, and whether it is that or only the nearest. */
function Copied({ app, copy, open }: { readonly app: App; readonly copy: Copy; readonly open: (ref: FigureRef) => void }): JSX.Element {
  const { words: w, lang } = app;
  const where = copy.where.map((c) => `${c.column[lang]} = ${c.value}`).join(lang === 'zh' ? '，' : ', ');
  const told = { sheet: copy.sheet[lang], column: copy.column[lang], where: where || w('why.copyAll'), n: copy.terms.length + copy.more };
  return (
    <>
      <Block title={w(copy.exact ? 'why.copy' : 'why.copyNear')} {...(copy.exact ? {} : { tone: 'waits' as const })}>
        <div class="big">{String(copy.shown)}</div>
        <Words>{w(copy.exact ? 'why.copyIs' : 'why.copyMay', told)}</Words>
        {copy.exact ? null : <Words>{copy.others > 0 ? w('why.copyOthers', { n: copy.others }) : w('why.copyNow', { total: copy.kind === 'text' ? copy.terms[0]?.label ?? '' : figureText(copy.total, copy.kind) })}</Words>}
      </Block>
      <Block title={w('why.parts')}>
        {copy.terms.map((t) => <Row key={`${t.ref.noun}${t.ref.id}`} title={t.label || t.ref.id} words={t.column} figure={t.kind === 'text' ? undefined : figureText(t.value, t.kind)} onOpen={() => open(t.ref)} />)}
        {copy.more > 0 ? <Row title={w('why.more', { n: copy.more })} figure={figureText(copy.total - copy.terms.reduce((n, t) => n + t.value, 0), copy.kind)} tone="muted" /> : null}
      </Block>
    </>
  );
}

function Figure({ app, figure, open }: { readonly app: App; readonly figure: FigureRef; readonly open: (ref: FigureRef) => void }): JSX.Element {
  const { words: w, client, desk, lang } = app;
  const [state, set] = useState<{ readonly e?: Explanation; readonly error?: string }>({});
  useEffect(() => { client.call('whyFigure', { query: figure }).then((e) => set({ e }), (error: unknown) => set({ error: error instanceof Error ? error.message : String(error) })); }, []);
  if (state.error) return <Block title={state.error} tone="stopped"><Words>{`${figure.noun} ${figure.id}`}</Words></Block>;
  if (!state.e) return <div class="skeleton" aria-busy="true"><i /><i /><i /></div>;
  const { e } = state;
  const hasCell = SHEETS.some((s) => s.noun === e.noun && s.columns.some((c) => c.field === e.field));
  return (
    <>
      <Block title={e.title[lang]}>
        <div class="big">{figureText(e.value, e.kind)}</div>
        <Words>{e.sentence[lang]}</Words>
        {hasCell ? <Act plain label={w('do.jump')} run={() => desk.jumpToFigure(e)} /> : null}
      </Block>
      {e.parts.length > 0 ? (
        <Block title={e.how === 'sum' ? w('why.partsOf', { n: e.partsCount }) : w('why.parts')}>
          {e.parts.map((p, i) => <Row key={i} title={p.label[lang]} words={p.words[lang] || undefined} figure={p.kind === 'text' ? undefined : figureText(p.value, p.kind)} {...(p.ref ? { onOpen: () => open(p.ref!) } : {})} />)}
          {e.partsCount > e.parts.length ? <Row title={w('why.more', { n: e.partsCount - e.parts.length })} figure={figureText(e.restValue, e.kind)} tone="muted" /> : null}
          {e.how === 'sum' ? <Row title={w('why.total')} figure={figureText(e.parts.reduce((n, p) => n + p.value, 0) + e.restValue, e.parts[0]?.kind === 'quantity' ? 'quantity' : e.kind)} /> : null}
        </Block>
      ) : null}
      {e.source.length > 0 ? <Block title={w('why.source')}><dl class="source">{e.source.map((s, i) => <div key={i}><dt>{s.label[lang]}</dt><dd>{s.value}</dd></div>)}</dl></Block> : null}
    </>
  );
}
