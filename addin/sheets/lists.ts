/** Lists of cells whose values are rows of other sheets, or depend on other cells of their row: shown for the cell that is worked on, checked when it is left. */
import type { Column, Sheet } from '../../api/contract/sheets/sheet.ts';
import type { CellValue } from '../../api/contract/sheets/parse.ts';
import { ApiProblem, type Client } from '../client.ts';
import type { Spot, SpreadsheetPort } from '../excel/port.ts';
import { batchId, draftKey, rowsOf, type Draft } from './drafts.ts';
import type { Places } from './layout.ts';

/** Rows of a selection that get their lists, and rows of an edit that are checked before publishing. */
export const MOST_LISTS = 100;
const listed = (sheet: Sheet): readonly Column[] => sheet.columns.filter((c) => c.list && c.editable);

/** The lists of the selected cells, as they are now; the cells around keep theirs. */
export async function listsAt(port: SpreadsheetPort, client: Client, sheet: Sheet, spot: Spot, at: { readonly columns: Places['columns']; /** Of the selected rows. */ readonly ids: readonly string[]; readonly drafts: readonly Draft[] }): Promise<void> {
  const columns = listed(sheet).flatMap((c) => { const where = at.columns[sheet.columns.indexOf(c)]; return where !== undefined && where >= spot.column && where < spot.column + spot.columns ? [{ key: c.key, where }] : []; });
  const rows = at.ids.flatMap((id, i) => (id === '' ? [] : [{ row: spot.row + i, id }]));
  if (columns.length === 0 || rows.length === 0) return;
  try {
    const asked = rows.map(({ id }) => ({ id, cells: Object.fromEntries(at.drafts.filter((d) => d.sheet === sheet.name && d.id === id).map((d): [string, CellValue] => [d.column, d.value])) }));
    const { rows: found } = await client.call('sheetChoices', { params: { sheet: sheet.name }, body: { rows: asked } });
    const of = new Map(found.map((r) => [r.id, r.columns]));
    await port.choices(spot.sheet, rows.flatMap(({ row, id }) => columns.flatMap(({ key, where }) => { const values = of.get(id)?.[key]; return values ? [{ row, column: where, values }] : []; })));
  } catch (error) {
    // Offline a cell keeps the list that it had; publishing checks it.
    if (!(error instanceof ApiProblem)) throw error;
  }
}

type Checked = { readonly drafts: readonly Draft[]; readonly wrong: readonly Draft[]; readonly right: readonly Draft[] };
/** Cells that do not go with each other are told as the service tells them: these rows are tried there, and nothing is written. */
export async function checkPairs(client: Client, sheet: Sheet, drafts: readonly Draft[], touched: ReadonlySet<string>): Promise<Checked> {
  const keys = new Set(listed(sheet).flatMap((c) => [c.key, ...c.list!.by]));
  const asked = drafts.filter((d) => d.sheet === sheet.name && keys.has(d.column) && touched.has(d.id) && (d.problem === undefined || d.problem.asked));
  if (asked.length === 0 || new Set(asked.map((d) => d.id)).size > MOST_LISTS) return { drafts, wrong: [], right: [] };
  const rows = rowsOf(asked);
  const wrong = new Map<string, { readonly code: string; readonly words: string }>();
  try {
    await client.call('publishSheet', { params: { sheet: sheet.name }, query: { dryRun: 'true' }, body: { batchId: batchId(), rows: rows.map((r) => ({ ...r, cells: { ...r.cells }, base: { ...r.base } })) } });
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.errors.length === 0) return { drafts, wrong: [], right: [] };
    // What somebody else changed meanwhile is told when it is published.
    for (const e of error.errors) if (!('theirs' in e) && e.code !== 'row_gone') wrong.set(draftKey({ sheet: sheet.name, id: e.id ?? rows[(e.row ?? 0) - 1]?.id ?? '', column: e.column ?? '' }), { code: e.code, words: e.message });
  }
  const mine = new Set(asked);
  const made = drafts.map((d): Draft => {
    if (!mine.has(d)) return d;
    const { problem: _problem, ...plain } = d;
    const is = wrong.get(draftKey(d));
    return is ? { ...plain, problem: { ...is, kind: 'bad', asked: true } } : plain;
  });
  const was = new Map(asked.map((d) => [draftKey(d), d]));
  return { drafts: made, wrong: made.filter((d) => was.has(draftKey(d)) && d.problem), right: made.filter((d) => !d.problem && was.get(draftKey(d))?.problem) };
}
