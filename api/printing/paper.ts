/**
 * What all printed matter shares: the document, its fonts, its codes.
 * Text is embedded as a subset of Noto Sans SC (@embedpdf/fonts-sc, OFL 1.1), so that every printer shows it alike. A character
 * that the font has not (𠮷, an emoji) is printed as its code in brackets: a packer sees that there is one, never an empty box.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create, type Font } from 'fontkit';
import { readFileSync } from 'node:fs';
import JsBarcode from 'jsbarcode';
import PDFDocument from 'pdfkit';
import qrcode from 'qrcode-generator';

export const MM = 72 / 25.4;
export type Doc = InstanceType<typeof PDFDocument>;
const fontFile = (name: string): string => join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '..', 'fonts', name);
const PLAIN = 'NotoSansHans-Regular.otf';
let glyphs: Font | undefined;

/** Draws into a PDF and answers its bytes. */
export function paper(title: string, size: [number, number], margin: number, draw: (doc: Doc) => void): Promise<Uint8Array> {
  const doc = new PDFDocument({ size, margin, autoFirstPage: false, info: { Title: title, Creator: 'Suanpan' } });
  doc.registerFont('plain', fontFile(PLAIN));
  doc.registerFont('bold', fontFile('NotoSansHans-Bold.otf'));
  const chunks: Buffer[] = [];
  const done = new Promise<Uint8Array>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  draw(doc);
  doc.end();
  return done;
}

/** The text with every character that the font can show; others stand as their code, runs of them once. */
export function printable(text: string): string {
  glyphs ??= create(readFileSync(fontFile(PLAIN))) as Font;
  let out = '';
  for (const c of text) {
    const code = c.codePointAt(0)!;
    // Joiners and variation selectors have no shape of their own.
    if (code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f)) continue;
    out += c === '\n' || glyphs.hasGlyphForCodePoint(code) ? c : `[U+${code.toString(16).toUpperCase()}]`;
  }
  return out;
}

/** Code 128 as bars; the text stands below. Source: ISO/IEC 15417, by JsBarcode's encoder. */
export function code128(doc: Doc, text: string, x: number, y: number, width: number, height: number): void {
  const made: { encodings?: { data: string }[] } = {};
  JsBarcode(made, text, { format: 'CODE128' });
  const bits = made.encodings?.map((e) => e.data).join('') ?? '';
  const module = width / bits.length;
  for (const run of bits.matchAll(/1+/g)) doc.rect(x + run.index * module, y, run[0].length * module, height);
  doc.fill('#000');
}

/** A QR code of medium error correction. Source: ISO/IEC 18004, by qrcode-generator. */
export function qr(doc: Doc, text: string, x: number, y: number, size: number): void {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const [n, cell] = [code.getModuleCount(), size / code.getModuleCount()];
  for (let r = 0; r < n; r += 1) for (let c = 0; c < n; c += 1) if (code.isDark(r, c)) doc.rect(x + c * cell, y + r * cell, cell, cell);
  doc.fill('#000');
}
