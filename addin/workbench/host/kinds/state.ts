/** What add-ins keep in a workbook: settings, XML parts, properties of sheets; and protection. */
import type { HostContext } from '../context.ts';
import { denied, invalid } from '../errors.ts';
import { kind, type Handle, type Kind } from '../object.ts';
import { event } from './events.ts';

const settings = (c: HostContext): Record<string, unknown> => c.book.extras.settings;
const SETTING: Kind<string> = kind({
  name: 'Setting', props: { key: { get: (k) => k }, value: { get: (k, c) => settings(c)[k], set: (k, v, c) => { settings(c)[k] = structured(v); c.book.touched(); } } },
  methods: { delete: (h) => h.act('delete', [], (k) => { delete settings(h.context)[k]; h.context.book.touched(); }) },
});
const structured = (value: unknown): unknown => { const text = JSON.stringify(value); if (text === undefined) throw invalid('a setting must be JSON'); return JSON.parse(text) as unknown; };
const has = <T>(h: Handle<T>, k: string): string | undefined => (k in settings(h.context) ? k : undefined);
export const SETTINGS: Kind<true> = kind({
  name: 'SettingCollection', items: (_, h) => Object.keys(settings(h.context)).map((k) => h.part(SETTING, `getItem("${k}")`, () => k)), parts: { onSettingsChanged: event('onSettingsChanged', 'settingsChanged', () => undefined) },
  methods: {
    add: (h, key: string, value: unknown) => { h.act('add', [key, value], () => { settings(h.context)[key] = structured(value); h.context.book.touched(); h.context.book.fire('settingsChanged', undefined, { type: 'SettingsChanged' }); }); return h.child(SETTING, `getItem("${key}")`, () => has(h, key)); },
    getItem: (h, key: string) => h.child(SETTING, `getItem("${key}")`, () => has(h, key)), getItemOrNullObject: (h, key: string) => h.child(SETTING, `getItemOrNullObject("${key}")`, () => has(h, key)), getCount: (h) => h.result('getCount', [], () => Object.keys(settings(h.context)).length),
  },
});

const xml = (c: HostContext): Record<string, string> => c.book.extras.xml;
const namespaceOf = (text: string): string => /<(?!\?|!)[\w:.-]+[^>]*?\sxmlns(?::\w+)?="([^"]*)"/.exec(text)?.[1] ?? '';
/** Well-formed enough to be kept: one root that closes. */
function checkXml(text: string): void {
  const root = /^\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--[\s\S]*?-->\s*)*<([\w:.-]+)[\s/>]/.exec(text)?.[1];
  if (root === undefined || !(new RegExp(`</${root}\\s*>\\s*$`).test(text) || /\/>\s*$/.test(text))) throw invalid('XML that is not well formed');
}
const XML_PART: Kind<string> = kind({
  name: 'CustomXmlPart', props: { id: { get: (id) => id }, namespaceUri: { get: (id, c) => namespaceOf(xml(c)[id] ?? '') } },
  methods: {
    getXml: (h) => h.result('getXml', [], (id) => { h.context.answer(xml(h.context)[id]!.length); return xml(h.context)[id]!; }), setXml: (h, text: string) => h.act('setXml', [text], (id) => { checkXml(text); xml(h.context)[id] = text; h.context.book.touched(); }),
    delete: (h) => h.act('delete', [], (id) => { delete xml(h.context)[id]; h.context.book.touched(); }),
  },
});
const part = <T>(h: Handle<T>, id: string): string | undefined => (id in xml(h.context) ? id : undefined);
type Parts = { readonly namespace: string | undefined };
const ids = (c: HostContext, { namespace }: Parts): string[] => Object.keys(xml(c)).filter((id) => namespace === undefined || namespaceOf(xml(c)[id]!) === namespace);
const partMethods = {
  getItem: (h: Handle<Parts>, id: string) => h.child(XML_PART, `getItem("${id}")`, () => part(h, id)), getItemOrNullObject: (h: Handle<Parts>, id: string) => h.child(XML_PART, `getItemOrNullObject("${id}")`, () => part(h, id)), getCount: (h: Handle<Parts>) => h.result('getCount', [], (p) => ids(h.context, p).length),
};
const partItems = (p: Parts, h: Handle<Parts>): object[] => ids(h.context, p).map((id) => h.part(XML_PART, `getItem("${id}")`, () => id));
const only = (h: Handle<Parts>): string | undefined => { const list = ids(h.context, h.target()); if (list.length > 1) throw invalid('more than one part'); return list[0]; };
const XML_SCOPED: Kind<Parts> = kind({ name: 'CustomXmlPartScopedCollection', items: partItems, methods: { ...partMethods, getOnlyItem: (h) => h.child(XML_PART, 'getOnlyItem()', () => only(h)), getOnlyItemOrNullObject: (h) => h.child(XML_PART, 'getOnlyItemOrNullObject()', () => only(h)) } });
export const XML_PARTS: Kind<Parts> = kind({
  name: 'CustomXmlPartCollection', items: partItems,
  methods: {
    ...partMethods, getByNamespace: (h, namespace: string) => h.child(XML_SCOPED, `getByNamespace("${namespace}")`, () => ({ namespace })),
    add: (h, text: string) => { let made: string | undefined; h.act('add', [text], () => { checkXml(text); made = h.context.book.nextId(); xml(h.context)[made] = text; h.context.book.touched(); }); return h.child(XML_PART, 'add()', () => made); },
  },
});

