import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isOwnNoun, OWN_NOUNS, OWN_ROLES, OWN_TYPE_WORDS, OWN_TYPES, type OwnNoun, type OwnType } from '../../api/contract/own-fields.ts';
import { ROLES } from '../../api/contract/decision-tables/index.ts';
import { SHEETS } from '../../api/contract/sheets/index.ts';
import { timeText } from '../i18n/words.ts';
import type { OwnField } from '../sheets/own.ts';
import { Act, Block, Row, Words } from './parts.tsx';
import { useAsked, useDesk, type App } from './store.ts';

const titleOf = (noun: string, lang: 'zh' | 'en'): string => SHEETS.find((s) => s.noun === noun)?.title[lang] ?? noun;
const partsOf = (text: string): string[] => text.split(/[,，、;；\n]/).map((t) => t.trim()).filter(Boolean);
type Form = { readonly noun: OwnNoun; readonly zh: string; readonly type: OwnType; readonly choices: string; readonly formula: string; readonly roles: readonly string[] };

/** What the company adds to its sheets by itself: made here or of a column that is there, renamed, kept from view, retired. */
export function OwnFieldsBlock({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client, desk } = app;
  const state = useDesk(app);
  const here = desk.own.sheet(state.selected?.sheet ?? '')?.noun;
  const [form, set] = useState<Form>({ noun: here !== undefined && isOwnNoun(here) ? here : 'skus', zh: '', type: 'text', choices: '', formula: '', roles: [] });
  const [note, tell] = useState('');
  const asked = useAsked(() => client.call('listOwnFields'), 20_000);
  const fields = (asked.data?.fields ?? []).filter((f) => f.noun === form.noun);
  /** The sheet gets the column at once; what was typed in a column of that name stays there, as drafts. */
  const show = async (): Promise<void> => {
    asked.again();
    const sheet = SHEETS.find((s) => s.noun === form.noun);
    if (sheet && desk.state.refreshed[sheet.name]) await desk.refresh(sheet.name);
  };
  const make = async (): Promise<void> => {
    const { noun, zh, type, formula, roles } = form;
    await client.call('makeOwnField', { body: { noun, zh, type, choices: type === 'choice' ? partsOf(form.choices) : [], formula, roles: roles as (typeof OWN_ROLES)[number][] } });
    set({ ...form, zh: '', choices: '', formula: '' });
    tell('');
    await show();
  };
  const take = async (): Promise<void> => {
    const found = await desk.userColumn();
    if (!found || !isOwnNoun(found.sheet.noun)) return tell(w('own.noColumn'));
    set({ ...form, noun: found.sheet.noun, zh: found.title, type: found.type, choices: found.choices.join('，'), formula: '' });
    tell(w('own.taken', { title: found.title }));
  };
  return (
    <Block title={w('own.title')}>
      <Words>{w('own.words')}</Words>
      <form class="form" data-test="own" onSubmit={(e) => e.preventDefault()}>
        <label>{w('own.noun')}<select data-test="own-noun" value={form.noun} onChange={(e) => set({ ...form, noun: e.currentTarget.value as OwnNoun })}>{OWN_NOUNS.map((n) => <option key={n} value={n}>{titleOf(n, lang)}</option>)}</select></label>
        {fields.map((f) => <Field key={`${f.id}:${f.revision}`} app={app} field={f} changed={show} />)}
        <label>{w('own.name')}<input data-test="own-name" type="text" maxLength={40} value={form.zh} onInput={(e) => set({ ...form, zh: e.currentTarget.value })} /></label>
        <label>{w('own.type')}<select data-test="own-type" value={form.type} onChange={(e) => set({ ...form, type: e.currentTarget.value as OwnType })}>{OWN_TYPES.map((t) => <option key={t} value={t}>{OWN_TYPE_WORDS[t][lang]}</option>)}</select></label>
        {form.type === 'choice' ? <label>{w('own.choices')}<input data-test="own-choices" type="text" value={form.choices} onInput={(e) => set({ ...form, choices: e.currentTarget.value })} /></label> : null}
        <label>{w('own.formula')}<input data-test="own-formula" type="text" placeholder={w('own.example')} value={form.formula} onInput={(e) => set({ ...form, formula: e.currentTarget.value })} /></label>
        <Roles app={app} roles={form.roles} change={(roles) => set({ ...form, roles })} />
        {note ? <small class="quiet">{note}</small> : null}
        <div class="acts"><Act needs="settings:write" app={app} disabled={form.zh.trim() === ''} label={w('own.make')} run={make} /><Act plain label={w('own.take')} run={take} /></div>
      </form>
    </Block>
  );
}

