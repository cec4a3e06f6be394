/** Waybills as a PDF: 100 × 180 mm, one page a parcel: Code 128 and QR of the tracking number, both halves of the paper. */
import type { SlipView } from '../contract/slips.ts';
import { code128, drawLogo, MM, paper, printable, qr, type Doc, type Logo } from './paper.ts';
import type { Look, LookField } from './templates.ts';

const PAGE: [number, number] = [100 * MM, 180 * MM];
const EDGE = 4 * MM;
const WIDTH = PAGE[0] - 2 * EDGE;

export function renderLabels(slips: readonly SlipView[], look: Look): Promise<Uint8Array> {
  return paper(`面单 ${slips.length}`, PAGE, EDGE, function* (doc, open) {
    const logo = open(look.logo);
    for (const slip of slips) {
      doc.addPage({ size: PAGE, margin: EDGE });
      const to = upper(doc, slip, look);
      lower({ doc, slip, look, logo }, to + 100);
      yield slip;
    }
  });
}

const line = (doc: Doc, y: number): void => void doc.moveTo(EDGE, y).lineTo(EDGE + WIDTH, y).lineWidth(0.8).stroke('#000').fillColor('#000');
const PLAIN: LookField = { field: '', zh: '', en: '', size: 0, rule: false };

/** The courier's half: what sorters and drivers read stands where it always does. */
function upper(doc: Doc, slip: SlipView, look: Look): number {
  const of = (key: string): LookField => look.shows(key) ?? PLAIN;
  doc.font('bold').fontSize(of('courier').size).text(slip.courierCode, EDGE, EDGE, { width: WIDTH / 2, lineBreak: false });
  const printed = look.shows('printed');
  const stamp = `${printed ? `${look.words(printed)}${slip.printedAt}` : ''}${slip.printCount > 1 ? look.words(of('reprint'), { n: slip.printCount }) : ''}`;
  if (stamp !== '') doc.font('plain').fontSize(printed?.size ?? of('reprint').size).text(printable(stamp), EDGE + WIDTH / 2, EDGE + 8, { width: WIDTH / 2, align: 'right', lineBreak: false });
  const top = EDGE + 26;
  line(doc, top);
  code128(doc, slip.trackingNumber, EDGE + 6 * MM, top + 6, WIDTH - 12 * MM, 16 * MM);
  doc.font('bold').fontSize(of('number').size).text(spaced(slip.trackingNumber), EDGE, top + 8 + 16 * MM, { width: WIDTH, align: 'center', lineBreak: false });
  const to = top + 28 + 16 * MM;
  line(doc, to);
  const r = slip.receiver;
  // What the sorter reads from two metres: the courier's own code, else where it goes.
  const c = slip.courier;
  doc.font('bold').fontSize(of('route').size).text(printable(c?.sortingCode || `${r.province} ${r.city} ${r.district}`.slice(0, 16)), EDGE, to + 4, { width: c ? WIDTH * 0.62 : WIDTH, lineBreak: false, ellipsis: true });
  if (c) doc.fontSize(11).text(printable([c.bulkPen, c.gatherPlace].filter(Boolean).join(' · ')), EDGE + WIDTH * 0.62, to + 9, { width: WIDTH * 0.38, align: 'right', lineBreak: false, ellipsis: true });
  doc.font('bold').fontSize(of('receiver').size).text(printable(`${look.words(of('receiver'))}${r.name}  ${r.phone}`), EDGE, to + 32, { width: WIDTH, height: 18, ellipsis: true });
  doc.font('plain').fontSize(of('address').size).text(printable(`${r.province}${r.city}${r.district}${r.address}`), EDGE, to + 50, { width: WIDTH, height: 44, ellipsis: true });
  return to;
}

type Half = { readonly doc: Doc; readonly slip: SlipView; readonly look: Look; readonly logo: Logo | undefined };
/** A field of the seller's half: its text, how high it may be, and how much of the page it takes. */
type Part = { readonly text: string; readonly height: number; /** Absent: as much as its text needs. */ readonly takes?: number; readonly bold?: true };
const words = (label: string, text: string): Part => ({ text: text ? `${label}${text}` : '', height: 24 });
const PARTS: Readonly<Record<string, (h: Half, label: string) => Part>> = {
  sender: ({ slip }, label) => ({ text: `${label}${slip.shopName} · ${slip.warehouseName}`, height: 12, takes: 14 }),
  orders: ({ slip }, label) => ({ text: `${label} ${slip.orderNumbers.join('、')}`, height: 22, takes: 24 }),
  goods: ({ slip }, label) => ({ text: slip.lines.map((l) => `${l.skuCode}×${l.quantity}${l.gift ? label : ''}`).join('；'), height: 56, takes: 62, bold: true }),
  message: ({ slip }, label) => words(label, slip.buyerMessage), memo: ({ slip }, label) => words(label, slip.memo),
  note1: (_h, label) => ({ text: label, height: 24 }), note2: (_h, label) => ({ text: label, height: 24 }),
};

function lower(h: Half, from: number): void {
  const { doc, slip, look, logo } = h;
  line(doc, from);
  const side = 24 * MM;
  qr(doc, slip.courier?.qr || slip.trackingNumber, EDGE + WIDTH - side, from + 4, side);
  const end = PAGE[1] - EDGE - 14;
  let y = from + 4;
  for (const f of look.fields) {
    if (f.field === 'logo') { if (logo && y + f.size * MM < end) y += drawLogo(doc, logo, EDGE, y, f.size * MM) + 4; continue; }
    const part = PARTS[f.field]?.(h, look.words(f));
    if (!part) continue;
    // Beside the QR code lines are shorter.
    const width = y < from + 4 + side ? WIDTH - 26 * MM : WIDTH;
    const height = Math.min(part.height, end - y);
    if (part.text !== '' && height > f.size) doc.fillColor('#000').font(part.bold ? 'bold' : 'plain').fontSize(f.size).text(printable(part.text), EDGE, y, { width, height, ellipsis: true });
    y += part.takes ?? (part.text === '' ? 0 : Math.min(part.height, doc.fontSize(f.size).heightOfString(printable(part.text), { width })));
    if (f.rule) { line(doc, y); y += 4; }
  }
  const parcel = look.shows('parcel');
  if (parcel) doc.font('plain').fontSize(parcel.size).text(slip.parcelId, EDGE, PAGE[1] - EDGE - 12, { width: WIDTH, lineBreak: false });
}
const spaced = (number: string): string => number.replaceAll(/(.{4})(?=.)/g, '$1 ');
