/** What hangs at cells and is kept beside the grid goes with its cells when rows and columns come and go. The grid moves lists and notes by itself. */
import type { Area, Grid, Moved } from '../grid.ts';
import type { Extras } from './book.ts';

/** Where it is now; undefined: all of it was deleted. An area that is inserted into grows. */
export function movedArea(area: Area, m: Pick<Moved, 'kind' | 'at' | 'count'>): Area | undefined {
  const rows = m.kind.startsWith('Row');
  const [from, size] = rows ? [area.row, area.rows] : [area.column, area.columns];
  const last = from + size - 1;
  const move = (n: number, end: boolean): number => (m.kind.endsWith('Inserted') ? (n >= m.at ? n + m.count : n) : n < m.at ? n : n >= m.at + m.count ? n - m.count : end ? m.at - 1 : m.at);
  const [first, end] = [move(from, false), move(last, true)];
  if (end < first) return undefined;
  return rows ? { ...area, row: first, rows: end - first + 1 } : { ...area, column: first, columns: end - first + 1 };
}
const cell = (row: number, column: number): Area => ({ row, column, rows: 1, columns: 1 });

export function moveExtras(extras: Extras, grid: Grid, m: Moved): void {
  const areas = (list: readonly Area[]): Area[] => list.flatMap((a) => movedArea(a, m) ?? []);
  extras.comments = extras.comments.flatMap((c) => { if (c.sheetId !== m.sheetId) return [c]; const at = movedArea(cell(c.row, c.column), m); return at ? [{ ...c, row: at.row, column: at.column }] : []; });
  extras.hyperlinks = Object.fromEntries(Object.entries(extras.hyperlinks).flatMap(([key, link]) => {
    const [sheet, row, column] = key.split('|');
    if (sheet !== m.sheetId) return [[key, link]];
    const at = movedArea(cell(Number(row), Number(column)), m);
    return at ? [[`${sheet}|${at.row}|${at.column}`, link]] : [];
  }));
  const open = extras.unlocked[m.sheetId];
  if (open) extras.unlocked[m.sheetId] = areas(open);
  // Seen before the grid may move them too, and told after: it is the same place either way.
  const rules = grid.conditionals(m.sheetId).map((c) => ({ ...c, areas: areas(c.areas) }));
  if (rules.length === 0) return;
  void Promise.resolve().then(() => { for (const rule of rules) if (rule.areas.length > 0) grid.setConditional(rule); else grid.removeConditional(m.sheetId, rule.id); });
}
