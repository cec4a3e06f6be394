/** Databases, collections and their indexes, kept in memory and in the store. A state is never changed, only replaced: snapshots keep theirs. */
import { collationOf, fullCollation } from './collation.ts';
import { badValue, MongoError } from './errors.ts';
import type { GeoKind } from './geo.ts';
import { compileFilter, type Predicate } from './match.ts';
import { split } from './paths.ts';
import { keyText, type Bytes, type Put, type Storage } from './storage.ts';
import { decode, encode, equal, isDoc, isNumber, toDouble, truthy, type CompareText, type Doc } from './values.ts';

export type Index = {
  readonly id: number; readonly name: string; readonly key: Doc; readonly fields: readonly { readonly path: string; readonly parts: readonly string[]; readonly direction: number; /** Other than an order: places, or hashes. */ readonly kind: GeoKind | 'hashed' | undefined }[]; readonly directions: readonly number[];
  readonly unique: boolean; readonly sparse: boolean; readonly partial: Doc | undefined; readonly inPartial: Predicate | undefined; readonly expireAfterSeconds: number | undefined;
  /** No query walks it: an index on places says what may be written and what $near may ask. */
  readonly idle: boolean;
  /** Kept and, where unique, obeyed, but no query walks it: to see what its loss would cost. */
  readonly hidden: boolean;
  /** How a unique index tells text apart; undefined = by its bytes. */
  readonly text: CompareText | undefined;
  /** Some document has an array on its path: then order and ranges cannot be trusted whole. */
  multikey: boolean; readonly options: Doc;
};
/** `building` indexes are written by everybody and read by nobody until they hold all documents. */
export type Collection = {
  readonly id: number; readonly uuid: Bytes; readonly ns: string; readonly db: string; readonly name: string; readonly options: Doc; readonly indexes: readonly Index[]; readonly building: readonly Index[];
};
export type CatalogReader = { collection(ns: string): Collection | undefined; list(db?: string): Collection[] };

const CATALOG = 0x01;
const GARBAGE = 0x06;
export const catalogKey = (ns: string): Bytes => Buffer.concat([Buffer.from([CATALOG]), Buffer.from(ns)]);
export const garbageKey = (prefix: Bytes): Bytes => Buffer.concat([Buffer.from([GARBAGE]), prefix]);
export const GARBAGE_RANGE = { start: Buffer.from([GARBAGE]), end: Buffer.from([GARBAGE + 1]) };
const COUNTER = Buffer.from([0x00, 0x01]);
/** Ids are given out in strides, so that the counter is written rarely. */
const STRIDE = 256;
const number = (v: unknown): number => (isNumber(v) ? toDouble(v) : 0);

export const ID_INDEX = '_id_';
/** Documents lie in the order of their ids, so they are their own index: it has the id of its collection. */
export const idIndex = (collection: number): Index => indexFrom({ key: { _id: 1 }, name: ID_INDEX, unique: true }, collection);

export function indexFrom(spec: Doc, id: number): Index {
  const key = spec['key'];
  if (!isDoc(key)) throw new MongoError(9, 'FailedToParse', "The 'key' field is a required property of an index specification");
  const fields = Object.entries(key).map(([path, direction]): Index['fields'][number] => {
    if (path === '$**' || path.endsWith('.$**')) throw new MongoError(67, 'CannotCreateIndex', `wildcard indexes are not supported by this store: { ${path}: ${JSON.stringify(direction)} }`);
    if (direction === '2d' || direction === '2dsphere' || direction === 'hashed') return { path, parts: split(path), direction: 1, kind: direction };
    if (!isNumber(direction) || toDouble(direction) === 0) throw new MongoError(67, 'CannotCreateIndex', `index type not supported by this store: { ${path}: ${JSON.stringify(direction)} }`);
    return { path, parts: split(path), direction: toDouble(direction) > 0 ? 1 : -1, kind: undefined };
  });
  if (fields.length === 0) throw badValue('Index keys cannot be empty.');
  const partial = spec['partialFilterExpression'] as Doc | undefined;
  checkKinds(spec, fields.flatMap((f) => f.kind ?? []));
  return {
    id, name: String(spec['name'] ?? fields.map((f) => `${f.path}_${f.direction}`).join('_')), key, fields, directions: fields.map((f) => f.direction), unique: truthy(spec['unique']), sparse: truthy(spec['sparse']),
    partial, inPartial: partial ? compileFilter(partial) : undefined, expireAfterSeconds: isNumber(spec['expireAfterSeconds']) ? toDouble(spec['expireAfterSeconds']) : undefined,
    text: collationOf(spec['collation']), multikey: truthy(spec['multikey']), hidden: truthy(spec['hidden']), options: spec, idle: fields.some((f) => f.kind === '2d' || f.kind === '2dsphere'),
  };
}

function checkKinds(spec: Doc, kinds: readonly (GeoKind | 'hashed')[]): void {
  if (kinds.length === 0) return;
  if (kinds.includes('hashed') && truthy(spec['unique'])) throw new MongoError(16764, 'Location16764', 'Currently hashed indexes cannot guarantee uniqueness. Use a regular index.');
  if (kinds.filter((k) => k === 'hashed').length > 1) throw new MongoError(31303, 'Location31303', 'A maximum of one index field is allowed to be hashed');
  const refused = ['unique', 'min', 'max', 'bits', 'bucketSize'].find((o) => truthy(spec[o]));
  if (refused) throw new MongoError(303, 'NotImplemented', `${kinds.join(' and ')} indexes with ${refused} are not supported by this store`);
}

