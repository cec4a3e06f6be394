/** Documents and their index entries: written together, always. */
import { ObjectId } from 'bson';
import { badValue, duplicateKey, MongoError, writeConflict } from './errors.ts';
import { ID_INDEX, type Collection, type Index } from './catalog.ts';
import { afterPrefix, compoundKey, fitted, MAX_KEY, valueBytes } from './keys.ts';
import { fieldSet, type FieldSet } from './bson.ts';
import { assertPlaces } from './geo.ts';
import { indexValues, split, valuesAt } from './paths.ts';
import type { Bytes } from './storage.ts';
import { assertValid, isValidated } from './validation.ts';
import { compareWith, decode, encode, identical, isDoc, MAX_DOC_BYTES, type Doc, type Value } from './values.ts';
import type { View } from './view.ts';

export const DOCUMENT = 0x02;
export const INDEX = 0x03;
/** The first bytes of all keys of a collection or an index, made once. */
const heads = new Map<number, Bytes>();
function head(kind: number, id: number): Bytes {
  const mark = kind * 2 ** 32 + id;
  let found = heads.get(mark);
  if (!found) {
    found = Buffer.alloc(5);
    found[0] = kind;
    found.writeUInt32BE(id, 1);
    heads.set(mark, found);
  }
  return found;
}
export const documentPrefix = (c: Collection): Bytes => head(DOCUMENT, c.id);
/** Documents lie in the order of their ids: they are their own `_id` index. */
export const indexPrefix = (i: Index): Bytes => head(i.name === ID_INDEX ? DOCUMENT : INDEX, i.id);
export const documentKey = (c: Collection, id: Value): Bytes => Buffer.concat([documentPrefix(c), fitted(valueBytes(id))]);

/** Change streams may ask for documents as they were before and after a change. */
const keepsImages = (c: Collection): boolean => { const images = c.options['changeStreamPreAndPostImages']; return isDoc(images) && images['enabled'] === true; };

type IndexEntry = { readonly key: Bytes; readonly values: readonly Value[] };

/** The entries of one document in one index; `idBytes` make entries of a non-unique index distinct. */
export function entriesOf(index: Index, doc: Doc, idBytes: Bytes): { entries: IndexEntry[]; multikey: boolean } {
  if (index.inPartial && !index.inPartial(doc)) return NO_ENTRIES;
  if (index.idle) {
    for (const { kind, path, parts } of index.fields) if (kind === '2d' || kind === '2dsphere') assertPlaces(kind, path, valuesAt(doc, parts));
    return NO_ENTRIES;
  }
  if (index.sparse && index.fields.every((f) => valuesAt(doc, f.parts).every((v) => v === undefined))) return NO_ENTRIES;
  const perField = index.fields.map((f) => indexValues(doc, f.parts));
  const multikey = perField.some((f) => f.multikey);
  const hashed = multikey ? index.fields.find((f, i) => f.kind === 'hashed' && perField[i]!.multikey) : undefined;
  if (hashed) throw new MongoError(16766, 'Location16766', `hashed indexes do not currently support array values. Found array at path: ${hashed.path}`);
  if (perField.every((f) => f.values.length === 1)) {
    const { entry, cut } = entryOf(index, perField.map((f) => f.values[0]), idBytes);
    return { entries: [entry], multikey: cut || multikey };
  }
  if (perField.filter((f) => f.multikey && f.values.length > 1).length > 1 && !sameRoot(index)) throw new MongoError(171, 'CannotIndexParallelArrays', 'cannot index parallel arrays');
  let combos: Value[][] = [[]];
  for (const { values } of perField) combos = combos.flatMap((c) => values.map((v) => [...c, v]));
  const byKey = new Map<string, IndexEntry>();
  for (const values of combos) {
    const { entry } = entryOf(index, values, idBytes);
    const text = entry.key.toString('latin1');
    if (!byKey.has(text)) byKey.set(text, entry);
  }
  return { entries: [...byKey.values()], multikey: true };
}
const NO_ENTRIES = { entries: [], multikey: false };
function entryOf(index: Index, values: readonly Value[], idBytes: Bytes): { readonly entry: IndexEntry; readonly cut: boolean } {
  const plain = compoundKey(values, index.directions);
  // A cut key no longer tells the order: such an index is trusted as little as one with arrays.
  const cut = plain.length + idBytes.length > MAX_KEY;
  const parts = index.unique ? [plain] : [plain, idBytes];
  const key = cut ? Buffer.concat([indexPrefix(index), fitted(Buffer.concat(parts))]) : Buffer.concat([indexPrefix(index), ...parts]);
  return { entry: { key, values }, cut };
}
const sameRoot = (index: Index): boolean => new Set(index.fields.map((f) => f.parts[0])).size === 1;

