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
const LOOK_FOR_HEADER = 60;

/** Finds the row of titles, our columns by their titles in either language, and our rows by the ids in the hidden column. */
export function placesOf(sheet: Sheet, lang: Lang, block: Block | undefined): Places {
  const at = (row: number, column: number): Cell => block?.values[row - block.row]?.[column - block.column] ?? '';
  const width = block ? block.column + (block.values[0]?.length ?? 0) : 0;
  const bottom = block ? block.row + block.values.length : 0;
  const known = new Set(sheet.columns.flatMap((c) => [c.title.zh, c.title.en]));
  let [header, best] = [HEADER_ROW, 0];
  for (let r = 0; r < Math.min(bottom, LOOK_FOR_HEADER); r += 1) {
    let hits = 0;
    for (let c = 0; c < width; c += 1) if (known.has(String(at(r, c)))) hits += 1;
    if (hits > best) [header, best] = [r, hits];
  }
  const titles = new Map<string, number>();
  for (let c = 0; c < width; c += 1) for (const title of [String(at(header, c))]) if (title !== '' && !titles.has(title)) titles.set(title, c);
  const idColumn = titles.get(ID_TITLE) ?? 0;
  const columns = sheet.columns.map((c) => titles.get(c.title[lang]) ?? titles.get(lang === 'zh' ? c.title.en : c.title.zh));
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

export type Change = { readonly writes: readonly Write[]; readonly newRows: { readonly from: number; readonly count: number } | undefined; readonly changedCells: number; readonly rowOf: ReadonlyMap<string, number> };
/** What has to be written so that the sheet shows the rows. Cells that a person has edited (`keep`) stay as they are. */
export function changesOf(sheet: Sheet, lang: Lang, places: Places, rows: readonly Row[], keep: (id: string, column: string) => boolean): Change {
  const writes: Write[] = [];
  const rowOf = new Map(places.rows);
  let changedCells = 0;
  const cells = (row: Row): Cell[] => sheet.columns.map((c) => cellOf(c, row, lang));
  const old = rows.filter((r) => places.rows.has(r.id));
  for (const row of old) {
    const r = places.rows.get(row.id)!;
    const shown = cells(row);
    for (const run of runs(places.columns)) {
      const line = run.indexes.map((i, n): Cell | null => (keep(row.id, sheet.columns[i]!.key) || sameCell(places.at(r, run.from + n), shown[i]) ? null : shown[i]!));
      // From the first to the last cell that differs: what lies between is left with null.
      const [first, last] = [line.findIndex((v) => v !== null), line.findLastIndex((v) => v !== null)];
      if (first < 0) continue;
      changedCells += line.filter((v) => v !== null).length;
      writes.push({ row: r, column: run.from + first, values: [line.slice(first, last + 1)] });
    }
  }
  const fresh = rows.filter((r) => !places.rows.has(r.id));
  fresh.forEach((row, i) => rowOf.set(row.id, places.nextRow + i));
  if (fresh.length > 0) {
    const shown = fresh.map(cells);
    writes.push({ row: places.nextRow, column: places.idColumn, values: fresh.map((r) => [r.id]) });
    for (const run of runs(places.columns)) writes.push({ row: places.nextRow, column: run.from, values: shown.map((line) => run.indexes.map((i) => line[i]!)) });
    changedCells += fresh.length * sheet.columns.length;
  }
  return { writes, newRows: fresh.length > 0 ? { from: places.nextRow, count: fresh.length } : undefined, changedCells, rowOf };
}
