/** What a figure is made of: a sentence, a formula with its terms, and the rows, each opening further. */
import * as z from 'zod';
import { both, route } from './route.ts';
import { SHEETS } from './sheets/index.ts';
import type { ColumnKind } from './sheets/sheet.ts';

/** A figure of a row: `field` is a path in the list row (`paidFen`, `receiver.province`, `lines.<platformLineId>.paidFen`). */
export const FigureRef = z.object({ noun: z.string().min(1).max(60), id: z.string().min(1).max(300), field: z.string().min(1).max(200) });
export type FigureRef = z.output<typeof FigureRef>;
const Kind = z.enum(['money', 'quantity', 'rate', 'text']);
export type FigureKind = z.output<typeof Kind>;
/** `value` in the kind's own unit (fen, pieces, per 10,000), signed as it enters the figure. A part without `ref` is a leaf. */
export const FigurePart = z.object({ label: both, words: both, value: z.number(), kind: Kind, ref: FigureRef.optional() });
export type FigurePart = z.output<typeof FigurePart>;
/**
 * `sum`: the parts and `restValue` add up to the value. `product`: the parts multiplied. `quotient`: the first over the second,
 * rounded. `steps`: each part is the figure after a step, the last is the value. `leaf`: nothing below but `source`.
 */
export const HOW = ['sum', 'product', 'quotient', 'steps', 'leaf'] as const;
export const Explanation = FigureRef.extend({
  title: both, kind: Kind, value: z.union([z.number(), z.string(), z.null()]), sentence: both, how: z.enum(HOW), parts: z.array(FigurePart),
  /** All parts there are; those beyond the listed ones are in `restValue`. */
  partsCount: z.number(), restValue: z.number(),
  /** Words of others: the platform's own line, a rule's row, who typed it and when. */
  source: z.array(z.object({ label: both, value: z.string() })),
});
export type Explanation = z.output<typeof Explanation>;

const KINDS: Readonly<Partial<Record<ColumnKind, FigureKind>>> = { money: 'money', quantity: 'quantity', rate: 'rate' };
/** The column of a sheet that shows a field of a noun. */
export function figureColumn(noun: string, field: string): { readonly title: { readonly zh: string; readonly en: string }; readonly kind: FigureKind } {
  for (const s of SHEETS) if (s.noun === noun) for (const c of s.columns) if (c.field === field) return { title: c.title, kind: KINDS[c.kind] ?? 'text' };
  return { title: { zh: field, en: field }, kind: field.endsWith('Fen') ? 'money' : field.endsWith('Rate') ? 'rate' : 'quantity' };
}

export const whyRoutes = {
  whyFigure: route({
    name: 'whyFigure', method: 'GET', path: '/api/v1/why', summary: { zh: '一个数是怎么来的', en: 'What a figure is made of' }, right: 'signed-in', query: FigureRef, response: Explanation, problems: ['not_found', 'no_right'],
  }),
};

/** What an explainer answers: the value and its title are the row's own. */
export type Explained = Pick<Explanation, 'sentence' | 'how' | 'parts'> & Partial<Pick<Explanation, 'partsCount' | 'restValue' | 'source'>>;
export type FigureRow = { readonly id: string } & Readonly<Record<string, unknown>>;
/** Undefined: not this time; another explainer, or the plain one, may know. */
export type Explainer = (row: FigureRow, field: string) => Promise<Explained | undefined> | Explained | undefined;
/** What a pillar can explain of a noun: its rows by id (of its own nouns), and its fields. */
export type NounExplained = { readonly rows?: (ids: readonly string[]) => Promise<readonly FigureRow[]>; readonly fields: Readonly<Record<string, Explainer>> };
export type Explains = Readonly<Record<string, NounExplained>>;

/** Parts beyond these are summed up in `restValue`. */
export const PARTS_SHOWN = 200;
/** Rows that add up, the largest first when there are too many to show. */
export function sumOf(sentence: Explained['sentence'], parts: readonly FigurePart[], source: Explanation['source'] = []): Explained {
  const shown = parts.length <= PARTS_SHOWN ? parts : [...parts].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, PARTS_SHOWN);
  const rest = parts.reduce((n, p) => n + p.value, 0) - shown.reduce((n, p) => n + p.value, 0);
  return { sentence, how: 'sum', parts: [...shown], partsCount: parts.length, restValue: rest, source };
}
/** A term of a formula: another field of the same row. */
export const term = (row: FigureRow, noun: string, field: string, sign: 1 | -1 = 1): FigurePart => {
  const { title, kind } = figureColumn(noun, field);
  return { label: title, words: { zh: '', en: '' }, value: sign * Number(fieldOf(row, field) ?? 0), kind, ref: { noun, id: row.id, field } };
};
/** A path in a row; the member of a list is named by its `platformLineId`, `skuCode` or place. */
export function fieldOf(row: unknown, path: string): unknown {
  let at: unknown = row;
  for (const key of path.split('.')) {
    if (Array.isArray(at)) at = (at as Record<string, unknown>[]).find((x) => x['platformLineId'] === key || x['skuCode'] === key) ?? at[Number(key)];
    else at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined;
  }
  return at;
}
