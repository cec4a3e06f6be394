/**
 * Characters that Noto Sans SC has not and people's names have (𠮷, U+20BB7): drawn from the outlines of Noto Sans JP
 * (@fontsource-variable/noto-sans-jp, OFL 1.1), whose slices hold 428 of CJK extensions B and above. A slice is opened when one of
 * its characters is met first. Its outlines are of the thinnest weight; a stroke along them makes them as heavy as their neighbours.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create, type Font } from 'fontkit';

export type Outline = { readonly path: string; /** Units of the em. */ readonly em: number };
/** Where no company of ours prints such characters, its installation may go without the font. */
function folder(): string | undefined {
  try { return dirname(createRequire(import.meta.url).resolve('@fontsource-variable/noto-sans-jp/unicode.json')); } catch { return undefined; }
}
type Slice = { readonly file: string; readonly ranges: readonly (readonly [number, number])[]; font?: Font };
let slices: Slice[] | undefined;
/** `unicode.json` says which characters each numbered slice has: `U+20bb7` or `U+26ff6-26ff8`. */
function allSlices(): Slice[] {
  const there = folder();
  if (!there) return [];
  const table = JSON.parse(readFileSync(join(there, 'unicode.json'), 'utf8')) as Readonly<Record<string, string>>;
  return Object.entries(table).flatMap(([name, list]) => {
    const number = /^\[(\d+)\]$/.exec(name)?.[1];
    if (number === undefined) return [];
    return [{ file: join(there, 'files', `noto-sans-jp-${number}-wght-normal.woff2`), ranges: list.split(',').map((r) => { const [from, to] = r.replace('U+', '').split('-'); return [parseInt(from!, 16), parseInt(to ?? from!, 16)] as const; }) }];
  });
}

const known = new Map<number, Outline | undefined>();
export function outlineOf(code: number): Outline | undefined {
  if (known.has(code)) return known.get(code);
  slices ??= allSlices();
  const slice = slices.find((s) => s.ranges.some(([from, to]) => code >= from && code <= to));
  const found = slice ? drawn(slice, code) : undefined;
  known.set(code, found);
  return found;
}
function drawn(slice: Slice, code: number): Outline | undefined {
  slice.font ??= create(readFileSync(slice.file)) as Font;
  if (!slice.font.hasGlyphForCodePoint(code)) return undefined;
  const glyph = slice.font.glyphForCodePoint(code);
  // Only full-width characters can stand in the place of a full-width space.
  return glyph.advanceWidth === slice.font.unitsPerEm ? { path: glyph.path.toSVG(), em: slice.font.unitsPerEm } : undefined;
}
