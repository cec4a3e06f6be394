/** Labels for goods: 50 × 30 mm, one page a label: name, code, Code 128 of the barcode (or the code), batch and bin. */
import { code128, MM, paper, printable } from './paper.ts';

export type SkuLabel = { readonly skuCode: string; readonly name: string; readonly barcode: string; readonly batch: string; readonly expiresOn: string; readonly bin: string };
const PAGE: [number, number] = [50 * MM, 30 * MM];
const EDGE = 2 * MM;
const WIDTH = PAGE[0] - 2 * EDGE;

export const renderSkuLabels = (labels: readonly SkuLabel[]): Promise<Uint8Array> => paper(`货品标签 ${labels.length}`, PAGE, EDGE, (doc) => {
  for (const l of labels) {
    doc.addPage({ size: PAGE, margin: EDGE });
    doc.fillColor('#000').font('bold').fontSize(8).text(printable(l.name), EDGE, EDGE, { width: WIDTH, height: 20, ellipsis: true });
    const number = l.barcode || l.skuCode;
    // Code 128 has no characters beyond ASCII: such a code stands as text only.
    if (/^[\x20-\x7e]+$/.test(number)) code128(doc, number, EDGE + 2, EDGE + 22, WIDTH - 4, 26);
    doc.font('plain').fontSize(7).text(printable(number), EDGE, EDGE + 50, { width: WIDTH, align: 'center', lineBreak: false });
    doc.font('plain').fontSize(6.5).text(printable([l.skuCode, l.batch && `批次 ${l.batch}`, l.expiresOn && `到期 ${l.expiresOn}`, l.bin && `库位 ${l.bin}`].filter(Boolean).join('  ')), EDGE, EDGE + 62, { width: WIDTH, height: 14, ellipsis: true });
  }
});