const shown = (v: Value): string => (typeof v === 'string' ? `"${v}"` : v === null || v === undefined ? 'null' : v instanceof ObjectId ? `ObjectId('${v.toHexString()}')` : v instanceof Date ? `new Date(${v.getTime()})` : typeof v === 'object' ? JSON.stringify(v) : String(v));

const duplicate = (collection: Collection, index: Index, values: readonly Value[]): MongoError =>
  duplicateKey(collection.ns, index.name, index.key, Object.fromEntries(index.fields.map((f, i) => [f.path, values[i]])), index.fields.map((f, i) => `${f.path}: ${shown(values[i])}`).join(', '));
function putEntry(view: View, collection: Collection, index: Index, entry: IndexEntry, idBytes: Bytes): void {
  if (!index.unique) return view.put(entry.key, idBytes, false);
  const there = view.get(entry.key);
  if (there && !there.equals(idBytes)) {
    throw duplicate(collection, index, entry.values);
  }
  // Committed by somebody after this transaction's snapshot.
  if (!there && view.inTransaction && view.newest(entry.key)) throw writeConflict();
  if (index.text && entry.values.some(hasText)) refuseSameText(view, collection, index, entry, idBytes);
  view.put(entry.key, idBytes, true);
}
const hasText = (v: Value): boolean => typeof v === 'string' || (Array.isArray(v) ? (v as Value[]).some(hasText) : isDoc(v) && Object.values(v).some(hasText));
/** Keys are the bytes of the text, so what only a collation calls equal is found by reading all that the index holds. In that two open transactions would not see each other. */
function refuseSameText(view: View, collection: Collection, index: Index, { values }: IndexEntry, idBytes: Bytes): void {
  if (view.inTransaction) throw new MongoError(263, 'OperationNotSupportedInTransaction', `text for ${index.name}, a unique index with a collation, is not written inside transactions by this store`);
  const prefix = indexPrefix(index);
  for (const { value: other } of view.range({ start: prefix, end: afterPrefix(prefix) })) {
    const bytes = other.equals(idBytes) ? undefined : view.get(Buffer.concat([documentPrefix(collection), other]));
    if (!bytes) continue;
    for (const there of entriesOf(index, decode(bytes), other).entries) {
      if (there.values.every((v, i) => compareWith(v ?? null, values[i] ?? null, index.text!) === 0)) throw duplicate(collection, index, values);
    }
  }
}

/** All indexes that are written apart from the documents, those being built too. */
const written = (c: Collection): Index[] => [...c.indexes.filter((i) => i.name !== ID_INDEX), ...c.building];

/** `bytes`: the document as it came, which need not be written anew. */
export function insertDocument(view: View, collection: Collection, given: Doc, bytes?: Bytes): Doc {
  const doc = withIdFirst(given);
  checkId(doc['_id']);
  if (!view.unchecked) assertValid(collection, doc);
  view.touch(collection);
  const idBytes = fitted(valueBytes(doc['_id']));
  const key = Buffer.concat([documentPrefix(collection), idBytes]);
  if (view.get(key)) throw duplicateKey(collection.ns, ID_INDEX, { _id: 1 }, { _id: doc['_id'] }, `_id: ${shown(doc['_id'])}`);
  if (view.inTransaction && view.newest(key)) throw writeConflict();
  for (const index of written(collection)) addToIndex(view, collection, index, doc, idBytes);
  const after = bytes && doc === given && bytes.length <= MAX_DOC_BYTES ? bytes : encode(doc);
  view.put(key, after, true);
  view.record({ op: 'insert', ns: collection.ns, uuid: collection.uuid, id: doc['_id'], after });
  return doc;
}

function addToIndex(view: View, collection: Collection, index: Index, doc: Doc, idBytes: Bytes): void {
  const { entries, multikey } = entriesOf(index, doc, idBytes);
  if (multikey && !index.multikey) view.multikey(collection, index);
  for (const entry of entries) putEntry(view, collection, index, entry, idBytes);
}
/** An entry goes only when it is this document's: while a unique index is built, another document may hold the key. */
function removeEntry(view: View, index: Index, entry: IndexEntry, idBytes: Bytes): void {
  if (index.unique && !view.get(entry.key)?.equals(idBytes)) return;
  view.put(entry.key, null, index.unique);
}

export function removeDocument(view: View, collection: Collection, doc: Doc): void {
  view.touch(collection);
  const idBytes = fitted(valueBytes(doc['_id']));
  view.put(Buffer.concat([documentPrefix(collection), idBytes]), null, true);
  for (const index of written(collection)) for (const entry of entriesOf(index, doc, idBytes).entries) removeEntry(view, index, entry, idBytes);
  view.record({ op: 'delete', ns: collection.ns, uuid: collection.uuid, id: doc['_id'], ...(keepsImages(collection) ? { before: doc } : {}) });
}

