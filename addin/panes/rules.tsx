import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { TABLES } from '../../api/contract/decision-tables/index.ts';
import type { ResponseOf } from '../../api/contract/route.ts';
import type { ruleRoutes } from '../../api/contract/rules.ts';
import { percent, timeText } from '../i18n/words.ts';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { useAsked, useDesk, useTrial, yuan, type App } from './store.ts';

type Table = ResponseOf<typeof ruleRoutes.getTable>;
type Trial = ResponseOf<typeof ruleRoutes.dryRunTable>;
type RuleRow = Table['rows'][number];
const DAY_MS = 86_400_000;
const dayBack = (days: number): string => new Date(Date.now() + 28_800_000 - days * DAY_MS).toISOString().slice(0, 10);

/** The live rows with what was edited in the sheet and is not published yet. */
export function draftRows(live: readonly RuleRow[], drafts: readonly { readonly id: string; readonly column: string; readonly value: unknown }[]): RuleRow[] {
  const rows = live.map((r) => ({ ...r, cells: { ...r.cells } }));
  for (const d of drafts) {
    let row = rows.find((r) => r.id === d.id);
    if (!row) rows.push((row = { id: d.id, enabled: true, cells: {} }));
    if (d.column === 'enabled') row.enabled = d.value === true;
    else if (d.column !== 'place') row.cells[d.column] = d.value === null || d.value === undefined ? '' : String(d.value);
  }
  for (const d of drafts.filter((x) => x.column === 'place')) {
    const [row] = rows.splice(rows.findIndex((r) => r.id === d.id), 1);
    rows.splice(Math.max(0, Math.min(Number(d.value) - 1, rows.length)), 0, row!);
  }
  return rows.filter((r) => Object.values(r.cells).some((c) => c !== ''));
}

/** A table is edited as a sheet; here it is tried on the last 30 days, published, and taken back. */
export function RulesPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const asked = useTrial(app);
  const [name, pick] = useState(asked.table || 'order-review');
  const state = useDesk(app);
  // It follows the sheet that is worked on, and what the ribbon asks for.
  useEffect(() => { if (asked.table) pick(asked.table); }, [asked]);
  useEffect(() => { if (TABLES.some((t) => t.name === state.on)) pick(state.on!); }, [state.on]);
  const drafts = state.drafts.filter((d) => d.sheet === name);
  const tables = useAsked(() => client.call('listTables'), 30_000);
  const table = useAsked(() => client.call('getTable', { params: { table: name } }), 15_000, [name, state.refreshed[name]?.at]);
  return (
    <Loaded asked={tables} retry={w('do.retry')}>{({ tables: list }) => (
      <>
        <Block title={w('rules.tables')}>
          <div class="form"><label>{w('rules.table')}<select data-test="table" value={name} onChange={(e) => pick(e.currentTarget.value)}>{list.map((t) => <option key={t.name} value={t.name}>{t.title[lang]} · {w('rules.version', { n: t.version })}</option>)}</select></label></div>
          <Words>{list.find((t) => t.name === name)?.about[lang]}</Words>
          <div class="acts"><Act plain label={w('do.open')} run={() => desk.open(name)} /></div>
        </Block>
        {table.data?.name === name ? <Draft key={name} app={app} table={table.data} drafts={drafts} turn={asked.table === name ? asked.turn : 0} again={() => { table.again(); tables.again(); }} /> : null}
        <Inbox app={app} />
        {name === 'order-review' ? <Finder app={app} /> : null}
      </>
    )}</Loaded>
  );
}

