/**
 * Slips as a PDF: one page a parcel, 100 × 150 mm as label paper is, in the order given.
 * Text is embedded as a subset of Noto Sans SC (@embedpdf/fonts-sc, OFL 1.1), so that every printer shows it alike.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import PDFDocument from 'pdfkit';
import type { SlipView } from '../contract/slips.ts';

const MM = 72 / 25.4;
const PAGE: [number, number] = [100 * MM, 150 * MM];
const EDGE = 5 * MM;
const WIDTH = PAGE[0] - 2 * EDGE;
const fontFile = (name: string): string => join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '..', 'fonts', name);
type Doc = InstanceType<typeof PDFDocument>;

export function renderSlips(slips: readonly SlipView[]): Promise<Uint8Array> {
  const doc = new PDFDocument({ size: PAGE, margin: EDGE, autoFirstPage: false, info: { Title: `发货单 ${slips.length}`, Creator: 'Suanpan' } });
  doc.registerFont('plain', fontFile('NotoSansHans-Regular.otf'));
  doc.registerFont('bold', fontFile('NotoSansHans-Bold.otf'));
  const chunks: Buffer[] = [];
  const done = new Promise<Uint8Array>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  for (const slip of slips) drawSlip(doc, slip);
  doc.end();
  return done;
}

function drawSlip(doc: Doc, slip: SlipView): void {
  doc.addPage({ size: PAGE, margin: EDGE });
  head(doc, slip);
  receiver(doc, slip);
  lines(doc, slip);
  words(doc, slip);
  foot(doc, slip);
}

const rule = (doc: Doc): void => void doc.moveTo(EDGE, doc.y + 3).lineTo(EDGE + WIDTH, doc.y + 3).lineWidth(0.5).stroke().moveDown(0.6);

function head(doc: Doc, slip: SlipView): void {
  const top = doc.y;
  doc.font('bold').fontSize(15).text('发货单', EDGE, top);
  doc.font('bold').fontSize(13).text(`${slip.courierCode} ${slip.trackingNumber}`, EDGE, top + 1, { width: WIDTH, align: 'right' });
  doc.font('plain').fontSize(8).text(`${slip.shopName} · ${slip.warehouseName}`, EDGE, top + 22, { width: WIDTH });
  doc.text(`订单 ${slip.orderNumbers.join('、')}`, { width: WIDTH });
  rule(doc);
}

function receiver(doc: Doc, slip: SlipView): void {
  const r = slip.receiver;
  doc.font('bold').fontSize(12).text(`${r.name}  ${r.phone}`, EDGE, doc.y, { width: WIDTH });
  doc.font('plain').fontSize(10).text(`${r.province}${r.city}${r.district}${r.address}`, { width: WIDTH });
  rule(doc);
}

function lines(doc: Doc, slip: SlipView): void {
  const pieces = slip.lines.reduce((n, l) => n + l.quantity, 0);
  for (const line of slip.lines) {
    const y = doc.y;
    doc.font('bold').fontSize(9).text(line.skuCode, EDGE, y, { width: 70, lineBreak: false });
    doc.font('bold').fontSize(11).text(`×${line.quantity}`, EDGE + WIDTH - 40, y - 1, { width: 40, align: 'right' });
    doc.font('plain').fontSize(9).text(line.name, EDGE + 74, y, { width: WIDTH - 118 });
  }
  doc.font('plain').fontSize(8).text(`共 ${slip.lines.length} 种 ${pieces} 件`, EDGE, doc.y + 2, { width: WIDTH, align: 'right' });
  rule(doc);
}

function words(doc: Doc, slip: SlipView): void {
  doc.font('plain').fontSize(8);
  if (slip.buyerMessage) doc.text(`买家留言：${slip.buyerMessage}`, EDGE, doc.y, { width: WIDTH, height: 40, ellipsis: true });
  if (slip.memo) doc.text(`备注：${slip.memo}`, EDGE, doc.y, { width: WIDTH, height: 40, ellipsis: true });
}

function foot(doc: Doc, slip: SlipView): void {
  const y = PAGE[1] - EDGE - 22;
  // A slip that was printed before says so: packing one parcel twice is what this line is against.
  if (slip.printCount > 1) doc.font('bold').fontSize(10).text(`补打 第 ${slip.printCount} 次`, EDGE, y - 14, { width: WIDTH, align: 'right', lineBreak: false });
  doc.font('plain').fontSize(7).text(slip.parcelId, EDGE, y, { width: WIDTH, lineBreak: false });
  doc.text(`打印 ${slip.printedAt}`, EDGE, y + 10, { width: WIDTH, lineBreak: false });
}
