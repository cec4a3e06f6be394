/** Slips as a PDF: one page a parcel, 100 × 150 mm as label paper is, or A5, in the order given; fields as the company's layout has them. */
import type { SlipView } from '../contract/slips.ts';
import { drawLogo, MM, paper, printable, qr, type Doc, type Logo } from './paper.ts';
import type { Look, LookField } from './templates.ts';

const SIZES = { label: [100 * MM, 150 * MM], a5: [148 * MM, 210 * MM] } as const;
export type SlipSize = keyof typeof SIZES;
const EDGE = 5 * MM;

export function renderSlips(slips: readonly SlipView[], look: Look, size: SlipSize = 'label'): Promise<Uint8Array> {
  const page: [number, number] = [...SIZES[size]];
  return paper(`发货单 ${slips.length}`, page, EDGE, function* (doc, open) {
    const logo = open(look.logo);
    for (const slip of slips) {
      doc.addPage({ size: page, margin: EDGE });
      drawSlip({ doc, slip, look, logo, width: page[0] - 2 * EDGE, height: page[1] });
      yield slip;
    }
  });
}

type Sheet = { readonly doc: Doc; readonly slip: SlipView; readonly look: Look; readonly logo: Logo | undefined; readonly width: number; readonly height: number };
type Draw = (sheet: Sheet, f: LookField, before: string) => void;
const rule = ({ doc, width }: Sheet): void => void doc.moveTo(EDGE, doc.y + 3).lineTo(EDGE + width, doc.y + 3).lineWidth(0.5).stroke().moveDown(0.6);
const flow = ({ doc, width }: Sheet, font: 'plain' | 'bold', size: number, text: string, more: { height?: number; ellipsis?: boolean } = {}): void => void (text.trim() === '' ? undefined : doc.font(font).fontSize(size).text(printable(text), EDGE, doc.y, { width, ...more }));
const said = (kind: 'buyerMessage' | 'memo'): Draw => (s, f) => { if (s.slip[kind]) flow(s, 'plain', f.size, `${s.look.words(f)}${s.slip[kind]}`, { height: 40, ellipsis: true }); };
const own: Draw = (s, f) => flow(s, 'plain', f.size, s.look.words(f), { height: 40, ellipsis: true });

function courier({ doc, slip, width }: Sheet, f: LookField, before: string): void {
  // Right of the title, on its line; elsewhere on a line of its own.
  const beside = before === 'title';
  const top = beside ? doc.y - doc.currentLineHeight(true) : doc.y;
  doc.font('bold').fontSize(f.size).text(`${slip.courierCode} ${slip.trackingNumber}`, EDGE, beside ? top + 1 : top, { width, align: beside ? 'right' : 'left' });
  if (beside) doc.y = top + 22;
}

function lines({ doc, slip, look, width }: Sheet, f: LookField): void {
  for (const line of slip.lines) {
    const y = doc.y;
    doc.font('bold').fontSize(f.size).text(line.skuCode, EDGE, y, { width: 70, lineBreak: false });
    doc.font('bold').fontSize(f.size + 2).text(`×${line.quantity}`, EDGE + width - 40, y - 1, { width: 40, align: 'right' });
    doc.font('plain').fontSize(f.size).text(printable(`${line.gift ? look.words(f) : ''}${line.name}`), EDGE + 74, y, { width: width - 118 });
  }
}

const DRAW: Readonly<Record<string, Draw>> = {
  logo: ({ doc, logo }, f) => { if (logo) doc.y += drawLogo(doc, logo, EDGE, doc.y, f.size * MM) + 4; },
  title: ({ doc, look }, f) => void doc.font('bold').fontSize(f.size).text(printable(look.words(f)), EDGE, doc.y),
  courier, lines,
  shop: (s, f) => flow(s, 'plain', f.size, `${s.slip.shopName} · ${s.slip.warehouseName}`),
  orders: (s, f) => flow(s, 'plain', f.size, `${s.look.words(f)} ${s.slip.orderNumbers.join('、')}`),
  receiver: (s, f) => flow(s, 'bold', f.size, `${s.slip.receiver.name}  ${s.slip.receiver.phone}`),
  address: (s, f) => flow(s, 'plain', f.size, `${s.slip.receiver.province}${s.slip.receiver.city}${s.slip.receiver.district}${s.slip.receiver.address}`),
  total: ({ doc, slip, look, width }, f) => void doc.font('plain').fontSize(f.size).text(printable(look.words(f, { kinds: slip.lines.length, pieces: slip.lines.reduce((n, l) => n + l.quantity, 0) })), EDGE, doc.y + 2, { width, align: 'right' }),
  message: said('buyerMessage'), memo: said('memo'), note1: own, note2: own,
  qr: ({ doc, slip }, f) => { qr(doc, slip.parcelId, EDGE, doc.y + 2, f.size * MM); doc.y += f.size * MM + 6; },
};

function drawSlip(sheet: Sheet): void {
  let before = '';
  for (const f of sheet.look.fields) {
    const draw = DRAW[f.field];
    if (!draw) continue;
    draw(sheet, f, before);
    if (f.rule) rule(sheet);
    before = f.field;
  }
  foot(sheet);
}

function foot({ doc, slip, look, width, height }: Sheet): void {
  const y = height - EDGE - 22;
  const [again, parcel, printed] = [look.shows('reprint'), look.shows('parcel'), look.shows('printed')];
  // A slip that was printed before says so: packing one parcel twice is what this line is against.
  if (slip.printCount > 1 && again) doc.font('bold').fontSize(again.size).text(printable(look.words(again, { n: slip.printCount })), EDGE, y - 14, { width, align: 'right', lineBreak: false });
  if (parcel) doc.font('plain').fontSize(parcel.size).text(slip.parcelId, EDGE, y, { width, lineBreak: false });
  if (printed) doc.font('plain').fontSize(printed.size).text(printable(`${look.words(printed)}${slip.printedAt}`), EDGE, y + 10, { width, lineBreak: false });
}
