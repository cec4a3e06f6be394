/** Slips as a PDF: one page a parcel, 100 × 150 mm as label paper is, or A5, in the order given. */
import type { SlipView } from '../contract/slips.ts';
import { MM, paper, printable, type Doc } from './paper.ts';

const SIZES = { label: [100 * MM, 150 * MM], a5: [148 * MM, 210 * MM] } as const;
export type SlipSize = keyof typeof SIZES;
const EDGE = 5 * MM;

export function renderSlips(slips: readonly SlipView[], size: SlipSize = 'label'): Promise<Uint8Array> {
  const page: [number, number] = [...SIZES[size]];
  return paper(`发货单 ${slips.length}`, page, EDGE, (doc) => {
    for (const slip of slips) {
      doc.addPage({ size: page, margin: EDGE });
      drawSlip({ doc, slip, width: page[0] - 2 * EDGE, height: page[1] });
    }
  });
}

type Sheet = { readonly doc: Doc; readonly slip: SlipView; readonly width: number; readonly height: number };
function drawSlip(sheet: Sheet): void {
  head(sheet);
  receiver(sheet);
  lines(sheet);
  words(sheet);
  foot(sheet);
}

const rule = ({ doc, width }: Sheet): void => void doc.moveTo(EDGE, doc.y + 3).lineTo(EDGE + width, doc.y + 3).lineWidth(0.5).stroke().moveDown(0.6);

function head(sheet: Sheet): void {
  const { doc, slip, width } = sheet;
  const top = doc.y;
  doc.font('bold').fontSize(15).text('发货单', EDGE, top);
  doc.font('bold').fontSize(13).text(`${slip.courierCode} ${slip.trackingNumber}`, EDGE, top + 1, { width, align: 'right' });
  doc.font('plain').fontSize(8).text(printable(`${slip.shopName} · ${slip.warehouseName}`), EDGE, top + 22, { width });
  doc.text(`订单 ${slip.orderNumbers.join('、')}`, { width });
  rule(sheet);
}

function receiver(sheet: Sheet): void {
  const { doc, slip: { receiver: r }, width } = sheet;
  doc.font('bold').fontSize(12).text(printable(`${r.name}  ${r.phone}`), EDGE, doc.y, { width });
  doc.font('plain').fontSize(10).text(printable(`${r.province}${r.city}${r.district}${r.address}`), { width });
  rule(sheet);
}

function lines(sheet: Sheet): void {
  const { doc, slip, width } = sheet;
  const pieces = slip.lines.reduce((n, l) => n + l.quantity, 0);
  for (const line of slip.lines) {
    const y = doc.y;
    doc.font('bold').fontSize(9).text(line.skuCode, EDGE, y, { width: 70, lineBreak: false });
    doc.font('bold').fontSize(11).text(`×${line.quantity}`, EDGE + width - 40, y - 1, { width: 40, align: 'right' });
    doc.font('plain').fontSize(9).text(printable(`${line.gift ? '【赠】' : ''}${line.name}`), EDGE + 74, y, { width: width - 118 });
  }
  doc.font('plain').fontSize(8).text(`共 ${slip.lines.length} 种 ${pieces} 件`, EDGE, doc.y + 2, { width, align: 'right' });
  rule(sheet);
}

function words({ doc, slip, width }: Sheet): void {
  doc.font('plain').fontSize(8);
  if (slip.buyerMessage) doc.text(printable(`买家留言：${slip.buyerMessage}`), EDGE, doc.y, { width, height: 40, ellipsis: true });
  if (slip.memo) doc.text(printable(`备注：${slip.memo}`), EDGE, doc.y, { width, height: 40, ellipsis: true });
}

function foot({ doc, slip, width, height }: Sheet): void {
  const y = height - EDGE - 22;
  // A slip that was printed before says so: packing one parcel twice is what this line is against.
  if (slip.printCount > 1) doc.font('bold').fontSize(10).text(`补打 第 ${slip.printCount} 次`, EDGE, y - 14, { width, align: 'right', lineBreak: false });
  doc.font('plain').fontSize(7).text(slip.parcelId, EDGE, y, { width, lineBreak: false });
  doc.text(`打印 ${slip.printedAt}`, EDGE, y + 10, { width, lineBreak: false });
}