type DraftProps = { readonly app: App; readonly table: Table; readonly drafts: readonly { readonly id: string; readonly column: string; readonly value: unknown }[]; /** Counts how often the ribbon asked for a trial. */ readonly turn: number; readonly again: () => void };
function Draft({ app, table, drafts, turn, again }: DraftProps): JSX.Element {
  const { words: w, client, desk } = app;
  const [trial, setTrial] = useState<Trial | undefined>(undefined);
  const [at, setAt] = useState('');
  const params = { table: table.name };
  const tryIt = async (): Promise<void> => {
    const runId = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    const timer = setInterval(() => void client.call('dryRunProgress', { params: { table: table.name, runId } }).then((p) => setAt(p.total > 0 ? `${p.done} / ${p.total}` : ''), () => undefined), 500);
    try {
      setTrial(await client.call('dryRunTable', { params, body: { rows: draftRows(table.rows, drafts), from: dayBack(30), to: dayBack(0), runId } }));
    } finally {
      clearInterval(timer);
      setAt('');
    }
  };
  // Once: a pane that is opened again later tries nothing by itself.
  useEffect(() => { if (turn > 0) { app.trial = { table: table.name, turn: 0 }; void tryIt().catch((error: unknown) => desk.say('bad', String(error), String(error))); } }, [turn]);
  const may = app.may('rules:write');
  const done = async (version: number, reviewedAgain: number): Promise<void> => {
    const words = w('rules.published', { n: version, again: reviewedAgain });
    setTrial(undefined);
    if (drafts.length > 0) await desk.discard(table.name);
    desk.say('done', words, words);
    if (desk.state.refreshed[table.name]) await desk.refresh(table.name);
    again();
  };
  const publish = async (waitingToo: boolean): Promise<void> => {
    const answer = await client.call('publishTable', { params, body: { rows: draftRows(table.rows, drafts), base: table.version, note: '', waitingToo } });
    await done(answer.version, answer.reviewedAgain);
  };
  return (
    <>
      <Block title={w('rules.draft', { n: drafts.length })}>
        <Words>{drafts.length === 0 ? w('rules.how') : [...new Set(drafts.map((d) => d.id))].join('、')}</Words>
        <div class="acts"><Act label={w('rules.try')} run={tryIt} />{at ? <small>{at}</small> : null}</div>
      </Block>
      {trial ? <Result app={app} trial={trial} /> : null}
      {trial && drafts.length > 0 && !may ? <Block title={w('rules.publish')}><Words>{w('right.none', { right: 'rules:write' })}</Words></Block> : null}
      {trial && drafts.length > 0 && may ? <Block title={w('rules.publish')}><Words>{w('rules.waiting', { n: trial.waiting.changed, released: trial.waiting.released, yuan: yuan(app, trial.waiting.releasedFen) })}</Words><div class="acts"><Act label={w('rules.fromNow')} run={() => publish(false)} /><Act plain label={w('rules.waitingToo')} run={() => publish(true)} /></div></Block> : null}
      <Block title={w('rules.versions')}>
        {table.versions.length === 0 ? <Words>{w('rules.own')}</Words> : null}
        {table.versions.slice(0, 6).map((v, i) => (
          <div class="line" key={v.version}><Row title={w('rules.version', { n: v.version })} words={[timeText(v.at), v.by, v.note].filter(Boolean).join(' · ')} />
            {i === 0 || !may ? null : <Act plain label={w('rules.back')} run={async () => { const a = await client.call('rollBackTable', { params, body: { version: v.version, waitingToo: true } }); await done(a.version, a.reviewedAgain); }} />}</div>
        ))}
        {table.version > 0 && may ? <div class="line"><Row title={w('rules.version', { n: 0 })} words={w('rules.product')} /><Act plain label={w('rules.back')} run={async () => { const a = await client.call('rollBackTable', { params, body: { version: 0, waitingToo: true } }); await done(a.version, a.reviewedAgain); }} /></div> : null}
      </Block>
    </>
  );
}

/** What would change, in orders and in money, and each order with the row that decided and the one that would. */
function Result({ app, trial }: { readonly app: App; readonly trial: Trial }): JSX.Element {
  const { words: w, lang } = app;
  return (
    <Block title={w('rules.result', { n: trial.orders.toLocaleString() })}>
      <Row title={w('rules.passed')} figure={percent(trial.passedShare)} words={w('rules.passedWords', { n: trial.passed.toLocaleString(), live: trial.livePassed.toLocaleString() })} />
      <Row title={w('rules.changed')} figure={trial.changed.toLocaleString()} words={w('rules.money', { yuan: yuan(app, trial.changedPaidFen) })} />
      {trial.released > 0 ? <Row title={w('rules.released')} figure={String(trial.released)} words={w('rules.money', { yuan: yuan(app, trial.releasedFen) })} /> : null}
      {trial.held > 0 ? <Row title={w('rules.held')} figure={String(trial.held)} words={w('rules.money', { yuan: yuan(app, trial.heldFen) })} tone="waits" /> : null}
      {trial.freightFen === 0 ? null : <Row title={w('rules.freight')} figure={yuan(app, trial.freightFen)} />}
      {trial.changes.slice(0, 12).map((c) => <Row key={c.orderId} title={c.platformOrderId} figure={yuan(app, c.paidFen)} words={`${c.was.words[lang]}${c.rowBefore ? `（${c.rowBefore}）` : ''} → ${c.is.words[lang]}${c.rowAfter ? `（${c.rowAfter}）` : ''}`} tone="muted" />)}
    </Block>
  );
}

function Inbox({ app }: { readonly app: App }): JSX.Element | null {
  const { words: w, lang, client } = app;
  const asked = useAsked(() => client.call('listApprovals', { query: { state: 'waiting' } }), 15_000);
  const rows = asked.data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Block title={w('rules.inbox')} tone="waits">
      {rows.map((r) => (
        <div class="line" key={r.id}><Row title={r.words[lang]} words={timeText(r.askedAt)} />
          {['owner', r.needs].includes(app.role()) ? <><Act label={w('rules.yes')} run={async () => { await client.call('approve', { params: { id: r.id } }); asked.again(); }} /><Act plain label={w('rules.no')} run={async () => { await client.call('refuseApproval', { params: { id: r.id }, body: { note: '' } }); asked.again(); }} /></> : null}</div>
      ))}
    </Block>
  );
}

function Finder({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client } = app;
  const [found, set] = useState<ResponseOf<typeof ruleRoutes.findRules> | undefined>(undefined);
  return (
    <Block title={w('rules.finder')}>
      <Words>{w('rules.finderWords')}</Words>
      <div class="acts"><Act plain label={w('rules.find')} run={async () => set(await client.call('findRules', { body: { weeks: 8 } }))} /></div>
      {found && found.proposals.length === 0 ? <Words>{w('rules.silent', { n: found.decisions })}</Words> : null}
      {found?.proposals.map((p) => <Row key={JSON.stringify(p.cells)} title={p.words[lang]} figure={percent(p.agreement)} words={Object.entries(p.cells).map(([k, v]) => `${k} ${v}`).join(' · ')} />)}
    </Block>
  );
}