/** The index sees nothing of what changed. */
const untouched = (index: Index, before: Doc, after: Doc): boolean => !index.partial && index.fields.every(({ parts: [top = ''] }) => identical(before[top], after[top]));

export function replaceDocument(view: View, collection: Collection, before: Doc, after: Doc, op: 'update' | 'replace' = 'update'): void {
  if (!view.unchecked) assertValid(collection, after, before);
  view.touch(collection);
  const idBytes = fitted(valueBytes(before['_id']));
  const bytes = encode(after);
  view.put(Buffer.concat([documentPrefix(collection), idBytes]), bytes, true);
  for (const index of written(collection)) moveEntries(view, collection, index, { before, after, idBytes });
  view.record({ op, ns: collection.ns, uuid: collection.uuid, id: before['_id'], before, after: bytes, ...(keepsImages(collection) ? { images: true } : {}) });
}
function moveEntries(view: View, collection: Collection, index: Index, { before, after, idBytes }: { readonly before: Doc; readonly after: Doc; readonly idBytes: Bytes }): void {
  const building = collection.building.includes(index);
  if (untouched(index, before, after) && !building) return;
  const old = entriesOf(index, before, idBytes).entries;
  const { entries, multikey } = entriesOf(index, after, idBytes);
  if (multikey && !index.multikey) view.multikey(collection, index);
  for (const entry of old) if (!entries.some((e) => e.key.equals(entry.key))) removeEntry(view, index, entry, idBytes);
  for (const entry of entries) if (!old.some((e) => e.key.equals(entry.key)) || building) putEntry(view, collection, index, entry, idBytes);
}

/** What must be read of a document to change some of its top fields: those, its id, and all that the indexes on them look at. */
export type Reach = { readonly wanted: FieldSet; readonly indexes: readonly Index[] };
const reaches = new WeakMap<Collection, Map<string, Reach | undefined>>();
/** Undefined: only the whole document will do. */
export function reachOf(collection: Collection, tops: readonly string[]): Reach | undefined {
  const known = reaches.get(collection) ?? new Map<string, Reach | undefined>();
  reaches.set(collection, known);
  const mark = tops.join('\0');
  if (!known.has(mark)) known.set(mark, reachMade(collection, new Set(tops)));
  return known.get(mark);
}
function reachMade(collection: Collection, tops: ReadonlySet<string>): Reach | undefined {
  if (tops.has('_id') || collection.building.length > 0 || keepsImages(collection) || isValidated(collection)) return undefined;
  const indexes = written(collection).filter((i) => i.partial !== undefined || i.fields.some((f) => tops.has(f.parts[0] ?? '')));
  const looked = indexes.flatMap((i) => [...i.fields.map((f) => f.parts[0] ?? ''), ...Object.keys(i.partial ?? {}).map((path) => split(path)[0] ?? '')]);
  return looked.some((name) => name.startsWith('$')) ? undefined : { wanted: fieldSet(['_id', ...tops, ...looked]), indexes };
}
/** A document of which only the reach was read: `before` and `after` hold no more than that, `old` and `bytes` are the whole. */
export function spliceDocument(view: View, collection: Collection, { indexes }: Reach, change: { readonly before: Doc; readonly after: Doc; readonly old: Bytes; readonly bytes: Bytes }): void {
  const { before, after, old, bytes } = change;
  view.touch(collection);
  const idBytes = fitted(valueBytes(before['_id']));
  view.put(Buffer.concat([documentPrefix(collection), idBytes]), bytes, true);
  for (const index of indexes) moveEntries(view, collection, index, { before, after, idBytes });
  view.record({ op: 'update', ns: collection.ns, uuid: collection.uuid, id: before['_id'], get before() { return decode(old); }, old, after: bytes });
}

/** Adds one document that is there to an index that is being built. */
export function indexDocument(view: View, collection: Collection, index: Index, doc: Doc): void {
  addToIndex(view, collection, index, doc, fitted(valueBytes(doc['_id'])));
}

function withIdFirst(doc: Doc): Doc {
  if ('_id' in doc && doc['_id'] !== undefined) return Object.keys(doc)[0] === '_id' ? doc : { _id: doc['_id'], ...doc };
  return { _id: new ObjectId(), ...Object.fromEntries(Object.entries(doc).filter(([k]) => k !== '_id')) };
}

export function checkId(id: Value): void {
  if (Array.isArray(id)) throw badValue("The '_id' value cannot be of type array");
  if (id instanceof RegExp) throw badValue("The '_id' value cannot be of type regex");
  if (isDoc(id) && Object.keys(id).some((k) => k.startsWith('$'))) throw new MongoError(52, 'DollarPrefixedFieldName', `_id fields may not contain '$'-prefixed fields`);
}
