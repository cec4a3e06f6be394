/**
 * What a value without a formula was copied or summed up from. Excel keeps no trace of that, so it is found by what stands around
 * it: the title above names a column of ours, the words beside it are of its row, or of the rows that a pivot puts together.
 * In: a cell. Out: the rows whose figures add up to it; or the nearest, said to be that.
 */
import { figureColumn } from '../../api/contract/why.ts';
import type { Both } from '../../api/contract/route.ts';
import type { Column, Sheet } from '../../api/contract/sheets/sheet.ts';
import { fenFromInteger, yuanForCell } from '../../api/contract/values/money.ts';
import type { Cell, Spot } from '../excel/port.ts';
import { cellOf, sameCell, type Row } from './cells.ts';
import type { Desk } from './desk.ts';
import type { FigureTerm } from './figures.ts';

export type Copy = {
  readonly is: 'copy'; readonly shown: Cell; /** The rows add up to what the cell shows, and nothing else does as well. */ readonly exact: boolean; readonly sheet: Both; readonly column: Both;
  readonly where: readonly { readonly column: Both; readonly value: string }[]; readonly terms: readonly FigureTerm[]; readonly total: number; readonly kind: FigureTerm['kind']; readonly more: number; /** How many others would fit as well. */ readonly others: number;
};
const UP = 200;
const LEFT = 60;
const SHOWN = 200;
const NUMBERS: ReadonlySet<Column['kind']> = new Set(['money', 'quantity', 'number']);
/** What Excel puts before the name of a field that it sums up or counts. */
const SUMMED = /^(求和项[:：]|计数项[:：]|Sum of |Count of )/i;
const COUNTED = /^(计数项|Count of )/i;
const TOTAL = /^(总计|合计|小计|grand total|total)$|( 汇总| total)$/i;

type Around = { readonly titles: readonly string[]; readonly labels: readonly string[]; readonly filled: readonly string[] };
/** Up to the nearest empty column and row: what stands beyond is another table. */
function blockOf(cells: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  const width = cells[0]?.length ?? 0;
  let left = width - 1;
  while (left > 0 && cells.some((line) => line[left - 1] !== '')) left -= 1;
  const own = cells.map((line) => line.slice(left));
  let top = own.length - 1;
  while (top > 0 && own[top - 1]!.some((cell) => cell !== '')) top -= 1;
  return own.slice(top);
}
/** Words above and beside; `filled` with those that a pivot leaves out where they are the same as above. */
async function around(desk: Desk, spot: Spot): Promise<Around> {
  const [top, left] = [Math.max(0, spot.row - UP), Math.max(0, spot.column - LEFT)];
  const block = blockOf(await desk.port.readAt({ sheet: spot.sheet, row: top, column: left, rows: spot.row - top + 1, columns: spot.column - left + 1 }));
  const word = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell.trim() : '');
  const titles: string[] = [];
  for (let r = block.length - 2; r >= 0 && titles.length < 2; r -= 1) { const text = word(block[r]!.at(-1)); if (text !== '') titles.push(text); }
  const beside = block.at(-1)!.slice(0, -1);
  const above = (c: number): string => { for (let r = block.length - 2; r >= 0; r -= 1) { const text = word(block[r]![c]); if (text !== '') return text; } return ''; };
  return { titles, labels: beside.map(word).filter(Boolean), filled: beside.map((cell, c) => (cell === '' ? above(c) : word(cell))).filter(Boolean) };
}

type Met = { readonly rows: readonly Row[]; readonly where: Copy['where'] };
/** The rows of ours that all words beside it are of; words that no row has say nothing. */
function rowsMet(sheet: Sheet, rows: readonly Row[], labels: readonly string[], lang: 'zh' | 'en'): Met {
  const wanted = new Set(labels.filter((l) => !TOTAL.test(l)));
  const columns = sheet.columns.filter((c) => !NUMBERS.has(c.kind) && c.kind !== 'rate' && c.kind !== 'instant' && c.kind !== 'day' && c.kind !== 'tick');
  const found = new Map<string, Map<Column | 'id', Set<Row>>>();
  const note = (label: string, column: Column | 'id', row: Row): void => {
    if (!wanted.has(label)) return;
    const by = found.get(label) ?? found.set(label, new Map()).get(label)!;
    (by.get(column) ?? by.set(column, new Set()).get(column)!).add(row);
  };
  if (wanted.size > 0) for (const row of rows) { note(row.id, 'id', row); for (const c of columns) note(String(cellOf(c, row, lang)), c, row); }
  let met = [...rows];
  const where: { column: Both; value: string }[] = [];
  for (const [value, by] of found) {
    const [column, own] = [...by].sort(([, a], [, b]) => b.size - a.size)[0]!;
    const next = met.filter((r) => own.has(r));
    if (next.length === 0) continue;
    met = next;
    where.push({ column: column === 'id' ? { zh: '编号', en: 'id' } : column.title, value });
  }
  return { rows: met, where };
}

