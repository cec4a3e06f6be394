/** Edits that are not published yet: kept in the workbook, so that they outlive a closed pane. Pure. */
import type { CellValue } from '../../api/contract/sheets/parse.ts';

export type Draft = {
  readonly sheet: string; readonly id: string; readonly column: string;
  /** The row's revision that the person saw. */
  readonly revision: number; readonly value: CellValue; readonly before: CellValue;
  /** Why it cannot be published: a cell that cannot be read, or a refusal or conflict of the last publish. */
  readonly problem?: { readonly code: string; readonly words: string; readonly kind: 'bad' | 'conflict'; readonly theirs?: unknown; readonly by?: string; readonly at?: string; /** What the typed name may be: one is chosen in the pane. */ /** The service said so: it is asked again when the row changes, and when it is published. */ readonly asked?: boolean; readonly may?: readonly { readonly code: string; readonly name: string }[] };
};
export const draftKey = (d: Pick<Draft, 'sheet' | 'id' | 'column'>): string => `${d.sheet}|${d.id}|${d.column}`;
export type PublishRow = { readonly id: string; readonly revision: number; readonly cells: Readonly<Record<string, CellValue>>; readonly base: Readonly<Record<string, CellValue>> };

/** Drafts of one sheet as rows to publish, in the order in which they were made. */
export function rowsOf(drafts: readonly Draft[]): PublishRow[] {
  const rows = new Map<string, { id: string; revision: number; cells: Record<string, CellValue>; base: Record<string, CellValue> }>();
  for (const d of drafts) {
    const row = rows.get(d.id) ?? { id: d.id, revision: d.revision, cells: {}, base: {} };
    row.cells[d.column] = d.value;
    row.base[d.column] = d.before;
    rows.set(d.id, row);
  }
  return [...rows.values()];
}
/** A batch has an id of its own making, kept before it is sent: sent again it is the same batch. */
export const batchId = (): string => `${Date.now().toString(36)}-${crypto.randomUUID()}`;

/** The XML part that drafts live in: it travels with the file and is no cell, so nobody edits it by hand. */
export const DRAFTS_NAMESPACE = 'urn:suanpan:drafts:1';
const escape = (text: string): string => text.replace(/[&<>"\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : c === '>' ? '&gt;' : c === '"' ? '&quot;' : ''));
const unescape = (text: string): string => text.replace(/&(amp|lt|gt|quot);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name]!);
/** One element a draft, with its key and revision as attributes; what it holds is JSON. */
export function draftsXml(drafts: readonly Draft[]): string {
  const lines = drafts.map(({ sheet, id, column, revision, ...rest }) => `<d sheet="${escape(sheet)}" id="${escape(id)}" column="${escape(column)}" revision="${revision}">${escape(JSON.stringify(rest))}</d>`);
  return `<drafts xmlns="${DRAFTS_NAMESPACE}">${lines.join('')}</drafts>`;
}
export function draftsOf(xml: string | undefined): Draft[] {
  return [...(xml ?? '').matchAll(/<d sheet="([^"]*)" id="([^"]*)" column="([^"]*)" revision="(-?\d+)">([^<]*)<\/d>/g)].map(([, sheet, id, column, revision, rest]) => ({
    sheet: unescape(sheet!), id: unescape(id!), column: unescape(column!), revision: Number(revision), ...(JSON.parse(unescape(rest!)) as Omit<Draft, 'sheet' | 'id' | 'column' | 'revision'>),
  }));
}
