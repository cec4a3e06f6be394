import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { z } from 'zod';
import type { ColumnMapInput, ImportAnswer } from '../../api/contract/imports.ts';
import { CHANNEL_NAMES, ShopChannelName, type Channel } from '../../api/contract/system.ts';
import { Act, Block, Row, Words } from './parts.tsx';
import type { App } from './store.ts';

type Answer = z.output<typeof ImportAnswer>;
type Found = Answer['files'][number];
type MapInput = z.input<typeof ColumnMapInput>;
type Field = keyof MapInput['columns'];
/** What can be named of a table that nobody knows, the needed ones first; others are left as they are without harm. */
const FIELDS: readonly { readonly field: Field; readonly needed?: true; readonly zh: string; readonly en: string }[] = [
  { field: 'orderId', needed: true, zh: '订单号', en: 'Order number' }, { field: 'status', needed: true, zh: '订单状态', en: 'State' }, { field: 'paid', needed: true, zh: '实付金额', en: 'Paid' }, { field: 'quantity', needed: true, zh: '数量', en: 'Quantity' },
  { field: 'placedAt', zh: '下单时间', en: 'Placed at' }, { field: 'paidAt', zh: '付款时间', en: 'Paid at' }, { field: 'merchantCode', zh: '商家编码', en: 'Merchant code' }, { field: 'title', zh: '商品名', en: 'Title' }, { field: 'freight', zh: '运费', en: 'Freight' },
  { field: 'receiverName', zh: '收件人', en: 'Receiver' }, { field: 'receiverPhone', zh: '电话', en: 'Phone' }, { field: 'address', zh: '地址', en: 'Address' }, { field: 'buyerMessage', zh: '买家留言', en: 'Buyer’s message' }, { field: 'sellerMemo', zh: '商家备注', en: 'Seller’s memo' },
];
const SHOPS = ShopChannelName.options;

type Picks = { readonly value: string; readonly label: string };
function Pick({ label, value, picks, onPick }: { readonly label: string; readonly value: string; readonly picks: readonly Picks[]; readonly onPick: (value: string) => void }): JSX.Element {
  return <label>{label}<select value={value} onChange={(e) => onPick(e.currentTarget.value)}><option value="" />{picks.map((p) => <option key={p.value} value={p.value}>{p.label}</option>)}</select></label>;
}

/** A person says once which column is what; the same header is known from then on. */
function NameColumns({ app, file, again }: { readonly app: App; readonly file: Found; readonly again: () => void }): JSX.Element {
  const { words: w, lang, client } = app;
  const headers = file.headers ?? [];
  const [channel, setChannel] = useState<(typeof SHOPS)[number]>(SHOPS[0]!);
  // A column that is called as the field is taken at once.
  const [columns, set] = useState<Partial<Record<Field, string>>>(() => Object.fromEntries(FIELDS.flatMap((f) => (headers.includes(f.zh) ? [[f.field, f.zh]] : []))));
  const missing = FIELDS.filter((f) => f.needed && !columns[f.field]);
  const save = async (): Promise<void> => {
    await client.call('saveColumnMap', { body: { channel, format: file.name.slice(0, 60), headers: [...headers], columns } });
    again();
  };
  return (
    <form class="form" onSubmit={(e) => e.preventDefault()}>
      <Words>{w('imports.nameColumns', { file: file.name })}</Words>
      <label>{w('settings.channel')}<select value={channel} onChange={(e) => setChannel(e.currentTarget.value as (typeof SHOPS)[number])}>{SHOPS.map((c) => <option key={c} value={c}>{CHANNEL_NAMES[c][lang]}</option>)}</select></label>
      {FIELDS.map((f) => <Pick key={f.field} label={`${f[lang]}${f.needed ? ' *' : ''}`} value={columns[f.field] ?? ''} picks={headers.map((h) => ({ value: h, label: h }))} onPick={(value) => set({ ...columns, [f.field]: value || undefined })} />)}
      <Act needs="orders:write" app={app} disabled={missing.length > 0} label={w('imports.saveColumns')} run={save} />
    </form>
  );
}

type State = { readonly files: readonly File[]; readonly found?: Answer; readonly done: boolean; readonly error: string; readonly shops: Readonly<Record<string, string>> };
/** Files: what is found is shown first; nothing is written until it is asked for. */
export function Import({ app }: { readonly app: App }): JSX.Element {
  const { words: w, lang, client } = app;
  const [state, set] = useState<State>({ files: [], done: false, error: '', shops: {} });
  const send = (files: readonly File[], preview: boolean, shops: State['shops']): Promise<Answer> => {
    const form = new FormData();
    for (const file of files) form.append('files', file);
    const query = new URLSearchParams({ ...(preview ? { preview: 'true' } : {}), ...(Object.keys(shops).length > 0 ? { shop: Object.values(shops).join(',') } : {}) }).toString();
    return client.upload(`/api/v1/imports${query ? `?${query}` : ''}`, form) as Promise<Answer>;
  };
  const look = (files: readonly File[], shops: State['shops'] = {}): void => {
    if (files.length === 0) return;
    send(files, true, shops).then((found) => set({ files: [...files], found, done: false, error: '', shops }), (error: unknown) => set({ files: [], done: false, error: error instanceof Error ? error.message : String(error), shops: {} }));
  };
  const drop = (e: DragEvent): void => { e.preventDefault(); look([...(e.dataTransfer?.files ?? [])]); };
  const found = state.found?.files ?? [];
  const open = found.some((f) => f.counts.bad > 0 || f.choose);
  const asked = [...new Map(found.flatMap((f) => (f.choose ? [[f.channel, f.choose] as const] : [])))];
  return (
    <Block title={w('settings.import')}>
      <label class="drop" onDragOver={(e) => e.preventDefault()} onDrop={drop}><input type="file" multiple onChange={(e) => look([...(e.currentTarget.files ?? [])])} /><span>{w('settings.choose')}</span><small>{w('settings.importWords')}</small></label>
      {state.error ? <p class="error">{state.error}</p> : null}
      {found.map((f) => <div key={f.name}><Row title={f.name} words={`${[f.format, f.shopName].filter(Boolean).join(' · ')} · +${f.counts.new} ~${f.counts.changed} =${f.counts.same}${f.counts.bad > 0 ? ` !${f.counts.bad}` : ''}`} tone={f.counts.bad > 0 ? 'stopped' : f.choose ? 'waits' : undefined} />{f.bad.slice(0, 5).map((b) => <p class="error" key={b.words.zh}>{b.words[lang]}</p>)}{f.headers && !state.done ? <NameColumns app={app} file={f} again={() => look(state.files, state.shops)} /> : null}</div>)}
      {state.done ? null : asked.map(([channel, list]) => <form class="form" key={channel} onSubmit={(e) => e.preventDefault()}><Pick label={w('imports.whose', { channel: CHANNEL_NAMES[channel as Channel]?.[lang] ?? channel })} value={state.shops[channel] ?? ''} picks={list.map((c) => ({ value: c.id, label: c.name }))} onPick={(id) => look(state.files, { ...state.shops, [channel]: id })} /></form>)}
      {state.found && !state.done ? <Act label={w('settings.importNow')} disabled={open} run={async () => set({ ...state, found: await send(state.files, false, state.shops), done: true })} /> : null}
    </Block>
  );
}
