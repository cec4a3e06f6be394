/**
 * The fonts of all printed matter, opened once: Noto Sans SC (@embedpdf/fonts-sc, OFL 1.1).
 * Shaping a text by the font's own tables costs more than all the rest of a page. Plain text (Latin, digits, Chinese) needs none of
 * it but the kerning between two neighbours, so that is asked for once a pair; all other text is shaped as the font says.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create, type Font, type Glyph, type GlyphRun } from 'fontkit';
import { outlineOf } from './rare.ts';

const NAMES = { plain: 'NotoSansHans-Regular.otf', bold: 'NotoSansHans-Bold.otf' } as const;
const fontFile = (name: string): string => join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '..', 'fonts', name);
/** Printable ASCII; Chinese signs and brackets; characters of the common plane; full-width forms. */
const PLAIN_TEXT = /^[\u0020-\u007e\u00b7\u00d7\u3000-\u3011\u4e00-\u9fff\uff01-\uff5e]*$/;
const isWide = (code: number): boolean => code >= 0x3000;

type Place = { xAdvance: number; yAdvance: number; xOffset: number; yOffset: number };
/** What pdfkit reads of a run; it scales the places in place and asks for the sum afterwards. */
class Run {
  readonly glyphs: Glyph[] = [];
  readonly positions: Place[] = [];
  get advanceWidth(): number { return this.positions.reduce((n, p) => n + p.xAdvance, 0); }
}

function quick(font: Font): Font {
  const shaped = font.layout.bind(font);
  const glyphs = new Map<number, Glyph>();
  const kerns = new Map<number, number | undefined>();
  const glyphOf = (code: number): Glyph => {
    const glyph = glyphs.get(code) ?? font.glyphForCodePoint(code);
    glyphs.set(code, glyph);
    return glyph;
  };
  /** How much nearer the second stands to the first; undefined where the font makes something else of the two. */
  const kernOf = (a: number, b: number): number | undefined => {
    const key = a * 0x10000 + b;
    if (kerns.has(key)) return kerns.get(key);
    const run = shaped(String.fromCharCode(a, b));
    const kern = run.glyphs.length === 2 && run.glyphs[0]!.id === glyphOf(a).id && run.glyphs[1]!.id === glyphOf(b).id ? run.positions[0]!.xAdvance - glyphOf(a).advanceWidth : undefined;
    kerns.set(key, kern);
    return kern;
  };
  const layout = (text: string, ...more: unknown[]): GlyphRun => {
    // What another font draws takes the room of a full-width space here.
    if (more.some((x) => x !== undefined) || !PLAIN_TEXT.test(text)) return (shaped as (...all: unknown[]) => GlyphRun)([...text].map((c) => (isRare(font, c.codePointAt(0)!) ? '\u3000' : c)).join(''), ...more);
    const run = new Run();
    for (let i = 0; i < text.length; i += 1) {
      const [code, next] = [text.charCodeAt(i), text.charCodeAt(i + 1)];
      const kern = i + 1 === text.length || isWide(code) || isWide(next) ? 0 : kernOf(code, next);
      if (kern === undefined) return shaped(text);
      const glyph = glyphOf(code);
      run.glyphs.push(glyph);
      run.positions.push({ xAdvance: glyph.advanceWidth + kern, yAdvance: 0, xOffset: 0, yOffset: 0 });
    }
    return run as unknown as GlyphRun;
  };
  return Object.assign(Object.create(font) as Font, { layout });
}

/** Not in the font, but drawn by its outline. */
export const isRare = (font: Font, code: number): boolean => code > 0x7f && !font.hasGlyphForCodePoint(code) && outlineOf(code) !== undefined;

const opened = new Map<keyof typeof NAMES, Font>();
export function fontOf(name: keyof typeof NAMES): Font {
  const there = opened.get(name) ?? quick(create(readFileSync(fontFile(NAMES[name]))) as Font);
  opened.set(name, there);
  return there;
}