type Rank = { readonly copy: Omit<Copy, 'exact' | 'others'>; /** Lower is surer. */ readonly rank: number };
function candidates(sheet: Sheet, all: readonly Row[], { titles, labels }: Pick<Around, 'titles' | 'labels'>, shown: Cell, lang: 'zh' | 'en'): Rank[] {
  const said = titles.map((t) => t.replace(SUMMED, ''));
  const titled = sheet.columns.filter((c) => said.includes(c.title.zh) || said.includes(c.title.en));
  const counts = titles.some((t) => COUNTED.test(t));
  // Words above that are no title may be a pivot's: the values of a field laid out across.
  const met = rowsMet(sheet, all, [...labels, ...titles], lang);
  const total = labels.some((l) => TOTAL.test(l));
  if (met.where.length === 0 && !(titled.length > 0 && total)) return [];
  const columns = titled.length > 0 ? titled : sheet.columns.filter((c) => NUMBERS.has(c.kind));
  return columns.flatMap((c): Rank[] => {
    const plain = NUMBERS.has(c.kind);
    if (!plain && !counts && met.rows.length !== 1) return [];
    const { kind } = figureColumn(sheet.noun, c.field);
    const terms = met.rows.map((row): FigureTerm => {
      const value = plain || kind === 'rate' ? cellOf({ ...c, kind: 'quantity' }, row, lang) : 0;
      return { ref: { noun: sheet.noun, id: row.id, field: c.field }, label: sheet.columns.slice(0, 2).map((x) => String(cellOf(x, row, lang))).filter(Boolean).join(' · '), column: c.title[lang], value: counts ? 1 : Number(value), kind: counts ? 'quantity' : kind };
    });
    const sum = terms.reduce((n, t) => n + t.value, 0);
    const inCell: Cell = counts ? sum : !plain ? cellOf(c, met.rows[0]!, lang) : c.kind === 'money' ? yuanForCell(fenFromInteger(Math.round(sum))) : sum;
    const same = sameCell(inCell, shown) || (typeof inCell === 'number' && typeof shown === 'number' && Math.abs(inCell - shown) < 1e-6);
    const sorted = [...terms].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    if (!same && titled.length === 0) return [];
    return [{ rank: (same ? 0 : 4) + (titled.length > 0 ? 0 : 2) - met.where.length * 0.01, copy: { is: 'copy', shown, sheet: sheet.title, column: c.title, where: met.where, terms: sorted.slice(0, SHOWN), total: sum, kind: counts ? 'quantity' : kind, more: Math.max(0, terms.length - SHOWN) } }];
  });
}

export async function copyAt(desk: Desk, spot: Spot): Promise<Copy | undefined> {
  const cell = { ...spot, rows: 1, columns: 1 };
  const shown = (await desk.port.readAt(cell))[0]?.[0] ?? '';
  if (shown === '' || (spot.row === 0 && spot.column === 0)) return undefined;
  const near = await around(desk, cell);
  for (const labels of JSON.stringify(near.labels) === JSON.stringify(near.filled) ? [near.labels] : [near.labels, near.filled]) {
    const found = desk.filled().flatMap(({ sheet, rows }) => candidates(sheet, rows, { titles: near.titles, labels }, shown, desk.lang)).sort((a, b) => a.rank - b.rank);
    const [best] = found;
    if (!best || (best.rank >= 3 && labels !== near.filled && near.filled.length !== near.labels.length)) continue;
    const others = found.filter((f) => f !== best && Math.floor(f.rank) === Math.floor(best.rank)).length;
    return { ...best.copy, exact: best.rank < 3 && others === 0, others };
  }
  return undefined;
}
