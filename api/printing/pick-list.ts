/** A pick list as a PDF, A4: what to fetch, in the order of the bins, and for which parcels. */
import { localTimeText } from '../contract/values/time.ts';
import { MM, paper, printable, qr, type Doc } from './paper.ts';

const PAGE: [number, number] = [210 * MM, 297 * MM];
const EDGE = 12 * MM;
const WIDTH = PAGE[0] - 2 * EDGE;
export type PickLine = { readonly bin: string; readonly skuCode: string; readonly name: string; readonly quantity: number; /** Of them, gifts. */ readonly gifts?: number; readonly slots: readonly { readonly slot: number; readonly quantity: number }[] };
export type PickListView = { readonly waveId: string; readonly title: string; readonly warehouseName: string; readonly parcels: number; readonly lines: readonly PickLine[]; readonly printedAt: Date };
const COLUMNS = [{ x: 0, w: 70, title: '库位' }, { x: 74, w: 90, title: '货品' }, { x: 168, w: 190, title: '名称' }, { x: 362, w: 40, title: '件数' }, { x: 410, w: WIDTH - 410, title: '分到（格×件）' }] as const;

export function renderPickList(view: PickListView): Promise<Uint8Array> {
  return paper(`拣货单 ${view.waveId}`, PAGE, EDGE, (doc) => {
    doc.addPage({ size: PAGE, margin: EDGE });
    head(doc, view);
    for (const line of view.lines) row(doc, line);
    doc.font('plain').fontSize(9).text(`共 ${view.lines.length} 种 ${view.lines.reduce((n, l) => n + l.quantity, 0)} 件`, EDGE, doc.y + 6, { width: WIDTH, align: 'right' });
  });
}

function head(doc: Doc, view: PickListView): void {
  doc.font('bold').fontSize(18).text('拣货单', EDGE, EDGE);
  doc.font('plain').fontSize(10).text(printable(`${view.title} · ${view.warehouseName} · ${view.parcels} 个包裹 · ${localTimeText(view.printedAt)}`), EDGE, EDGE + 26, { width: WIDTH - 70 });
  qr(doc, view.waveId, EDGE + WIDTH - 60, EDGE, 60);
  titles(doc, EDGE + 66);
}
function titles(doc: Doc, y: number): void {
  doc.fillColor('#000').font('bold').fontSize(10);
  for (const c of COLUMNS) doc.text(c.title, EDGE + c.x, y, { width: c.w, lineBreak: false });
  doc.moveTo(EDGE, y + 15).lineTo(EDGE + WIDTH, y + 15).lineWidth(0.8).stroke('#000');
  doc.y = y + 19;
}
const nameOf = (line: PickLine): string => printable(`${line.name}${line.gifts ? `（含赠品 ${line.gifts}）` : ''}`);
function row(doc: Doc, line: PickLine): void {
  const slots = line.slots.map((s) => `${s.slot}×${s.quantity}`).join('  ');
  const height = Math.max(16, doc.font('plain').fontSize(10).heightOfString(slots, { width: COLUMNS[4].w }) + 3, doc.heightOfString(nameOf(line), { width: COLUMNS[2].w }) + 3);
  if (doc.y + height > PAGE[1] - EDGE - 14) {
    doc.addPage({ size: PAGE, margin: EDGE });
    titles(doc, EDGE);
  }
  const { y } = doc;
  const cells = [line.bin || '—', line.skuCode, nameOf(line), String(line.quantity), slots];
  COLUMNS.forEach((c, i) => doc.font(i === 3 || i === 0 ? 'bold' : 'plain').fontSize(10).text(cells[i]!, EDGE + c.x, y, { width: c.w }));
  doc.moveTo(EDGE, y + height - 2).lineTo(EDGE + WIDTH, y + height - 2).lineWidth(0.3).stroke('#999');
  doc.y = y + height;
}
