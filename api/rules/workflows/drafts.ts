/** What a person is working on in a table, kept between days. In: rows, read or not. Out: what cannot be read yet; a draft may hold it. */
import type { Runtime } from '../../runtime/runtime.ts';
import { kindNow } from '../../fields/index.ts';
import { compileTable, type Row } from '../domain/table.ts';
import { Drafts, type DraftDoc } from '../store/tables.ts';

type Draft = { readonly table: string; readonly userId: string; readonly base: number; readonly rows: readonly Row[] };
export async function saveDraft(rt: Runtime, draft: Draft) {
  const compiled = compileTable((await kindNow(draft.table))!, draft.rows);
  await Drafts.updateOne({ _id: `${draft.table}:${draft.userId}` }, { $set: { table: draft.table, userId: draft.userId, base: draft.base, rows: [...draft.rows], at: rt.clock.now() } }, { upsert: true });
  return { base: draft.base, problems: compiled.ok ? [] : compiled.refusal.map(({ row, id, column, zh, en }) => ({ row, id, column, zh, en })) };
}
export const readDraft = (table: string, userId: string): Promise<DraftDoc | null> => Drafts.findById(`${table}:${userId}`).lean<DraftDoc>();
/** A published draft is one no more. */
export const dropDraft = (table: string, userId: string): Promise<unknown> => Drafts.deleteOne({ _id: `${table}:${userId}` });
