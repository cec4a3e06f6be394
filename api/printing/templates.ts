/**
 * What stands on paper, as the company has set it: a row per field. In: a document. Out: its shown fields in their order.
 * A field that nobody has touched is as it was at first, so that a company without settings prints what it always has.
 */
import mongoose, { Schema, type ClientSession } from 'mongoose';
import { DOCUMENTS, FIELDS, type FieldDefault, type PrintDocument } from '../contract/print-templates.ts';
import type { Both } from '../contract/route.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { audit } from '../store/audit.ts';
import { FEED_INDEX } from '../store/feed.ts';
import { whyNotPrintable } from './picture.ts';

export type TemplateDoc = { _id: string; document: PrintDocument; field: string; position: number; shown: boolean; zh: string; en: string; size: number; rule: boolean; revision: number; changedAt: Date };
const must = { type: String, required: true };
const text = { type: String, default: '' };
const whole = { type: Number, required: true };
const options = { strict: 'throw', versionKey: false, autoIndex: false, minimize: false } as const;
const template = new Schema<TemplateDoc>({ _id: must, document: must, field: must, position: whole, shown: { type: Boolean, required: true }, zh: text, en: text, size: whole, rule: { type: Boolean, default: false }, revision: whole, changedAt: { type: Date, required: true } }, options);
template.index(FEED_INDEX);
export const Templates = mongoose.model('print-template', template, 'print_templates');
/** The logo's own bytes. */
type LogoDoc = { _id: string; bytes: Buffer; changedAt: Date };
const Logos = mongoose.model('print-logo', new Schema<LogoDoc>({ _id: must, bytes: { type: Buffer, required: true }, changedAt: { type: Date, required: true } }, options), 'print_logos');

const STEP = 10;
const firstOf = (document: PrintDocument, f: FieldDefault, i: number, now: Date): TemplateDoc => ({ _id: `${document}/${f.key}`, document, field: f.key, position: (i + 1) * STEP, shown: f.shown, zh: f.zh, en: f.en, size: f.size, rule: f.rule === true, revision: 1, changedAt: now });
const allFirst = (now: Date): TemplateDoc[] => DOCUMENTS.flatMap((d) => FIELDS[d].map((f, i) => firstOf(d, f, i, now)));
export const defaultOf = (id: string): FieldDefault | undefined => { const [document, key] = id.split('/'); return FIELDS[document as PrintDocument]?.find((f) => f.key === key); };

/** Rows of fields that no row stands for yet, so that the sheet shows all of them. */
export async function seedTemplates(rt: Runtime): Promise<void> {
  const first = allFirst(rt.clock.now());
  if ((await Templates.countDocuments({})) < first.length) await Templates.bulkWrite(first.map((row) => ({ updateOne: { filter: { _id: row._id }, update: { $setOnInsert: row }, upsert: true } })));
}

export type LookField = Pick<TemplateDoc, 'field' | 'zh' | 'en' | 'size' | 'rule'>;
/** `words`: a field's text in the language of the document, its placeholders filled. */
export type Look = { readonly fields: readonly LookField[]; readonly logo: Buffer | undefined; readonly words: (f: Pick<LookField, 'zh' | 'en'>, values?: Readonly<Record<string, number>>) => string; readonly shows: (field: string) => LookField | undefined };
export type TemplateDraft = { readonly id: string } & { readonly [K in 'position' | 'shown' | 'zh' | 'en' | 'size' | 'rule']?: TemplateDoc[K] | undefined };

export async function lookOf(document: PrintDocument, draft: readonly TemplateDraft[] = []): Promise<Look> {
  const kept = new Map((await Templates.find({ document }).lean<TemplateDoc[]>()).map((t) => [t.field, t]));
  const rows = FIELDS[document].map((f, i) => {
    const row = kept.get(f.key) ?? firstOf(document, f, i, new Date(0));
    const changed = draft.find((d) => d.id === row._id);
    return { ...row, ...(changed ? Object.fromEntries(Object.entries(changed).filter(([k, v]) => k !== 'id' && v !== undefined)) : {}) };
  });
  const language = rows.find((r) => r.field === 'language')?.zh ?? 'zh';
  const shown = rows.filter((r) => r.field !== 'language' && (r.shown || defaultOf(r._id)?.must)).sort((a, b) => a.position - b.position || (a._id < b._id ? -1 : 1));
  const logo = shown.some((r) => r.field === 'logo') ? (await Logos.findById('logo').lean<{ bytes: { buffer: Uint8Array } | Buffer }>())?.bytes : undefined;
  const fill = (t: string, values: Readonly<Record<string, number>>): string => t.replaceAll(/\{(\w+)\}/g, (whole_, key: string) => String(values[key] ?? whole_));
  return {
    fields: shown, logo: logo === undefined ? undefined : Buffer.isBuffer(logo) ? logo : Buffer.from(logo.buffer), shows: (key) => shown.find((r) => r.field === key),
    words: (f, values = {}) => fill(language === 'en' ? f.en || f.zh : language === 'both' && f.en && f.en.trim() !== f.zh.trim() ? `${f.zh.trimEnd()} ${f.en}` : f.zh, values),
  };
}

export async function setLogo(rt: Runtime, bytes: Uint8Array | undefined, userId: string): Promise<Result<number, Both>> {
  const wrong = bytes ? whyNotPrintable(Buffer.from(bytes)) : undefined;
  if (wrong) return refuse(wrong);
  return rt.transact(async (session) => {
    const now = rt.clock.now();
    if (bytes) await Logos.replaceOne({ _id: 'logo' }, { _id: 'logo', bytes: Buffer.from(bytes), changedAt: now }, { upsert: true, session });
    else await Logos.deleteOne({ _id: 'logo' }, { session });
    await audit(rt, session, [{ userId, command: 'set-logo', noun: 'print-templates', id: 'logo', before: null, after: bytes?.length ?? 0, at: now }]);
    return ok(bytes?.length ?? 0);
  });
}

export async function resetTemplate(rt: Runtime, document: PrintDocument, userId: string): Promise<number> {
  return rt.transact(async (session: ClientSession) => {
    const now = rt.clock.now();
    const first = allFirst(now).filter((t) => t.document === document);
    for (const { _id, revision: _revision, ...row } of first) await Templates.updateOne({ _id }, { $set: row, $inc: { revision: 1 } }, { upsert: true, session });
    await audit(rt, session, [{ userId, command: 'reset-template', noun: 'print-templates', id: document, before: null, after: null, at: now }]);
    return first.length;
  });
}
