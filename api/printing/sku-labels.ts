/**
 * Labels for goods, one page a label: what the company wants on them, in its order, on its paper (the Print layout sheet).
 * The bar code is Code 128 of the barcode (or the code). Its bars are never thinner than a label printer of 203 dpi draws sharply;
 * a code that is too long for the paper is refused, since nobody could scan it.
 */
import { labelPaper } from '../contract/print-templates.ts';
import { code128, code128Modules, drawLogo, MM, paper, printable, type Doc, type Logo } from './paper.ts';
import type { Look, LookField } from './templates.ts';

export type SkuLabel = { readonly skuCode: string; readonly name: string; readonly barcode: string; readonly batch: string; readonly expiresOn: string; readonly bin: string; readonly price: string };
const EDGE = 2 * MM;
/** Light on both sides, in modules. Source: ISO/IEC 15417, quiet zone of Code 128. */
const QUIET = 10;
/** Two dots of 203 dpi, less what is lost in rounding. Wider than the other, bars only take room. */
const [THINNEST, WIDEST] = [0.245 * MM, 0.5 * MM];

type Page = { readonly width: number; readonly height: number };
const pageOf = (look: Look, wanted?: string): Page => {
  const [width, height] = labelPaper(wanted ?? look.shows('paper')?.zh ?? '') ?? [50, 30];
  return { width: width * MM, height: height * MM };
};
const numberOf = (l: SkuLabel): string => l.barcode || l.skuCode;
/** Code 128 has no characters beyond ASCII: such a code stands as text only. */
const hasBars = (l: SkuLabel): boolean => /^[\x20-\x7e]+$/.test(numberOf(l));
const moduleOf = (l: SkuLabel, page: Page): number => Math.min(WIDEST, page.width / (code128Modules(numberOf(l)) + 2 * QUIET));

/** Labels whose bar code could not be scanned on this paper. */
export const unscannable = (labels: readonly SkuLabel[], look: Look, wanted?: string): SkuLabel[] => labels.filter((l) => hasBars(l) && moduleOf(l, pageOf(look, wanted)) < THINNEST);

export function renderSkuLabels(labels: readonly SkuLabel[], look: Look, wanted?: string): Promise<Uint8Array> {
  const page = pageOf(look, wanted);
  const size: [number, number] = [page.width, page.height];
  return paper(`货品标签 ${labels.length}`, size, EDGE, function* (doc, open) {
    const logo = open(look.logo);
    for (const label of labels) {
      doc.addPage({ size, margin: EDGE / 2 });
      doc.fillColor('#000');
      drawLabel({ doc, label, look, logo, page });
      yield label;
    }
  });
}

type Sheet = { readonly doc: Doc; readonly label: SkuLabel; readonly look: Look; readonly logo: Logo | undefined; readonly page: Page };
/** Short texts, which share a line with their neighbours of the same size. */
const SHORT: Readonly<Record<string, (l: SkuLabel) => string>> = { sku: (l) => l.skuCode, batch: (l) => l.batch, expires: (l) => l.expiresOn, bin: (l) => l.bin, price: (l) => l.price };
const LONG: Readonly<Record<string, (l: SkuLabel) => string>> = { name: (l) => l.name, note1: () => ' ', note2: () => ' ' };
const NAME_LINES = 2;
const GAP = 1;

type Part = { readonly font: 'plain' | 'bold'; readonly size: number; readonly text: string; readonly lines: number; readonly align: 'left' | 'center' } | { readonly bars: number } | { readonly logo: number };
/** What stands on the label, from top to bottom. */
function partsOf({ label, look }: Sheet): Part[] {
  const parts: Part[] = [];
  let line: { field: LookField; texts: string[] } | undefined;
  const endLine = (): void => { if (line && line.texts.length > 0) parts.push({ font: 'plain', size: line.field.size, text: line.texts.join('  '), lines: 2, align: 'left' }); line = undefined; };
  for (const f of look.fields) {
    const short = SHORT[f.field];
    if (short) {
      if (line && line.field.size !== f.size) endLine();
      line ??= { field: f, texts: [] };
      if (short(label) !== '') line.texts.push(`${look.words(f)}${short(label)}`);
      if (f.rule) endLine();
      continue;
    }
    endLine();
    const long = LONG[f.field];
    if (long) parts.push({ font: f.field === 'name' ? 'bold' : 'plain', size: f.size, text: `${look.words(f)}${long(label)}`.trim(), lines: NAME_LINES, align: 'left' });
    else if (f.field === 'logo') parts.push({ logo: f.size * MM });
    else if (f.field === 'barcode' && hasBars(label)) parts.push({ bars: f.size * MM });
    else if (f.field === 'number') parts.push({ font: 'plain', size: f.size, text: numberOf(label), lines: 1, align: 'center' });
  }
  endLine();
  return parts.filter((p) => !('text' in p) || p.text !== '');
}

/** From top to bottom; where the paper is too low for all, the bar code keeps its height, and what comes last is cut. */
function drawLabel(s: Sheet): void {
  const { doc, page, logo } = s;
  const width = page.width - 2 * EDGE;
  const parts = partsOf(s);
  let y = EDGE / 2;
  let kept = parts.reduce((n, p) => n + ('bars' in p ? p.bars + GAP : 0), 0);
  for (const p of parts) {
    if ('bars' in p) {
      const module = moduleOf(s.label, page);
      const wide = module * code128Modules(numberOf(s.label));
      code128(doc, numberOf(s.label), (page.width - wide) / 2, y, wide, p.bars);
      y += p.bars + GAP;
      kept -= p.bars + GAP;
      continue;
    }
    const room = page.height - EDGE / 2 - kept - y;
    if ('logo' in p) {
      const high = logo ? (p.logo * logo.height) / logo.width : 0;
      if (logo && high <= room) y += drawLogo(doc, logo, EDGE, y, p.logo) + 2;
      continue;
    }
    doc.font(p.font).fontSize(p.size);
    const line = doc.currentLineHeight(true);
    if (room < line) continue;
    const lines = Math.min(p.lines, Math.floor(room / line), Math.ceil(doc.heightOfString(printable(p.text), { width }) / line - 0.1));
    doc.text(printable(p.text), EDGE, y, { width, height: lines * line + 0.1, ellipsis: true, align: p.align });
    y += lines * line;
  }
}
