/** A pick list as a PDF, A4: what to fetch, in the order of the bins, and for which parcels. */
import { localTimeText } from '../contract/values/time.ts';
import { MM, paper, printable, qr, type Doc } from './paper.ts';
import type { Look, LookField } from './templates.ts';

const PAGE: [number, number] = [210 * MM, 297 * MM];
const EDGE = 12 * MM;
const WIDTH = PAGE[0] - 2 * EDGE;
export type PickLine = { readonly bin: string; readonly skuCode: string; readonly name: string; readonly quantity: number; /** Of them, gifts. */ readonly gifts?: number; readonly slots: readonly { readonly slot: number; readonly quantity: number }[] };
export type PickListView = { readonly waveId: string; readonly title: string; readonly warehouseName: string; readonly parcels: number; readonly lines: readonly PickLine[]; readonly printedAt: Date };

const nameOf = (line: PickLine): string => printable(`${line.name}${line.gifts ? `（含赠品 ${line.gifts}）` : ''}`);
const CELLS: Readonly<Record<string, { readonly width: number; readonly gap: number; readonly bold?: true; readonly text: (l: PickLine) => string }>> = {
  bin: { width: 70, gap: 4, bold: true, text: (l) => l.bin || '—' }, sku: { width: 90, gap: 4, text: (l) => l.skuCode }, name: { width: 190, gap: 4, text: nameOf }, quantity: { width: 40, gap: 8, bold: true, text: (l) => String(l.quantity) },
  slots: { width: WIDTH - 410, gap: 8, text: (l) => l.slots.map((s) => `${s.slot}×${s.quantity}`).join('  ') },
};
type Column = { readonly x: number; readonly w: number; readonly f: LookField; readonly bold: boolean; readonly text: (l: PickLine) => string };

/** Shown columns side by side; what hidden ones leave goes to the name, else to the last. */
function columnsOf(look: Look): Column[] {
  const shown = look.fields.flatMap((f) => (CELLS[f.field] ? [{ f, c: CELLS[f.field]! }] : []));
  const used = shown.reduce((n, { c }, i) => n + c.width + (i < shown.length - 1 ? c.gap : 0), 0);
  const wide = shown.some(({ f }) => f.field === 'name') ? 'name' : shown.at(-1)?.f.field;
  let x = 0;
  return shown.map(({ f, c }) => {
    const w = c.width + (f.field === wide ? Math.max(0, WIDTH - used) : 0);
    const column = { x, w, f, bold: c.bold === true, text: c.text };
    x += w + c.gap;
    return column;
  });
}

type Sheet = { readonly doc: Doc; readonly view: PickListView; readonly look: Look; readonly columns: readonly Column[] };
export function renderPickList(view: PickListView, look: Look): Promise<Uint8Array> {
  return paper(`拣货单 ${view.waveId}`, PAGE, EDGE, function* (doc) {
    const sheet = { doc, view, look, columns: columnsOf(look) };
    doc.addPage({ size: PAGE, margin: EDGE });
    head(sheet);
    for (const line of view.lines) { row(sheet, line); yield line; }
    const [total, note] = [look.shows('total'), look.shows('note1')];
    if (total) doc.font('plain').fontSize(total.size).text(printable(look.words(total, { kinds: view.lines.length, pieces: view.lines.reduce((n, l) => n + l.quantity, 0) })), EDGE, doc.y + 6, { width: WIDTH, align: 'right' });
    if (note && look.words(note)) doc.font('plain').fontSize(note.size).text(printable(look.words(note)), EDGE, doc.y + 6, { width: WIDTH });
  });
}

function head({ doc, view, look, columns }: Sheet): void {
  const [title, code] = [look.shows('title'), look.shows('qr')];
  if (title) doc.font('bold').fontSize(title.size).text(printable(look.words(title)), EDGE, EDGE);
  doc.font('plain').fontSize(10).text(printable(`${view.title} · ${view.warehouseName} · ${view.parcels} 个包裹 · ${localTimeText(view.printedAt)}`), EDGE, EDGE + 26, { width: WIDTH - 70 });
  if (code) qr(doc, view.waveId, EDGE + WIDTH - code.size, EDGE, code.size);
  titles({ doc, look, columns }, EDGE + Math.max(66, code ? code.size + 6 : 0));
}
function titles({ doc, look, columns }: Pick<Sheet, 'doc' | 'look' | 'columns'>, y: number): void {
  doc.fillColor('#000').font('bold').fontSize(10);
  for (const c of columns) doc.text(printable(look.words(c.f)), EDGE + c.x, y, { width: c.w, lineBreak: false });
  doc.moveTo(EDGE, y + 15).lineTo(EDGE + WIDTH, y + 15).lineWidth(0.8).stroke('#000');
  doc.y = y + 19;
}
function row({ doc, look, columns }: Sheet, line: PickLine): void {
  const cells = columns.map((c) => c.text(line));
  const height = Math.max(16, ...columns.map((c, i) => doc.font('plain').fontSize(c.f.size).heightOfString(cells[i]!, { width: c.w }) + 3));
  if (doc.y + height > PAGE[1] - EDGE - 14) {
    doc.addPage({ size: PAGE, margin: EDGE });
    titles({ doc, look, columns }, EDGE);
  }
  const { y } = doc;
  columns.forEach((c, i) => doc.font(c.bold ? 'bold' : 'plain').fontSize(c.f.size).text(cells[i]!, EDGE + c.x, y, { width: c.w }));
  doc.moveTo(EDGE, y + height - 2).lineTo(EDGE + WIDTH, y + height - 2).lineWidth(0.3).stroke('#999');
  doc.y = y + height;
}
