import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { CHANNEL_NAMES, type Channel } from '../../api/contract/system.ts';
import { CHOSEN } from '../excel/language.ts';
import { timeText } from '../i18n/words.ts';
import { Import } from './imports.tsx';
import { OwnFieldsBlock } from './own-fields.tsx';
import { Act, Block, Loaded, Row, Words } from './parts.tsx';
import { PrintLayout } from './print-layout.tsx';
import { useAsked, type App } from './store.ts';

/** What is open is saved first; drafts and the pane that is shown come back with the page. */
export async function switchLanguage(to: 'zh' | 'en'): Promise<void> {
  await (globalThis as { workbenchSave?: () => Promise<void> }).workbenchSave?.();
  localStorage.setItem(CHOSEN, to);
  const here = new URL(location.href);
  here.searchParams.delete('lang');
  if (here.href === location.href) location.reload(); else location.replace(here);
}

/** Shops, files, jobs: what the company is connected to. */
export function SettingsPane({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client } = app;
  const may = app.may('settings:read');
  const asked = useAsked(async () => (may ? { shops: (await client.list('shops', undefined)).rows, jobs: (await client.call('listJobs')).jobs } : { shops: [], jobs: [] }), 6_000);
  return (
    <Loaded asked={asked} retry={w('do.retry')}>{({ shops, jobs }) => (
      <>
        {may ? <Block title={w('settings.shops')}>
          {shops.length === 0 ? <><Words>{w('settings.none')}</Words><Act plain label={w('empty.demo')} run={() => client.call('loadDemo')} /></> : null}
          {shops.map((s) => <Row key={String(s['id'])} title={String(s['name'])} words={`${CHANNEL_NAMES[s['channel'] as Channel]?.[lang] ?? String(s['channel'])} · ${s['status'] === 'active' ? w('settings.connected') : w('settings.paused')}${s['pulledTo'] ? ` · ${w('settings.pulledTo', { at: timeText(String(s['pulledTo'])) })}` : ''}${s['lastError'] ? ` · ${String(s['lastError'])}` : ''}`} tone={s['lastError'] ? 'stopped' : undefined} />)}
        </Block> : null}
        <OwnFieldsBlock app={app} />
        <Block title={w('settings.language')}><Words>{w('settings.languageWords')}</Words><Act plain label={w('settings.other')} run={() => switchLanguage(lang === 'zh' ? 'en' : 'zh')} /></Block>
        {may ? <PrintLayout app={app} /> : null}
        {app.may('settings:write') ? <Connect app={app} again={asked.again} /> : null}
        <Import app={app} />
        {may ? <Block title={w('settings.jobs')}>
          {jobs.map((j) => <div class="line" key={j.name}><Row title={j.title[lang]} words={`${j.every}${j.lastRun?.finishedAt ? ` · ${w('settings.lag', { at: timeText(j.lastRun.finishedAt) })}` : ''}${j.lastRun?.error ? ` · ${j.lastRun.error}` : ''}`} tone={j.lastRun?.outcome === 'failed' ? 'stopped' : undefined} /><Act plain needs="settings:write" app={app} label={w('settings.run')} run={async () => { await client.call('runJob', { params: { name: j.name } }); asked.again(); }} /></div>)}
        </Block> : null}
      </>
    )}</Loaded>
  );
}

/** What every shop has goes by its own name; what one platform asks for beyond that goes with the account's fields. */
const COMMON: ReadonlySet<string> = new Set(['appKey', 'appSecret', 'accessToken', 'refreshToken']);
function keysOf(kind: string, given: Readonly<Record<string, string>>): Record<string, string | Record<string, string>> {
  const [common, own] = [true, false].map((is) => Object.fromEntries(Object.entries(given).filter(([name]) => (kind === 'shop' && COMMON.has(name)) === is)));
  return { ...common, ...(own && Object.keys(own).length > 0 ? { account: own } : {}) };
}

/** The form is what the channel asks for; the fields of payment and courier accounts are their own. */
function Connect({ app, again }: { readonly app: App; readonly again: () => void }): JSX.Element {
  const { words: w, lang, client } = app;
  const asked = useAsked(async () => (await client.call('listChannels')).channels, 600_000);
  const [form, set] = useState<Record<string, string>>({});
  const input = (key: string, label: string, secret = false): JSX.Element => <label key={key}>{label}{secret ? <input type="password" value={form[key] ?? ''} onInput={(e) => set({ ...form, [key]: e.currentTarget.value })} autocomplete="off" /> : <input type="text" value={form[key] ?? ''} onInput={(e) => set({ ...form, [key]: e.currentTarget.value })} autocomplete="off" />}</label>;
  return (
    <Block title={w('settings.add')}>
      <Loaded asked={asked} retry={w('do.retry')}>{(channels) => {
        const chosen = channels.find((c) => c.channel === form['channel']) ?? channels[0];
        if (!chosen) return null;
        const given = Object.fromEntries(chosen.fields.flatMap((f) => (form[f.name] ? [[f.name, form[f.name]!]] : [])));
        const save = async (): Promise<void> => {
          await client.call('createShop', { body: { channel: chosen.channel, name: form['name'] ?? '', gateway: form['gateway'] ?? '', ...keysOf(chosen.kind, given) } });
          set({});
          again();
        };
        return (
          <form class="form" onSubmit={(e) => e.preventDefault()}>
            <label>{w('settings.channel')}<select value={chosen.channel} onChange={(e) => set({ channel: e.currentTarget.value })}>{channels.map((c) => <option key={c.channel} value={c.channel}>{c.name[lang]}</option>)}</select></label>
            {input('name', w('settings.name'))}{chosen.fields.map((f) => input(f.name, `${f[lang]}${f.needed ? ' *' : ''}`, f.secret))}{input('gateway', w('settings.gateway'))}
            <Act needs="settings:write" app={app} label={w('settings.save')} run={save} />
          </form>
        );
      }}</Loaded>
    </Block>
  );
}
