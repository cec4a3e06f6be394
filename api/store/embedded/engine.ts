/** Everything a command works with. One process, one thread: what runs between two awaits is alone. */
import { buildIndex, type IndexMarks } from './documents.ts';
import { Catalog, type Collection, type Index } from './catalog.ts';
import type { FailPoints } from './failpoints.ts';
import { find } from './find.ts';
import { Sessions } from './sessions.ts';
import { Storage } from './storage.ts';
import type { Doc } from './values.ts';
import { View } from './view.ts';
import { Cursors } from './cursors.ts';
import { indexPrefix, documentPrefix } from './documents.ts';
import { afterPrefix } from './keys.ts';

export class Engine {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly sessions: Sessions;
  readonly cursors = new Cursors();
  readonly marks: IndexMarks;
  failPoints: FailPoints | undefined;
  constructor(folder: string) {
    this.storage = new Storage(folder);
    this.catalog = new Catalog(this.storage);
    this.sessions = new Sessions(this.storage);
    this.marks = { multikey: (collection, index) => { index.multikey = true; this.catalog.save(collection); } };
  }

  /** Adds an index and fills it; answers false when it was there. */
  createIndex(collection: Collection, spec: Doc): boolean {
    const index = this.catalog.addIndex(collection, spec);
    if (!index) return false;
    const view = new View(this.storage, this.sessions.intents);
    buildIndex(view, collection, index, docs(find(view, { ...collection, indexes: [] }, { filter: {} })), this.marks);
    view.commit();
    collection.indexes.push(index);
    this.catalog.save(collection);
    return true;
  }

  dropIndex(collection: Collection, index: Index): void {
    collection.indexes = collection.indexes.filter((i) => i !== index);
    this.catalog.save(collection);
    this.clear(indexPrefix(index));
  }
  dropCollection(collection: Collection): void {
    this.catalog.forget(collection);
    this.clear(documentPrefix(collection));
    for (const index of collection.indexes) this.clear(indexPrefix(index));
  }
  private clear(prefix: Buffer): void {
    const gone = new Map<string, null>();
    for (const { key } of this.storage.range({ start: prefix, end: afterPrefix(prefix) })) gone.set(key.toString('latin1'), null);
    this.storage.apply(gone);
  }
}
function* docs(found: Iterable<{ doc: Doc }>): Generator<Doc> {
  for (const f of found) yield f.doc;
}
