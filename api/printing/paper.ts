/**
 * What all printed matter shares: the document, its fonts, its codes.
 * Text is embedded as a subset of Noto Sans SC (fonts.ts), so that every printer shows it alike. A character that the font has not
 * is drawn from another font's outline (𠮷; rare.ts), else printed as its code in brackets (an emoji): never an empty box.
 */
import { setImmediate as turn } from 'node:timers/promises';
import JsBarcode from 'jsbarcode';
import PDFDocument from 'pdfkit';
import qrcode from 'qrcode-generator';
import { fontOf, isRare } from './fonts.ts';
import { outlineOf } from './rare.ts';

export const MM = 72 / 25.4;
export type Doc = InstanceType<typeof PDFDocument>;

/** A picture that the document has opened. */
export type Logo = { readonly width: number; readonly height: number };
/** Puts a picture `width` wide at a place; answers how high it is. */
export function drawLogo(doc: Doc, logo: Logo, x: number, y: number, width: number): number {
  doc.image(logo as never, x, y, { width });
  return (width * logo.height) / logo.width;
}

/** How long pages are drawn before others are heard: a batch of 500 takes seconds, and the service goes on meanwhile. */
const HEARD_MS = 15;
/** Draws into a PDF and answers its bytes. `draw` yields where it may pause: after a page, or a row of a long list. */
export async function paper(title: string, size: [number, number], margin: number, draw: (doc: Doc, open: (picture: Buffer | undefined) => Logo | undefined) => Iterable<unknown>): Promise<Uint8Array> {
  const doc = new PDFDocument({ size, margin, autoFirstPage: false, info: { Title: title, Creator: 'Suanpan' } });
  // pdfkit takes an opened font too, which its types do not say.
  for (const name of ['plain', 'bold'] as const) doc.registerFont(name, fontOf(name) as never);
  rareCharacters(doc);
  shortLines(doc);
  const chunks: Buffer[] = [];
  const done = new Promise<Uint8Array>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  // Opened once, so that a picture stands in the file once, however many pages show it.
  let since = performance.now();
  for (const _ of draw(doc, (picture) => (picture ? (doc as unknown as { openImage(src: Buffer): Logo }).openImage(picture) : undefined))) {
    if (performance.now() - since < HEARD_MS) continue;
    await turn();
    since = performance.now();
  }
  doc.end();
  return done;
}

type Options = PDFKit.Mixins.TextOptions;
const KNOWN = new Set(['width', 'height', 'align', 'ellipsis', 'lineBreak']);
/** A text that fits into its line is put there without looking for places to break it, which is what most of a page's time went to. */
function shortLines(doc: Doc): void {
  const wrapped = doc.text.bind(doc) as (text: string, x?: number, y?: number, options?: Options) => Doc;
  const put = (given: string, left: number, top: number, o: Options): boolean => {
    const text = given.trimEnd();
    if (text === '' || text.includes('\n') || Object.keys(o).some((k) => !KNOWN.has(k))) return false;
    const [line, wide, room] = [doc.currentLineHeight(true), doc.widthOfString(text), o.width ?? doc.page.width - left - doc.page.margins.right];
    if (wide > room || line > (o.height ?? Infinity) || top + line > doc.page.maxY()) return false;
    // What `text` itself would do for a line is to measure it again, and then this.
    (doc as unknown as Inside)._fragment(text, o.align === 'right' ? left + room - wide : o.align === 'center' ? left + (room - wide) / 2 : left, top, { textWidth: wide });
    doc.x = left;
    doc.y = top + line;
    return true;
  };
  doc.text = ((text: string, x?: number | Options, y?: number, options?: Options): Doc => {
    const o = typeof x === 'object' ? x : options ?? {};
    if (o.lineBreak === false && o.width === undefined) return wrapped(text, typeof x === 'object' ? undefined : x, y, o);
    const [left, top] = [typeof x === 'number' ? x : doc.x, y ?? doc.y];
    return put(text, left, top, o) ? doc : wrapped(text, left, top, o);
  }) as Doc['text'];
}

type Line = { align?: string; width?: number; lineWidth?: number; textWidth?: number };
type Inside = { _fragment: (text: string, x: number, y: number, options: Line) => void; _font: { ascender: number }; _fontSize: number };
/** How much wider a thin outline has to be to look like its neighbours, in parts of the em: measured on paper beside 吉. */
const HEAVIER = { plain: 0.04, bold: 0.085 } as const;
/** Draws rare characters over the room that the line has left for them. pdfkit sets a line by `_fragment`, and moves it there for its alignment. */
function rareCharacters(doc: Doc): void {
  const [inside, plain] = [doc as unknown as Inside, fontOf('plain')];
  const set = inside._fragment.bind(doc);
  let face: keyof typeof HEAVIER = 'plain';
  const choose = doc.font.bind(doc);
  doc.font = ((name: string, ...more: []) => { if (name === 'plain' || name === 'bold') face = name; return choose(name, ...more); }) as Doc['font'];
  inside._fragment = (text, x, y, options) => {
    set(text, x, y, options);
    // Surrogates, and what stands outside of the blocks that are in use every day.
    if (!/[\ud800-\udbff\u3400-\u4dbf\uf900-\ufaff]/.test(text)) return;
    const spare = options.width === undefined || options.align === undefined || options.align === 'left' ? 0 : (options.lineWidth ?? options.width) - doc.widthOfString(text.trimEnd());
    const left = x + (options.align === 'right' ? spare : options.align === 'center' ? spare / 2 : 0);
    let before = '';
    for (const c of text) {
      const outline = isRare(plain, c.codePointAt(0)!) ? outlineOf(c.codePointAt(0)!) : undefined;
      if (outline) {
        const scale = inside._fontSize / outline.em;
        doc.save().translate(left + doc.widthOfString(before), y + (inside._font.ascender / 1000) * inside._fontSize).scale(scale, -scale).path(outline.path).lineWidth(HEAVIER[face] * outline.em).lineJoin('miter').fillAndStroke('#000', '#000').restore();
      }
      before += c;
    }
  };
}

/** The text with every character that the font can show; others stand as their code, runs of them once. */
export function printable(text: string): string {
  const glyphs = fontOf('plain');
  let out = '';
  for (const c of text) {
    const code = c.codePointAt(0)!;
    // Joiners and variation selectors have no shape of their own.
    if (code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f)) continue;
    out += c === '\n' || glyphs.hasGlyphForCodePoint(code) || isRare(glyphs, code) ? c : `[U+${code.toString(16).toUpperCase()}]`;
  }
  return out;
}

/** Code 128 as light and dark modules. Source: ISO/IEC 15417, by JsBarcode's encoder. */
function code128Bits(text: string): string {
  const made: { encodings?: { data: string }[] } = {};
  JsBarcode(made, text, { format: 'CODE128' });
  return made.encodings?.map((e) => e.data).join('') ?? '';
}
export const code128Modules = (text: string): number => code128Bits(text).length;
/** The same as bars; the text stands below. */
export function code128(doc: Doc, text: string, x: number, y: number, width: number, height: number): void {
  const bits = code128Bits(text);
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
