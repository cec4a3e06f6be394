/** Pictures over the cells of a sheet: what `shapes.addImage` makes. Other shapes are left to Excel. */
import type { Picture } from '../book.ts';
import type { HostContext } from '../context.ts';
import { invalid } from '../errors.ts';
import { type Kind, kind } from '../object.ts';

const POINTS_PER_PIXEL = 0.75;
const changed = (c: HostContext): void => { c.book.touched(); c.book.drawn(); };
/** Width and height stand in the first chunk of a PNG, big-endian (PNG specification, 11.2.1). */
function sizeOf(base64: string): { readonly width: number; readonly height: number } {
  const head = /^iVBORw0KGgo/.test(base64) ? atob(base64.slice(0, 44)) : '';
  if (head.length < 24) throw invalid('a picture is PNG, as base64');
  const at = (i: number): number => [0, 1, 2, 3].reduce((n, k) => n * 256 + head.charCodeAt(i + k), 0);
  return { width: at(16) * POINTS_PER_PIXEL, height: at(20) * POINTS_PER_PIXEL };
}
const number = (key: 'left' | 'top' | 'width' | 'height') => ({ get: (p: Picture): number => p[key], set: (p: Picture, v: unknown, c: HostContext): void => { if (!Number.isFinite(Number(v)) || Number(v) < 0) throw invalid(key); p[key] = Number(v); changed(c); } });
const text = (key: 'name' | 'altTextDescription') => ({ get: (p: Picture): string => p[key], set: (p: Picture, v: unknown, c: HostContext): void => { p[key] = String(v); changed(c); } });
const SHAPE: Kind<Picture> = kind({
  name: 'Shape',
  props: { id: { get: (p) => p.id }, type: { get: () => 'Image' }, name: text('name'), altTextDescription: text('altTextDescription'), left: number('left'), top: number('top'), width: number('width'), height: number('height') },
  methods: { delete: (h) => h.act('delete', [], (p) => { const { pictures } = h.context.book.extras; pictures.splice(pictures.findIndex((x) => x.id === p.id), 1); changed(h.context); }) },
});
const of = (c: HostContext, sheetId: string): Picture[] => c.book.extras.pictures.filter((p) => p.sheetId === sheetId);
export const SHAPES: Kind<string> = kind({
  name: 'ShapeCollection', items: (sheetId, h) => of(h.context, sheetId).map((p) => h.part(SHAPE, `getItem("${p.id}")`, () => p)),
  methods: {
    addImage: (h, base64: string) => {
      let made: Picture | undefined;
      h.act('addImage', [base64], (sheetId) => {
        const { pictures } = h.context.book.extras;
        made = { id: h.context.book.nextId(), sheetId, base64, ...sizeOf(base64), left: 0, top: 0, name: `Picture ${pictures.length + 1}`, altTextDescription: '' };
        pictures.push(made);
        changed(h.context);
      });
      return h.child(SHAPE, 'addImage()', () => made);
    },
    getItem: (h, key: string) => h.child(SHAPE, `getItem("${key}")`, () => of(h.context, h.target()).find((p) => p.id === key || p.name === key)), getItemOrNullObject: (h, key: string) => h.child(SHAPE, `getItemOrNullObject("${key}")`, () => of(h.context, h.target()).find((p) => p.id === key || p.name === key)),
    getItemAt: (h, index: number) => h.child(SHAPE, `getItemAt(${index})`, () => of(h.context, h.target())[index]), getCount: (h) => h.result('getCount', [], (sheetId) => of(h.context, sheetId).length),
  },
});