export const indexRow = (i: Index): Doc => ({ ...i.options, key: i.key, name: i.name, id: i.id, unique: i.unique, sparse: i.sparse, multikey: i.multikey });
export const catalogRow = (c: Collection): Bytes =>
  encode({ ns: c.ns, id: c.id, uuid: c.uuid, options: c.options, indexes: c.indexes.filter((i) => i.name !== ID_INDEX).map(indexRow), building: c.building.map(indexRow), idMultikey: false });

export class Catalog {
  private collections: ReadonlyMap<string, Collection> = new Map();
  private readonly storage: Storage;
  private nextId = 1;
  private reserved = 1;

  constructor(storage: Storage) {
    this.storage = storage;
    this.reload();
  }

  /** Reads all from the store: at start, and after writes were lost. */
  reload(): void {
    const kept = this.storage.get(COUNTER);
    this.nextId = Math.max(this.nextId, kept ? kept.readUInt32BE(0) : 1);
    this.reserved = this.nextId;
    const read = new Map<string, Collection>();
    for (const { value } of this.storage.range({ start: Buffer.from([CATALOG]), end: Buffer.from([CATALOG + 1]) })) {
      const c = collectionFrom(decode(value));
      read.set(c.ns, c);
    }
    this.collections = read;
  }

  state(): ReadonlyMap<string, Collection> {
    return this.collections;
  }
  get(ns: string): Collection | undefined {
    return this.collections.get(ns);
  }
  list(db?: string): Collection[] {
    return [...this.collections.values()].filter((c) => !db || c.db === db);
  }
  adopt(changes: ReadonlyMap<string, Collection | null>): void {
    const next = new Map(this.collections);
    for (const [ns, c] of changes) if (c) next.set(ns, c); else next.delete(ns);
    this.collections = next;
  }

  takeId(): number {
    const id = this.nextId;
    this.nextId += 1;
    if (this.nextId >= this.reserved) {
      this.reserved = this.nextId + STRIDE;
      const next = Buffer.alloc(4);
      next.writeUInt32BE(this.reserved);
      this.storage.apply(new Map([[keyText(COUNTER), { key: COUNTER, value: next }]]));
    }
    return id;
  }

  /** Notes that an index has met an array. Told to the store at once: it is true or harmless, whatever becomes of the write. */
  multikey(ns: string, index: Index): Put | undefined {
    index.multikey = true;
    const c = this.collections.get(ns);
    if (!c || !(c.indexes.includes(index) || c.building.includes(index))) return undefined;
    const put = { key: catalogKey(ns), value: catalogRow(c) };
    this.storage.apply(new Map([[keyText(put.key), put]]));
    return put;
  }
}

function collectionFrom(row: Doc): Collection {
  const ns = String(row['ns']);
  const [db = '', ...name] = ns.split('.');
  const id = number(row['id']);
  const read = (list: unknown): Index[] => ((list as Doc[] | undefined) ?? []).filter((i) => i['name'] !== ID_INDEX).map((i) => indexFrom(i, number(i['id'])));
  const uuid = row['uuid'] as { value(): Uint8Array } | undefined;
  return { id, uuid: uuid ? Buffer.from(uuid.value()) : newUuid(), ns, db, name: name.join('.'), options: row['options'] as Doc, indexes: [idIndex(id), ...read(row['indexes'])], building: read(row['building']) };
}
export const newUuid = (): Bytes => Buffer.from(crypto.getRandomValues(new Uint8Array(16)));

/** A name that a collection may have. Source: the manual, "Naming Restrictions". */
export function checkNamespace(ns: string): void {
  const at = ns.indexOf('.');
  const [db, name] = [ns.slice(0, at), ns.slice(at + 1)];
  if (at <= 0 || name === '' || name.includes('$') || ns.includes('\0') || name.startsWith('.') || name.endsWith('.') || /[/\\ "$]/.test(db) || ns.length > 255) throw new MongoError(73, 'InvalidNamespace', `Invalid namespace specified '${ns}'`);
}

/** An index compares text as its collection does, unless it says otherwise. */
function collated(spec: Doc, collection: Collection): Doc {
  const { collation, ...rest } = spec;
  const full = fullCollation(collation ?? collection.options['collation']);
  return full ? { ...rest, collation: full } : rest;
}
/** What tells two indexes on the same key apart. */
const sameMark = (a: Index, b: Index): boolean =>
  equal(a.key, b.key) && a.unique === b.unique && a.sparse === b.sparse && equal(a.partial ?? {}, b.partial ?? {}) && equal(fullCollation(a.options['collation']) ?? null, fullCollation(b.options['collation']) ?? null);

/** The index that a specification means: undefined when it is there already, refused when it clashes with one. */
export function newIndex(collection: Collection, spec: Doc, id: () => number): Index | undefined {
  const asked = indexFrom(collated(spec, collection), 0);
  for (const there of [...collection.indexes, ...collection.building]) {
    if (there.name === ID_INDEX && equal(there.key, asked.key)) return undefined;
    const [sameName, same] = [there.name === asked.name, sameMark(there, asked)];
    if (!sameName && !same) continue;
    const names = `Requested index: ${asked.name}, existing index: ${there.name}`;
    if (!same) throw new MongoError(86, 'IndexKeySpecsConflict', `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${names}`);
    const identical = there.expireAfterSeconds === asked.expireAfterSeconds;
    if (sameName && identical) return undefined;
    throw new MongoError(85, 'IndexOptionsConflict', identical ? `Index already exists with a different name: ${there.name}` : `An equivalent index already exists with ${sameName ? 'the same name but different options' : 'a different name and options'}. ${names}`);
  }
  return { ...asked, id: id() };
}
