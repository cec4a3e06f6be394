/** Draws the pictures of the sheet that is seen over its cells; they move with the cells. */
import type { Univer } from '@univerjs/core';
import { ICommandService } from '@univerjs/core';
import type { Grid } from './grid.ts';
import type { Book } from './host/book.ts';

/** Univer's headings of rows and columns, in pixels (its default skeleton). */
const ROW_HEADING = 46;
const COLUMN_HEADING = 20;
const PIXELS_PER_POINT = 96 / 72;
type Scroll = { readonly unitId?: string; readonly sheetId?: string; readonly sheetViewStartRow?: number; readonly sheetViewStartColumn?: number; readonly offsetX?: number; readonly offsetY?: number };

export function drawPictures(univer: Univer, grid: Grid, container: HTMLElement): (book: Book) => void {
  const layer = Object.assign(document.createElement('div'), { className: 'pictures' });
  const scrolls = new Map<string, { readonly left: number; readonly top: number }>();
  let book: Book | undefined;
  const sum = (count: number, of: (i: number) => number): number => { let n = 0; for (let i = 0; i < count; i += 1) n += of(i); return n; };
  const draw = (): void => {
    const sheetId = grid.activeSheet();
    const shown = book?.extras.pictures.filter((p) => p.sheetId === sheetId) ?? [];
    layer.hidden = shown.length === 0;
    if (shown.length === 0) return layer.replaceChildren();
    const canvas = [...container.querySelectorAll('canvas')].sort((a, b) => b.width * b.height - a.width * a.height)[0]?.getBoundingClientRect();
    if (!canvas) return;
    // The grid's own page takes the container over when it starts.
    if (!layer.isConnected) container.append(layer);
    const own = container.getBoundingClientRect();
    Object.assign(layer.style, { left: `${canvas.left - own.left + ROW_HEADING}px`, top: `${canvas.top - own.top + COLUMN_HEADING}px`, width: `${canvas.width - ROW_HEADING}px`, height: `${canvas.height - COLUMN_HEADING}px` });
    const at = scrolls.get(sheetId) ?? { left: 0, top: 0 };
    layer.replaceChildren(...shown.map((p) => {
      const image = Object.assign(document.createElement('img'), { src: `data:image/png;base64,${p.base64}`, alt: p.altTextDescription });
      Object.assign(image.style, { left: `${p.left * PIXELS_PER_POINT - at.left}px`, top: `${p.top * PIXELS_PER_POINT - at.top}px`, width: `${p.width * PIXELS_PER_POINT}px`, height: `${p.height * PIXELS_PER_POINT}px` });
      return image;
    }));
  };
  univer.__getInjector().get(ICommandService).onCommandExecuted((info) => {
    if (info.id === 'sheet.operation.set-scroll') {
      const s = info.params as Scroll;
      const id = s.sheetId ?? grid.activeSheet();
      scrolls.set(id, { left: sum(s.sheetViewStartColumn ?? 0, (c) => grid.widthOf(id, c)) + (s.offsetX ?? 0), top: sum(s.sheetViewStartRow ?? 0, (r) => grid.heightOf(id, r)) + (s.offsetY ?? 0) });
    } else if (!/set-worksheet-active|col-width|row-height|-hidden|-visible/.test(info.id)) return;
    if (book && book.extras.pictures.length > 0) draw();
  });
  globalThis.addEventListener('resize', draw);
  return (of) => { book = of; book.onDrawn = draw; draw(); };
}
