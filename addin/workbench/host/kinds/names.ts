import type { NameInfo } from '../../grid.ts';
import { readAddress, sheetAddress } from '../address.ts';
import type { HostContext } from '../context.ts';
import { exists, invalid, notFound } from '../errors.ts';
import { handleOf, isClientObject, type Handle, type Kind, kind } from '../object.ts';
import { placeOf, type Place } from './place.ts';
import { RANGE } from './range.ts';
import { WORKSHEET } from './worksheet.ts';

/** Names of the workbook (`undefined`) or of one sheet. */
export type NamesOf = { readonly sheetId: string | undefined };
const get = (c: HostContext, id: string): NameInfo => { const n = c.grid.names().find((x) => x.id === id); if (!n) throw notFound('NamedItem'); return n; };
const set = (c: HostContext, id: string, change: Partial<NameInfo>): void => { c.grid.setName({ ...get(c, id), ...change }); c.book.touched(); };
const refers = (c: HostContext, n: NameInfo): Place | undefined => { try { return placeOf(c, n.sheetId ?? c.grid.activeSheet(), n.formula); } catch { return undefined; } };
const typeOf = (c: HostContext, n: NameInfo): string => (refers(c, n) ? 'Range' : /^=?-?\d+(\.\d+)?$/.test(n.formula) ? (n.formula.includes('.') ? 'Double' : 'Integer') : /^="/.test(n.formula) ? 'String' : /^=?(TRUE|FALSE)$/i.test(n.formula) ? 'Boolean' : 'Error');
const valueOf = (c: HostContext, n: NameInfo): unknown => { const type = typeOf(c, n); const body = n.formula.replace(/^=/, ''); return type === 'Range' ? body : type === 'Integer' || type === 'Double' ? Number(body) : type === 'String' ? body.slice(1, -1) : type === 'Boolean' ? /true/i.test(body) : '#VALUE!'; };
export const NAMED_ITEM: Kind<string> = kind({
  name: 'NamedItem',
  props: {
    name: { get: (id, c) => get(c, id).name }, type: { get: (id, c) => typeOf(c, get(c, id)) }, value: { get: (id, c) => valueOf(c, get(c, id)) }, scope: { get: (id, c) => (get(c, id).sheetId === undefined ? 'Workbook' : 'Worksheet') },
    formula: { get: (id, c) => { const f = get(c, id).formula; return f.startsWith('=') ? f : `=${f}`; }, set: (id, v, c) => set(c, id, { formula: String(v) }) }, comment: { get: (id, c) => get(c, id).comment, set: (id, v, c) => set(c, id, { comment: String(v) }) }, visible: { get: (id, c) => !get(c, id).hidden, set: (id, v, c) => set(c, id, { hidden: v !== true }) },
  },
  parts: {
    worksheet: (h) => h.part(WORKSHEET, 'worksheet', (id) => { const s = get(h.context, id).sheetId; if (s === undefined) throw notFound('a name of the workbook has no sheet'); return s; }),
    worksheetOrNullObject: (h) => h.part(WORKSHEET, 'worksheetOrNullObject', (id) => get(h.context, id).sheetId, true),
  },
  methods: {
    delete: (h) => h.act('delete', [], (id) => { get(h.context, id); h.context.grid.removeName(id); h.context.book.touched(); }),
    getRange: (h) => h.child(RANGE, 'getRange()', () => refers(h.context, get(h.context, h.target()))), getRangeOrNullObject: (h) => h.child(RANGE, 'getRangeOrNullObject()', () => refers(h.context, get(h.context, h.target()))),
  },
});
const listed = (c: HostContext, of: NamesOf): readonly NameInfo[] => c.grid.names().filter((n) => n.sheetId === of.sheetId);
const find = (h: Handle<NamesOf>, name: string): string | undefined => listed(h.context, h.target()).find((n) => n.name.toLowerCase() === name.toLowerCase())?.id;
function add(c: HostContext, of: NamesOf, name: string, formula: string, comment: string): string {
  if (!/^[\p{L}_\\][\p{L}\p{N}_.\\?]{0,254}$/u.test(name) || readAddress(name) || /^(r|c|r\d*c\d*)$/i.test(name)) throw invalid(`name ${name}`);
  if (listed(c, of).some((n) => n.name.toLowerCase() === name.toLowerCase()) || (of.sheetId === undefined && c.grid.tables().some((t) => t.name.toLowerCase() === name.toLowerCase()))) throw exists(`name ${name}`);
  const id = `n${crypto.randomUUID().slice(0, 8)}`;
  c.grid.setName({ id, name, formula: formula.startsWith('=') ? formula : `=${formula}`, comment, hidden: false, ...(of.sheetId === undefined ? {} : { sheetId: of.sheetId }) });
  c.book.touched();
  return id;
}
const adder = (h: Handle<NamesOf>, name: string, reference: unknown, comment = ''): object => {
  let made: string | undefined;
  h.act('add', [name], (of) => {
    h.context.flush();
    const text = isClientObject(reference) ? absolute(h.context, handleOf<Place>(reference).target()) : String(reference);
    made = add(h.context, of, name, text, comment);
  });
  return h.child(NAMED_ITEM, 'add()', () => made);
};
const absolute = (c: HostContext, p: Place): string => `=${sheetAddress(c.grid.sheets().find((s) => s.id === p.sheetId)?.name ?? '', p.area).replace(/(![^!]*)$/, (local) => local.replace(/([A-Z]+)(\d+)/g, '$$$1$$$2'))}`;
export const NAMES: Kind<NamesOf> = kind({
  name: 'NamedItemCollection', items: (of, h) => listed(h.context, of).map((n) => h.part(NAMED_ITEM, `getItem("${n.name}")`, () => n.id)),
  methods: {
    add: adder, addFormulaLocal: adder, getCount: (h) => h.result('getCount', [], (of) => listed(h.context, of).length),
    getItem: (h, name: string) => h.child(NAMED_ITEM, `getItem("${name}")`, () => find(h, name)), getItemOrNullObject: (h, name: string) => h.child(NAMED_ITEM, `getItemOrNullObject("${name}")`, () => find(h, name)),
  },
});