type Property = { readonly sheetId: string; readonly key: string };
const own = (c: HostContext, sheetId: string): Record<string, string> => (c.book.extras.properties[sheetId] ??= {});
const PROPERTY: Kind<Property> = kind({ name: 'WorksheetCustomProperty', props: { key: { get: (p) => p.key }, value: { get: (p, c) => own(c, p.sheetId)[p.key], set: (p, v, c) => { own(c, p.sheetId)[p.key] = String(v); c.book.touched(); } } }, methods: { delete: (h) => h.act('delete', [], (p) => { delete own(h.context, p.sheetId)[p.key]; h.context.book.touched(); }) } });
const property = (h: Handle<string>, key: string): Property | undefined => { const found = Object.keys(own(h.context, h.target())).find((k) => k.toLowerCase() === key.toLowerCase()); return found === undefined ? undefined : { sheetId: h.target(), key: found }; };
export const PROPERTIES: Kind<string> = kind({
  name: 'WorksheetCustomPropertyCollection', items: (id, h) => Object.keys(own(h.context, id)).map((key) => h.part(PROPERTY, `getItem("${key}")`, () => ({ sheetId: id, key }))),
  methods: {
    add: (h, key: string, value: string) => { h.act('add', [key, value], (id) => { own(h.context, id)[key] = String(value); h.context.book.touched(); }); return h.child(PROPERTY, `getItem("${key}")`, () => property(h, key)); },
    getItem: (h, key: string) => h.child(PROPERTY, `getItem("${key}")`, () => property(h, key)), getItemOrNullObject: (h, key: string) => h.child(PROPERTY, `getItemOrNullObject("${key}")`, () => property(h, key)), getCount: (h) => h.result('getCount', [], (id) => Object.keys(own(h.context, id)).length),
  },
});
export const PROTECTION: Kind<string> = kind({
  name: 'WorksheetProtection', props: { protected: { get: (id, c) => id in c.book.extras.protection }, options: { get: (id, c) => c.book.extras.protection[id]?.options ?? {} } },
  methods: {
    protect: (h, options: object = {}, password = '') => h.act('protect', [options], (id) => { if (h.context.book.extras.protection[id]) throw denied('the sheet is protected already'); h.context.flush(); h.context.book.extras.protection[id] = { options: { ...options }, password }; h.context.book.touched(); h.context.book.fire('protected', id, { type: 'WorksheetProtectionChanged', isProtected: true, worksheetId: id, source: 'Local' }); }),
    unprotect: (h, password = '') => h.act('unprotect', [], (id) => { const p = h.context.book.extras.protection[id]; if (!p) return; if (p.password !== password) throw denied('another password'); delete h.context.book.extras.protection[id]; h.context.book.touched(); h.context.book.fire('protected', id, { type: 'WorksheetProtectionChanged', isProtected: false, worksheetId: id, source: 'Local' }); }),
  },
});
export const BOOK_PROTECTION: Kind<true> = kind({
  name: 'WorkbookProtection', props: { protected: { get: (_, c) => c.book.extras.bookProtection !== undefined } },
  methods: {
    protect: (h, password = '') => h.act('protect', [], () => { h.context.book.extras.bookProtection = { options: {}, password }; h.context.book.touched(); }),
    unprotect: (h, password = '') => h.act('unprotect', [], () => { const p = h.context.book.extras.bookProtection; if (p && p.password !== password) throw denied('another password'); delete h.context.book.extras.bookProtection; h.context.book.touched(); }),
  },
});
export const structureOpen = (c: HostContext): void => { if (c.book.extras.bookProtection) throw denied('the workbook is protected'); };
