/** Proves the store's own books: each index holds exactly the entries that its documents make. */
import { GARBAGE_RANGE, ID_INDEX, type Collection } from './catalog.ts';
import { DOCUMENT, documentPrefix, entriesOf, INDEX, indexPrefix } from './documents.ts';
import { afterPrefix, fitted, valueBytes } from './keys.ts';
import { Breather, PAUSE, type Pause } from './rows.ts';
import type { Bytes, Storage } from './storage.ts';
import { decode, type Doc } from './values.ts';

export type IndexFound = { readonly name: string; readonly keys: number; readonly differences: number };
export type Found = { readonly ns: string; readonly documents: number; readonly unreadable: number; readonly indexes: readonly IndexFound[]; readonly errors: readonly string[] };
const SHOWN = 20;

/** In steps, so that a store that serves others can let them in. */
export function* checking(storage: Storage, collection: Collection): Generator<Pause, Found> {
  const errors: string[] = [];
  const say = (text: string): void => { if (errors.length < SHOWN) errors.push(`${collection.ns}: ${text}`); };
  const snapshot = storage.snapshot();
  try {
    const prefix = documentPrefix(collection);
    const [docs, keys] = [{ read: 0, bad: 0 }, new Map<string, number>()];
    const wrong = new Map<string, number>();
    const blame = (name: string, text: string): void => { wrong.set(name, (wrong.get(name) ?? 0) + 1); say(`index ${name}: ${text}`); };
    const breather = new Breather();
    for (const { key, value } of storage.range({ start: prefix, end: afterPrefix(prefix) }, snapshot)) {
      if (breather.due()) yield PAUSE;
      docs.read += 1;
      const doc = readable(value);
      if (!doc) { docs.bad += 1; say(`a document at ${key.toString('hex')} cannot be read`); continue; }
      const idBytes = fitted(valueBytes(doc['_id']));
      if (!key.subarray(prefix.length).equals(idBytes)) blame(ID_INDEX, `a document lies under another id than its own (${String(doc['_id'])})`);
      for (const index of collection.indexes) {
        if (index.name === ID_INDEX) continue;
        const { entries, multikey } = entriesOf(index, doc, idBytes);
        if (multikey && !index.multikey) blame(index.name, `holds arrays and does not know it (${String(doc['_id'])})`);
        for (const entry of entries) {
          keys.set(index.name, (keys.get(index.name) ?? 0) + 1);
          if (!storage.get(entry.key, snapshot)?.equals(idBytes)) blame(index.name, `the entry of document ${String(doc['_id'])} is missing or another's`);
        }
      }
    }
    const indexes: IndexFound[] = [];
    for (const index of collection.indexes) {
      const due = index.name === ID_INDEX ? docs.read : (keys.get(index.name) ?? 0);
      const held = index.name === ID_INDEX ? docs.read : yield* counting(storage, indexPrefix(index), snapshot);
      // Every entry that is due was looked up, so more than due means entries of no document.
      if (held !== due) blame(index.name, `holds ${held} entries, its documents make ${due}`);
      indexes.push({ name: index.name, keys: held, differences: wrong.get(index.name) ?? 0 });
    }
    return { ns: collection.ns, documents: docs.read, unreadable: docs.bad, indexes, errors };
  } finally {
    snapshot.done();
  }
}

function readable(value: Bytes): Doc | undefined {
  try {
    return decode(value);
  } catch {
    return undefined;
  }
}
function* counting(storage: Storage, prefix: Bytes, snapshot: ReturnType<Storage['snapshot']>): Generator<Pause, number> {
  const breather = new Breather();
  let n = 0;
  for (const _ of storage.range({ start: prefix, end: afterPrefix(prefix) }, snapshot)) {
    n += 1;
    if (breather.due()) yield PAUSE;
  }
  return n;
}

/** Documents and index entries that belong to no collection, and are not marked to be cleared. */
export function* strays(storage: Storage, collections: readonly Collection[]): Generator<string> {
  const known = new Set(collections.flatMap((c) => [documentPrefix(c), ...[...c.indexes, ...c.building].map(indexPrefix)]).map((p) => p.toString('hex')));
  for (const { key } of storage.range(GARBAGE_RANGE)) known.add(key.subarray(1).toString('hex'));
  for (const kind of [DOCUMENT, INDEX]) {
    let start: Bytes | undefined = Buffer.from([kind]);
    while (start) {
      const [next] = storage.range({ start, end: Buffer.from([kind + 1]) });
      const prefix = next?.key.subarray(0, 5);
      if (prefix && !known.has(prefix.toString('hex'))) yield `${kind === DOCUMENT ? 'documents' : 'index entries'} under ${prefix.toString('hex')} belong to no collection`;
      start = prefix && afterPrefix(Buffer.from(prefix));
    }
  }
}
