/** Waybills as a PDF: 100 × 180 mm, one page a parcel: Code 128 and QR of the tracking number, both halves of the paper. */
import type { SlipView } from '../contract/slips.ts';
import { code128, MM, paper, printable, qr, type Doc } from './paper.ts';

const PAGE: [number, number] = [100 * MM, 180 * MM];
const EDGE = 4 * MM;
const WIDTH = PAGE[0] - 2 * EDGE;

export function renderLabels(slips: readonly SlipView[]): Promise<Uint8Array> {
  return paper(`面单 ${slips.length}`, PAGE, EDGE, (doc) => {
    for (const slip of slips) {
      doc.addPage({ size: PAGE, margin: EDGE });
      drawLabel(doc, slip);
    }
  });
}

const line = (doc: Doc, y: number): void => void doc.moveTo(EDGE, y).lineTo(EDGE + WIDTH, y).lineWidth(0.8).stroke('#000').fillColor('#000');

function drawLabel(doc: Doc, slip: SlipView): void {
  doc.font('bold').fontSize(20).text(slip.courierCode, EDGE, EDGE, { width: WIDTH / 2, lineBreak: false });
  doc.font('plain').fontSize(8).text(`打印 ${slip.printedAt}${slip.printCount > 1 ? `  补打 第 ${slip.printCount} 次` : ''}`, EDGE + WIDTH / 2, EDGE + 8, { width: WIDTH / 2, align: 'right', lineBreak: false });
  const top = EDGE + 26;
  line(doc, top);
  code128(doc, slip.trackingNumber, EDGE + 6 * MM, top + 6, WIDTH - 12 * MM, 16 * MM);
  doc.font('bold').fontSize(12).text(spaced(slip.trackingNumber), EDGE, top + 8 + 16 * MM, { width: WIDTH, align: 'center', lineBreak: false });
  const to = top + 28 + 16 * MM;
  line(doc, to);
  const r = slip.receiver;
  // What the sorter reads from two metres: the courier's own code, else where it goes.
  const c = slip.courier;
  doc.font('bold').fontSize(18).text(printable(c?.sortingCode || `${r.province} ${r.city} ${r.district}`.slice(0, 16)), EDGE, to + 4, { width: c ? WIDTH * 0.62 : WIDTH, lineBreak: false, ellipsis: true });
  if (c) doc.fontSize(11).text(printable([c.bulkPen, c.gatherPlace].filter(Boolean).join(' · ')), EDGE + WIDTH * 0.62, to + 9, { width: WIDTH * 0.38, align: 'right', lineBreak: false, ellipsis: true });
  doc.font('bold').fontSize(12).text(printable(`收 ${r.name}  ${r.phone}`), EDGE, to + 32, { width: WIDTH, height: 18, ellipsis: true });
  doc.font('plain').fontSize(11).text(printable(`${r.province}${r.city}${r.district}${r.address}`), EDGE, to + 50, { width: WIDTH, height: 44, ellipsis: true });
  const from = to + 100;
  line(doc, from);
  doc.font('plain').fontSize(8).text(printable(`寄 ${slip.shopName} · ${slip.warehouseName}`), EDGE, from + 4, { width: WIDTH - 26 * MM, height: 12, ellipsis: true });
  doc.text(`订单 ${slip.orderNumbers.join('、')}`, EDGE, from + 18, { width: WIDTH - 26 * MM, height: 22, ellipsis: true });
  doc.font('bold').fontSize(9).text(printable(slip.lines.map((l) => `${l.skuCode}×${l.quantity}${l.gift ? '赠' : ''}`).join('；')), EDGE, from + 42, { width: WIDTH - 26 * MM, height: 56, ellipsis: true });
  qr(doc, c?.qr || slip.trackingNumber, EDGE + WIDTH - 24 * MM, from + 4, 24 * MM);
  const note = from + 104;
  line(doc, note);
  doc.fillColor('#000').font('plain').fontSize(8).text(printable([slip.buyerMessage && `买家留言：${slip.buyerMessage}`, slip.memo && `备注：${slip.memo}`].filter(Boolean).join('\n')), EDGE, note + 4, { width: WIDTH, height: 48, ellipsis: true });
  doc.fontSize(7).text(slip.parcelId, EDGE, PAGE[1] - EDGE - 12, { width: WIDTH, lineBreak: false });
}
const spaced = (number: string): string => number.replaceAll(/(.{4})(?=.)/g, '$1 ');
