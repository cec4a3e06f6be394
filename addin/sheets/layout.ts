/** Where our columns and rows are in a sheet that its user may have sorted, filtered or widened. Pure. */
import type { Sheet } from '../../api/contract/sheets/sheet.ts';
import type { Block, Cell, Write } from '../excel/port.ts';
import { cellOf, sameCell, type Lang, type Row } from './cells.ts';

export const HEADER_ROW = 1;
/** Title of the hidden column of ids. */
export const ID_TITLE = 'id';
export type Places = {
  /** Where the titles are now: rows may have been put above them. */
  readonly header: number; readonly idColumn: number; readonly columns: readonly (number | undefined)[]; readonly rows: ReadonlyMap<string, number>; readonly nextRow: number; readonly at: (row: number, column: number) => Cell;
  /** Columns between and beside ours that somebody has given a title: the user's own. */
  readonly own: readonly number[];
};
export const LOOK_FOR_HEADER = 60;
/** What is known of a sheet's cells. */
export type Seen = { readonly at: (row: number, column: number) => Cell; readonly bottom: number; readonly width: number };
export const seenOf = (block: Block | undefined): Seen | undefined => block && { at: (row, column) => block.values[row - block.row]?.[column - block.column] ?? '', bottom: block.row + block.values.length, width: block.column + (block.values[0]?.length ?? 0) };

/** The row of titles is the one that has most of ours, in either language. */
export function titlesOf(sheet: Sheet, at: Seen['at'], bottom: number, width: number): { readonly header: number; readonly idColumn: number; readonly titles: ReadonlyMap<string, number> } {
  const known = new Set(sheet.columns.flatMap((c) => [c.title, ...(c.formerly ?? [])]).flatMap((t) => [t.zh, t.en]));
  let [header, best] = [HEADER_ROW, 0];
  for (let r = 0; r < Math.min(bottom, LOOK_FOR_HEADER); r += 1) {
    let hits = 0;
    for (let c = 0; c < width; c += 1) if (known.has(String(at(r, c)))) hits += 1;
    if (hits > best) [header, best] = [r, hits];
  }
  const titles = new Map<string, number>();
  for (let c = 0; c < width; c += 1) for (const title of [String(at(header, c))]) if (title !== '' && !titles.has(title)) titles.set(title, c);
  return { header, idColumn: titles.get(ID_TITLE) ?? 0, titles };
}
/** Finds the row of titles, our columns by their titles in either language, and our rows by the ids in the hidden column. */
export function placesOf(sheet: Sheet, lang: Lang, seen: Seen | undefined): Places {
  const { at, bottom, width } = seen ?? { at: (): Cell => '', bottom: 0, width: 0 };
  const { header, idColumn, titles } = titlesOf(sheet, at, bottom, width);
  const columns = sheet.columns.map((c) => titles.get(c.title[lang]) ?? titles.get(lang === 'zh' ? c.title.en : c.title.zh) ?? (c.formerly ?? []).flatMap((t) => titles.get(t.zh) ?? titles.get(t.en) ?? [])[0]);
  const taken = new Set([idColumn, ...columns]);
  const rows = new Map<string, number>();
  let nextRow = header + 1;
  for (let r = header + 1; r < bottom; r += 1) {
    const id = String(at(r, idColumn));
    // A row that was copied has its id twice: the first is the row.
    if (id !== '' && !rows.has(id)) rows.set(id, r);
    if (id !== '' || columns.some((c, i) => at(r, c ?? i + 1) !== '')) nextRow = r + 1;
  }
  return { header, idColumn, columns, rows, nextRow, at, own: [...titles.values()].filter((c) => !taken.has(c)) };
}

/** A run of neighbouring columns of ours: written together; the user's own columns between them are left alone. */
function runs(columns: readonly (number | undefined)[]): { readonly from: number; readonly indexes: readonly number[] }[] {
  const made: { from: number; indexes: number[] }[] = [];
  columns.map((at, index) => ({ at, index })).filter((c): c is { at: number; index: number } => c.at !== undefined).sort((a, b) => a.at - b.at).forEach(({ at, index }) => {
    const last = made.at(-1);
    if (last && last.from + last.indexes.length === at) last.indexes.push(index);
    else made.push({ from: at, indexes: [index] });
  });
  return made;
}

/** What has to be written so that rows of the sheet show what they are. Cells that a person has edited (`keep`) stay. */
export function changesOf(sheet: Sheet, lang: Lang, places: Places, rows: readonly Row[], keep: (id: string, column: string, at: { readonly row: number; readonly column: number }) => boolean): readonly Write[] {
  const writes: Write[] = [];
  const parts = runs(places.columns);
  for (const row of rows) {
    const r = places.rows.get(row.id);
    if (r === undefined) continue;
    const shown = sheet.columns.map((c) => cellOf(c, row, lang));
    for (const run of parts) {
      const line = run.indexes.map((i, n): Cell | null => (sameCell(places.at(r, run.from + n), shown[i]) || keep(row.id, sheet.columns[i]!.key, { row: r, column: run.from + n }) ? null : shown[i]!));
      // From the first to the last cell that differs: what lies between is left with null.
      const [first, last] = [line.findIndex((v) => v !== null), line.findLastIndex((v) => v !== null)];
      if (first >= 0) writes.push({ row: r, column: run.from + first, values: [line.slice(first, last + 1)] });
    }
  }
  return writes;
}
/** Rows that are new to the sheet, one below the other. */
export function linesOf(sheet: Sheet, lang: Lang, places: Places, rows: readonly Row[], from: number): readonly Write[] {
  const shown = rows.map((row) => sheet.columns.map((c) => cellOf(c, row, lang)));
  return [{ row: from, column: places.idColumn, values: rows.map((r) => [r.id]) }, ...runs(places.columns).map((run) => ({ row: from, column: run.from, values: shown.map((line) => run.indexes.map((i) => line[i]!)) }))];
}
