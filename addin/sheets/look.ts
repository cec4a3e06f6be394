/** Looks at as much of a sheet as is needed to know where everything is: a large one is not read for the sake of one cell. */
import type { Sheet } from '../../api/contract/sheets/sheet.ts';
import type { Cell, SpreadsheetPort } from '../excel/port.ts';
import type { Lang } from './cells.ts';
import { LOOK_FOR_HEADER, placesOf, seenOf, titlesOf, type Places } from './layout.ts';

/** Up to here one read of all is quicker than four of parts. */
const SMALL_CELLS = 40_000;
/** Cells that will be asked for: rows from a place, rows by their ids, or none. */
export type Wanted = { readonly from: number; readonly count: number } | { readonly ids: ReadonlySet<string> };

export async function look(port: SpreadsheetPort, sheet: Sheet, lang: Lang, title: string, wanted?: Wanted): Promise<Places & { readonly blank: boolean }> {
  const all = await port.extent(title);
  if (!all) return { ...placesOf(sheet, lang, undefined), blank: true };
  if (all.rows * all.columns <= SMALL_CELLS) return { ...placesOf(sheet, lang, seenOf(await port.read(title))), blank: false };
  const [width, bottom] = [all.column + all.columns, all.row + all.rows];
  const lines = new Map<number, readonly Cell[]>();
  const take = (rows: ReadonlyMap<number, readonly Cell[]>): void => { for (const [row, line] of rows) lines.set(row, line); };
  const whole = (row: number, count: number): Promise<ReadonlyMap<number, readonly Cell[]>> => port.readRows(title, Array.from({ length: Math.max(0, count) }, (_, i) => row + i), 0, width);
  take(await whole(all.row, Math.min(LOOK_FOR_HEADER, all.rows)));
  const head = titlesOf(sheet, (row, column) => lines.get(row)?.[column] ?? '', bottom, width);
  const ids = new Map<number, string>();
  const from = head.header + 1;
  for (const [row, [id = '']] of await port.readRows(title, Array.from({ length: Math.max(0, bottom - from) }, (_, i) => from + i), head.idColumn, 1)) if (id !== '') ids.set(row, String(id));
  const last = Math.max(head.header, ...[...ids.keys()].slice(-1));
  // What a person wrote below our rows: new ones must not go over it.
  take(await whole(last + 1, bottom - last - 1));
  if (wanted) take('ids' in wanted ? await port.readRows(title, [...ids].filter(([, id]) => wanted.ids.has(id)).map(([row]) => row), 0, width) : await whole(Math.max(0, wanted.from), Math.min(wanted.count, bottom - Math.max(0, wanted.from))));
  const at = (row: number, column: number): Cell => (column === head.idColumn && row > head.header ? (ids.get(row) ?? '') : (lines.get(row)?.[column] ?? ''));
  return { ...placesOf(sheet, lang, { at, bottom, width }), blank: false };
}
