/** Brings a sheet to what the service says: only cells that differ are written, new rows in slices with a breath between them. */
import type { Sheet } from '../../api/contract/sheets/sheet.ts';
import type { SpreadsheetPort } from '../excel/port.ts';
import { inOrder, looksOf, type Lang, type Row } from './cells.ts';
import { changesOf, HEADER_ROW, linesOf, type Places } from './layout.ts';
import { look } from './look.ts';

/** Rows between two breaths: a person who types or scrolls waits for no more than these. */
const SLICE = 500;
export type Showing = {
  readonly port: SpreadsheetPort; readonly sheet: Sheet; readonly lang: Lang; readonly title: string; readonly made: boolean;
  /** Rows to bring up to date, and those that the service no longer has of them. */
  readonly rows: readonly Row[]; readonly all: ReadonlyMap<string, Row>;
  /** All that the service has was read: what is in the sheet and not there has left. */
  readonly whole: boolean; readonly left: ReadonlySet<string>;
  readonly keep: (id: string, column: string, at: { readonly row: number; readonly column: number }) => boolean;
  /** Told after each slice; false ends it. */
  readonly going: (done: number, of: number) => boolean;
};
export type Shown = { readonly left: readonly string[]; readonly places: Places; readonly complete: boolean };

export async function showRows(s: Showing): Promise<Shown> {
  const { port, sheet, lang, title } = s;
  const looks = looksOf(sheet, lang);
  const ids = new Set(s.rows.map((r) => r.id));
  let places = await look(port, sheet, lang, title, { ids });
  if (s.made || places.blank) {
    await port.dress(title, { headerRow: HEADER_ROW, columns: looks, frozenColumns: 1 + sheet.columns.filter((c) => c.frozen).length, rows: Math.max(s.rows.length, 1) });
    places = await look(port, sheet, lang, title, { ids });
  }
  if (s.left.size > 0) {
    await port.removeRows(title, [...s.left].flatMap((id) => places.rows.get(id) ?? []));
    places = await look(port, sheet, lang, title, { ids });
  }
  const gone = new Set(s.rows.filter((r) => r['gone'] === true).map((r) => r.id));
  // Known only when the whole was read, or when the service says so of a row.
  const left = [...places.rows.keys()].filter((id) => (s.whole ? !s.all.has(id) : gone.has(id)));
  const wanted = inOrder(sheet, s.rows.filter((r) => !gone.has(r.id)));
  const [old, fresh] = [wanted.filter((r) => places.rows.has(r.id)), wanted.filter((r) => !places.rows.has(r.id))];
  let done = 0;
  let going = true;
  for (let at = 0; at < old.length && going; at += SLICE) {
    const writes = changesOf(sheet, lang, places, old.slice(at, at + SLICE), s.keep);
    if (writes.length > 0) await port.write(title, writes);
    else if (old.length > SLICE) await breath();
    done = Math.min(at + SLICE, old.length);
    going = s.going(done, wanted.length);
  }
  const written = going && fresh.length > 0 ? await append(s, looks, places, fresh, (n) => s.going(old.length + n, wanted.length)) : 0;
  const rows = new Map(places.rows);
  fresh.slice(0, written).forEach((row, i) => rows.set(row.id, places.nextRow + i));
  if (written > 0) await inherit(port, title, places, { from: places.nextRow, count: written });
  const columns = places.columns.flatMap((c) => c ?? []);
  await port.paint(title, left.flatMap((id) => columns.map((column) => ({ row: places.rows.get(id)!, column, look: 'muted' as const }))));
  return { left, places: { ...places, rows, nextRow: places.nextRow + written }, complete: done >= old.length && written === fresh.length };
}
const breath = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 0); });

/** How many of the new rows stand in the sheet: all, or those up to where it was stopped. */
async function append({ port, sheet, lang, title }: Showing, looks: ReturnType<typeof looksOf>, places: Places, fresh: readonly Row[], going: (n: number) => boolean): Promise<number> {
  const placed = looks.flatMap((l, i) => { const at = i === 0 ? places.idColumn : places.columns[i - 1]; return at === undefined ? [] : [{ ...l, column: at }]; });
  await port.lists(title, placed, places.nextRow, fresh.length);
  for (let at = 0; at < fresh.length; at += SLICE) {
    const slice = fresh.slice(at, at + SLICE);
    await port.append(title, placed, places.nextRow + at, slice.length, linesOf(sheet, lang, places, slice, places.nextRow + at));
    if (!going(at + slice.length)) return at + slice.length;
  }
  return fresh.length;
}
/** New rows take the formulas of the user's own columns from the row above them. */
async function inherit(port: SpreadsheetPort, title: string, places: Places, rows: { readonly from: number; readonly count: number }): Promise<void> {
  const above = rows.from - 1;
  if (places.own.length === 0 || above <= places.header) return;
  const [first, last] = [Math.min(...places.own), Math.max(...places.own)];
  const line = (await port.formulasAt({ sheet: title, row: above, column: first, rows: 1, columns: last - first + 1 }))[0] ?? [];
  const columns = places.own.filter((c) => String(line[c - first] ?? '').startsWith('='));
  if (columns.length > 0) await port.fillDown(title, columns, above, rows.from, rows.count);
}
