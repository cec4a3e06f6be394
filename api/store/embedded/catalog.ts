/** Databases, collections and their indexes, kept in memory and in the store. */
import { badValue, MongoError } from './errors.ts';
import { compileFilter, type Predicate } from './match.ts';
import { split } from './paths.ts';
import { keyText, type Bytes, type Storage } from './storage.ts';
import { decode, encode, equal, isNumber, toDouble, truthy, type Doc } from './values.ts';

export type Index = {
  readonly id: number; readonly name: string; readonly key: Doc; readonly fields: readonly { readonly path: string; readonly parts: readonly string[]; readonly direction: number }[];
  readonly unique: boolean; readonly sparse: boolean; readonly partial: Doc | undefined; readonly inPartial: Predicate | undefined; readonly expireAfterSeconds: number | undefined;
  /** Some document has an array on its path: then order and ranges cannot be trusted whole. */
  multikey: boolean; readonly options: Doc;
};
export type Collection = { readonly id: number; readonly ns: string; readonly db: string; readonly name: string; readonly options: Doc; indexes: Index[] };

const CATALOG = 0x01;
const catalogKey = (ns: string): Bytes => Buffer.concat([Buffer.from([CATALOG]), Buffer.from(ns)]);
const COUNTER = Buffer.from([0x00, 0x01]);
const number = (v: unknown): number => (isNumber(v) ? toDouble(v) : 0);

export const idIndex = (id: number): Index => ({ ...indexFrom({ key: { _id: 1 }, name: '_id_', unique: true }, id) });

export function indexFrom(spec: Doc, id: number): Index {
  const key = spec['key'] as Doc;
  const fields = Object.entries(key).map(([path, direction]) => {
    if (!isNumber(direction) || toDouble(direction) === 0) throw new MongoError(67, 'CannotCreateIndex', `index type not supported by this store: { ${path}: ${JSON.stringify(direction)} }`);
    return { path, parts: split(path), direction: toDouble(direction) > 0 ? 1 : -1 };
  });
  const partial = spec['partialFilterExpression'] as Doc | undefined;
  return {
    id, name: String(spec['name'] ?? fields.map((f) => `${f.path}_${f.direction}`).join('_')), key, fields, unique: truthy(spec['unique']), sparse: truthy(spec['sparse']),
    partial, inPartial: partial ? compileFilter(partial) : undefined, expireAfterSeconds: isNumber(spec['expireAfterSeconds']) ? toDouble(spec['expireAfterSeconds']) : undefined,
    multikey: truthy(spec['multikey']), options: spec,
  };
}

export class Catalog {
  private readonly collections = new Map<string, Collection>();
  private readonly storage: Storage;
  private nextId: number;

  constructor(storage: Storage) {
    this.storage = storage;
    const kept = storage.get(COUNTER);
    this.nextId = kept ? kept.readUInt32BE(0) : 1;
    for (const { value } of storage.range({ start: Buffer.from([CATALOG]), end: Buffer.from([CATALOG + 1]) })) {
      const d = decode(value);
      const [db = '', ...name] = String(d['ns']).split('.');
      this.collections.set(String(d['ns']), {
        id: number(d['id']), ns: String(d['ns']), db, name: name.join('.'), options: d['options'] as Doc, indexes: (d['indexes'] as Doc[]).map((i) => indexFrom(i, number(i['id']))),
      });
    }
  }

  get(ns: string): Collection | undefined {
    return this.collections.get(ns);
  }
  list(db?: string): Collection[] {
    return [...this.collections.values()].filter((c) => !db || c.db === db);
  }

  /** The collection, made when it is not there. */
  open(ns: string, options: Doc = {}): Collection {
    const found = this.collections.get(ns);
    if (found) return found;
    const [db = '', ...name] = ns.split('.');
    if (name.join('.') === '' || ns.includes('$') || ns.includes('\0')) throw new MongoError(73, 'InvalidNamespace', `Invalid collection name specified '${ns}'`);
    const made: Collection = { id: this.takeId(), ns, db, name: name.join('.'), options, indexes: [] };
    made.indexes.push(idIndex(this.takeId()));
    this.collections.set(ns, made);
    this.save(made);
    return made;
  }

  addIndex(collection: Collection, spec: Doc): Index | undefined {
    const index = indexFrom(spec, this.takeId());
    const same = collection.indexes.find((i) => i.name === index.name || equal(i.key, index.key));
    if (same) {
      if (equal(same.key, index.key) && same.unique === index.unique && equal(same.partial ?? {}, index.partial ?? {})) return undefined;
      if (same.name === '_id_' && equal(same.key, index.key)) return undefined;
      throw new MongoError(86, 'IndexKeySpecsConflict', `An existing index has the same name as the requested index. Requested index: ${index.name}, existing index: ${same.name}`);
    }
    if (index.fields.length === 0) throw badValue('Index keys cannot be empty.');
    return index;
  }

  save(collection: Collection): void {
    const indexes = collection.indexes.map((i) => ({ ...i.options, key: i.key, name: i.name, id: i.id, unique: i.unique, sparse: i.sparse, multikey: i.multikey }));
    this.storage.apply(new Map([[keyText(catalogKey(collection.ns)), encode({ ns: collection.ns, id: collection.id, options: collection.options, indexes })]]));
  }

  forget(collection: Collection): void {
    this.collections.delete(collection.ns);
    this.storage.apply(new Map([[keyText(catalogKey(collection.ns)), null]]));
  }

  private takeId(): number {
    const id = this.nextId;
    this.nextId += 1;
    const next = Buffer.alloc(4);
    next.writeUInt32BE(this.nextId);
    this.storage.apply(new Map([[keyText(COUNTER), next]]));
    return id;
  }
}
