/** What the selected cell is: a figure of ours, a formula over such figures, or neither. */
import { fieldOf, figureColumn, type FigureKind, type FigureRef } from '../../api/contract/why.ts';
import type { Sheet } from '../../api/contract/sheets/sheet.ts';
import type { Cell, Spot } from '../excel/port.ts';
import type { Row } from './cells.ts';
import type { Copy } from './copies.ts';
import type { Desk } from './desk.ts';
import { meets, readFormula, type Area, type Read } from './formula-cells.ts';
import type { Places } from './layout.ts';

export type FigureTerm = { readonly ref: FigureRef; /** What names the row: its first two columns. */ readonly label: string; readonly column: string; readonly value: number; readonly kind: FigureKind };
/** `adds`: the terms add up to what the cell shows, in the terms' own unit. `shown`: as the cell has it. */
export type Subject =
  | { readonly is: 'figure'; readonly ref: FigureRef }
  | { readonly is: 'formula'; readonly formula: string; readonly shown: Cell; readonly terms: readonly FigureTerm[]; readonly total: number; readonly kind: FigureKind; readonly adds: boolean; readonly more: number }
  | Copy
  | { readonly is: 'other' };
/** A sheet of ours as it stands: where its columns and rows are, and its rows. */
export type Ours = { readonly sheet: Sheet; readonly places: Places; readonly row: (id: string) => Row | undefined };

const SHOWN = 200;
/** A sum of sums of sums is opened; deeper ones are told as far as that. */
const DEEP = 4;
const CELLS = 50_000;

export async function subjectAt(desk: Desk, spot: Spot): Promise<Subject> {
  const ours = await desk.ours(spot.sheet, { from: spot.row, count: 1 });
  const own = figureAt(ours, spot.row, spot.column);
  if (own) return { is: 'figure', ref: own.ref };
  const cell = { ...spot, rows: 1, columns: 1 };
  const formula = String((await desk.port.formulasAt(cell))[0]?.[0] ?? '');
  if (!formula.startsWith('=')) return (ours ? undefined : await (await import('./copies.ts')).copyAt(desk, cell)) ?? { is: 'other' };
  const shown = (await desk.port.readAt(cell))[0]?.[0] ?? '';
  const { terms, adds } = await termsOf(desk, formula, spot.sheet, 1, 0);
  if (terms.length === 0) return { is: 'other' };
  const kinds = new Set(terms.map((t) => t.kind));
  const total = terms.reduce((n, t) => n + t.value, 0);
  const sorted = [...terms].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return { is: 'formula', formula, shown, terms: sorted.slice(0, SHOWN), total, kind: kinds.size === 1 ? [...kinds][0]! : 'quantity', adds: adds && kinds.size === 1, more: Math.max(0, terms.length - SHOWN) };
}

function figureAt(ours: Ours | undefined, row: number, column: number): FigureTerm | undefined {
  if (!ours || row <= ours.places.header) return undefined;
  const is = ours.sheet.columns[ours.places.columns.indexOf(column)];
  const kept = ours.row(String(ours.places.at(row, ours.places.idColumn)));
  if (!is || !kept) return undefined;
  const { kind } = figureColumn(ours.sheet.noun, is.field);
  const label = ours.sheet.columns.slice(0, 2).map((_, i) => ours.places.columns[i]).flatMap((c) => (c === undefined ? [] : String(ours.places.at(row, c)))).filter(Boolean).join(' · ');
  return { ref: { noun: ours.sheet.noun, id: kept.id, field: is.field }, label, column: is.title.zh, value: Number(fieldOf(kept, is.field) ?? 0), kind };
}

type Found = { readonly terms: FigureTerm[]; readonly adds: boolean };
async function termsOf(desk: Desk, formula: string, here: string, sign: 1 | -1, depth: number): Promise<Found> {
  const reading = readFormula(formula.slice(1), sign);
  const terms: FigureTerm[] = [];
  let { adds } = reading;
  for (const read of reading.reads) {
    const found = await termsOfRead(desk, read, here, depth);
    adds &&= found.adds;
    for (const t of found.terms) terms.push(t);
  }
  return { terms, adds };
}

async function termsOfRead(desk: Desk, read: Read, here: string, depth: number): Promise<Found> {
  const title = read.area.sheet ?? here;
  const { row, lastRow } = read.area;
  const ours = await desk.ours(title, row === undefined || lastRow === undefined ? undefined : { from: row, count: lastRow - row + 1 });
  const spot = spotOf(title, read.area, ours?.places);
  if (!spot || spot.rows * spot.columns > CELLS) return { terms: [], adds: false };
  const wanted = await rowsThatMeet(desk, read, here, spot);
  const terms: FigureTerm[] = [];
  let adds = true;
  const formulas = ours ? undefined : await desk.port.formulasAt(spot);
  for (let r = 0; r < spot.rows; r += 1) for (let c = 0; c < spot.columns; c += 1) {
    if (wanted && !wanted.has(spot.row + r)) continue;
    const figure = figureAt(ours, spot.row + r, spot.column + c);
    if (figure && (figure.kind !== 'text' || read.counts)) terms.push({ ...figure, ...(read.counts ? { kind: 'quantity' as const } : {}), value: read.sign * (read.counts ? 1 : figure.value) });
    const text = String(formulas?.[r]?.[c] ?? '');
    if (text.startsWith('=') && depth < DEEP) {
      const under = await termsOf(desk, text, title, read.sign, depth + 1);
      adds &&= under.adds;
      for (const t of under.terms) terms.push(t);
    } else if (text !== '' && Number.isFinite(Number(text)) && Number(text) !== 0) adds = false;
  }
  return { terms, adds };
}
/** Whole columns end where the rows of ours do. */
function spotOf(sheet: string, area: Area, places: Places | undefined): Spot | undefined {
  const [row, lastRow] = [area.row ?? (places ? places.header + 1 : undefined), area.lastRow ?? (places ? places.nextRow - 1 : undefined)];
  if (row === undefined || lastRow === undefined || area.column === undefined || area.lastColumn === undefined || lastRow < row) return undefined;
  return { sheet, row, column: area.column, rows: lastRow - row + 1, columns: area.lastColumn - area.column + 1 };
}
async function rowsThatMeet(desk: Desk, read: Read, here: string, spot: Spot): Promise<ReadonlySet<number> | undefined> {
  if (read.where.length === 0) return undefined;
  const rows = new Set(Array.from({ length: spot.rows }, (_, i) => spot.row + i));
  for (const { area, criterion } of read.where) {
    const is = typeof criterion === 'string' ? criterion : await textAt(desk, criterion, here);
    const values = await desk.port.readAt({ sheet: area.sheet ?? here, row: spot.row, column: area.column ?? 0, rows: spot.rows, columns: 1 });
    values.forEach((line, i) => { if (!meets(line[0] ?? '', is)) rows.delete(spot.row + i); });
  }
  return rows;
}
async function textAt(desk: Desk, area: Area, here: string): Promise<string> {
  return String((await desk.port.readAt({ sheet: area.sheet ?? here, row: area.row ?? 0, column: area.column ?? 0, rows: 1, columns: 1 }))[0]?.[0] ?? '');
}