function Roles({ app, roles, change }: { readonly app: App; readonly roles: readonly string[]; readonly change: (roles: readonly string[]) => void }): JSX.Element {
  const others = ROLES.filter((r) => r.value !== 'owner');
  return (
    <fieldset class="ticks"><legend>{app.words('own.roles')}</legend>
      {others.map((r) => <label key={r.value}><input type="checkbox" checked={roles.includes(r.value)} onChange={(e) => change(e.currentTarget.checked ? [...roles, r.value] : roles.filter((x) => x !== r.value))} />{r[app.lang]}</label>)}
    </fieldset>
  );
}

/** One field: its sentence; opened, what can be changed and what was. */
function Field({ app, field, changed }: { readonly app: App; readonly field: OwnField; readonly changed: () => Promise<void> }): JSX.Element {
  const { words: w, lang, client } = app;
  const [open, set] = useState(false);
  const [form, edit] = useState({ zh: field.title.zh, choices: field.choices.join('，'), formula: field.formula, roles: field.roles as readonly string[] });
  const seen = field.roles.length === 0 ? w('own.everybody') : ROLES.filter((r) => field.roles.includes(r.value)).map((r) => r[lang]).join(lang === 'zh' ? '、' : ', ');
  const words = [field.retired ? w('own.retired') : '', OWN_TYPE_WORDS[field.type][lang], field.choices.join('/'), field.formula, seen, `own.${field.key}`].filter(Boolean).join(' · ');
  const send = (change: Record<string, unknown>) => async (): Promise<void> => {
    await client.call('changeOwnField', { params: { id: field.id }, body: { revision: field.revision, ...change } });
    await changed();
  };
  return (
    <div class="own">
      <Row title={field.title[lang]} words={words} figure={open ? '▾' : '▸'} tone={field.retired ? 'muted' : undefined} onOpen={() => set(!open)} />
      {open ? (
        <div class="form">
          <label>{w('own.name')}<input data-test="own-rename" type="text" maxLength={40} value={form.zh} onInput={(e) => edit({ ...form, zh: e.currentTarget.value })} /></label>
          {field.type === 'choice' ? <label>{w('own.choices')}<input type="text" value={form.choices} onInput={(e) => edit({ ...form, choices: e.currentTarget.value })} /></label> : null}
          {field.formula ? <label>{w('own.formula')}<input type="text" value={form.formula} onInput={(e) => edit({ ...form, formula: e.currentTarget.value })} /></label> : null}
          <Roles app={app} roles={form.roles} change={(roles) => edit({ ...form, roles })} />
          <div class="acts">
            <Act needs="settings:write" app={app} label={w('own.save')} run={send({ zh: form.zh, ...(field.type === 'choice' ? { choices: partsOf(form.choices) } : {}), ...(field.formula ? { formula: form.formula } : {}), roles: form.roles })} />
            <Act plain needs="settings:write" app={app} label={w(field.retired ? 'own.restore' : 'own.retire')} run={send({ retired: !field.retired })} />
          </div>
          <History app={app} field={field} />
        </div>
      ) : null}
    </div>
  );
}
const COMMANDS = { 'make-own-field': 'own.made', 'change-own-field': 'own.changed', 'retire-own-field': 'own.wasRetired', 'restore-own-field': 'own.wasRestored' } as const;
function History({ app, field }: { readonly app: App; readonly field: OwnField }): JSX.Element {
  const { words: w, lang } = app;
  const asked = useAsked(() => app.client.call('ownHistory', { query: { noun: 'own-fields', id: field.id } }), 60_000);
  const title = (of: unknown): string => (of as { title?: { zh: string; en: string } } | null)?.title?.[lang] ?? '';
  return <>{(asked.data?.entries ?? []).map((e) => <Row key={`${e.at}${e.command}`} title={w(COMMANDS[e.command as keyof typeof COMMANDS] ?? 'own.changed')} words={[timeText(e.at), e.by, title(e.before) !== title(e.after) && e.before ? `${title(e.before)} → ${title(e.after)}` : ''].filter(Boolean).join(' · ')} tone="muted" />)}</>;
}
