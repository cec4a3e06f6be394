/** Everything a command works with. One process, one thread: what runs between two awaits is alone. */
import { Binary } from 'bson';
import { Catalog, checkNamespace, garbageKey, GARBAGE_RANGE, ID_INDEX, idIndex, newIndex, newUuid, type Collection, type Index } from './catalog.ts';
import { Clock } from './clock.ts';
import { Cursors } from './cursors.ts';
import { documentPrefix, indexDocument, indexPrefix } from './documents.ts';
import { MongoError } from './errors.ts';
import type { FailPoints } from './failpoints.ts';
import { afterPrefix } from './keys.ts';
import { Oplog } from './oplog.ts';
import { Parameters } from './parameters.ts';
import { Operations } from './operations.ts';
import { isDerived, notOnView } from './derived.ts';
import { breathe } from './rows.ts';
import { Sessions } from './sessions.ts';
import { clearSpills } from './spill.ts';
import { keyText, Storage, type Bytes, type Put, type StorageOptions } from './storage.ts';
import { decode, type Doc } from './values.ts';
import { Intents, View, type Ground } from './view.ts';

const BUILD_STEP = 500;
const CLEAN_STEP = 4_000;

export class Engine {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly oplog: Oplog;
  readonly ground: Ground;
  readonly sessions: Sessions;
  readonly cursors = new Cursors();
  readonly operations = new Operations();
  readonly parameters = new Parameters();
  failPoints: FailPoints | undefined;
  connections: () => number = () => 0;
  private cleaning: Promise<void> | undefined;

  constructor(folder: string, options: StorageOptions = {}) {
    this.storage = new Storage(folder, options);
    this.catalog = new Catalog(this.storage);
    this.oplog = new Oplog(this.storage, new Clock(this.storage));
    this.ground = { storage: this.storage, intents: new Intents(), catalog: this.catalog, oplog: this.oplog };
    this.sessions = new Sessions(this.ground, this.parameters);
    this.storage.onLost = () => this.recover();
    if (options.readOnly) return;
    clearSpills(folder);
    this.dropHalfBuilt();
    this.clean();
  }

  /** Writes were lost (disk full): what memory says of them is read anew, open transactions are over. */
  private recover(): void {
    this.sessions.endAll();
    this.oplog.forget();
    this.catalog.reload();
  }
  /** Indexes whose build a kill cut off: nobody was told that they are there. */
  private dropHalfBuilt(): void {
    for (const c of this.catalog.list()) {
      if (c.name.startsWith('tmp.agg_out.')) {
        const view = new View(this.ground);
        this.dropCollection(view, c, false);
        view.commit();
        continue;
      }
      if (c.building.length === 0) continue;
      const view = new View(this.ground);
      for (const index of c.building) this.discard(view, indexPrefix(index));
      view.define({ ...c, building: [] });
      view.commit();
    }
  }

  /** The collection, made in the view when it is not there. */
  open(view: View, ns: string, options: Doc = {}): Collection {
    const found = view.collection(ns);
    if (isDerived(found)) throw notOnView(ns, 'it cannot be written to');
    if (found) return found;
    checkNamespace(ns);
    const [db = '', ...name] = ns.split('.');
    const id = this.catalog.takeId();
    const made: Collection = { id, uuid: newUuid(), ns, db, name: name.join('.'), options, indexes: [idIndex(id)], building: [] };
    view.define(made);
    view.record({ op: 'create', ns, uuid: made.uuid, detail: { idIndex: { v: 2, key: { _id: 1 }, name: ID_INDEX }, ...options } });
    return made;
  }

  /** Which of these indexes are not there yet. */
  addedBy(collection: Collection, specs: readonly Doc[]): Index[] {
    return specs.flatMap((spec) => newIndex(collection, spec, () => 0) ?? []);
  }
  isEmpty(view: View, collection: Collection): boolean {
    const prefix = documentPrefix(collection);
    for (const _ of view.range({ start: prefix, end: afterPrefix(prefix) })) return false;
    return true;
  }
  /** Adds indexes to an empty collection of the view's own: nothing has to be built. */
  addIndexes(view: View, collection: Collection, specs: readonly Doc[]): Collection {
    let next = collection;
    for (const spec of specs) {
      const index = newIndex(next, spec, () => this.catalog.takeId());
      if (index) next = { ...next, indexes: [...next.indexes, index] };
    }
    if (next === collection) return next;
    view.define(next);
    view.record({ op: 'createIndexes', ns: next.ns, uuid: next.uuid, detail: { indexes: next.indexes.slice(collection.indexes.length).map((i) => ({ v: 2, key: i.key, name: i.name })) } });
    return next;
  }

  /**
   * Builds indexes while others go on: from the first step every writer keeps them, and the builder adds the documents that
   * are there in steps. They are seen by readers when they are whole; a refusal takes them away again.
   */
  async createIndexes(ns: string, specs: readonly Doc[], check: () => void): Promise<void> {
    const before = this.catalog.get(ns)!;
    this.ground.intents.assertUnused(before.id);
    let next = before;
    const added: Index[] = [];
    for (const spec of specs) {
      const index = newIndex(next, spec, () => this.catalog.takeId());
      if (!index) continue;
      added.push(index);
      next = { ...next, building: [...next.building, index] };
    }
    if (added.length === 0) return;
    this.define(next);
    try {
      for (const index of added) await this.fill(ns, index, check);
    } catch (error) {
      this.unbuild(ns, added);
      throw error;
    }
    const now = this.assertThere(ns, before.id);
    this.define({ ...now, indexes: [...now.indexes, ...added], building: now.building.filter((i) => !added.includes(i)) });
    const view = new View(this.ground);
    view.record({ op: 'createIndexes', ns, uuid: before.uuid, detail: { indexes: added.map((i) => ({ v: 2, key: i.key, name: i.name })) } });
    view.commit();
  }
  private define(c: Collection): void {
    const view = new View(this.ground);
    view.define(c);
    view.commit();
  }
  private assertThere(ns: string, id: number): Collection {
    const now = this.catalog.get(ns);
    if (!now || now.id !== id) throw new MongoError(276, 'IndexBuildAborted', `Index build failed: collection ${ns} was dropped`);
    return now;
  }

  private async fill(ns: string, index: Index, check: () => void): Promise<void> {
    const { id } = this.catalog.get(ns)!;
    const prefix = documentPrefix(this.catalog.get(ns)!);
    let start: Bytes = prefix;
    for (;;) {
      check();
      const collection = this.assertThere(ns, id);
      const view = new View(this.ground);
      let n = 0;
      for (const { key, value } of this.storage.range({ start, end: afterPrefix(prefix) })) {
        indexDocument(view, collection, index, decode(value));
        start = Buffer.concat([key, Buffer.from([0])]);
        n += 1;
        if (n === BUILD_STEP) break;
      }
      view.commit();
      await this.storage.flushed();
      if (n < BUILD_STEP) return;
      await breathe();
    }
  }
  private unbuild(ns: string, added: readonly Index[]): void {
    const now = this.catalog.get(ns);
    const view = new View(this.ground);
    for (const index of added) this.discard(view, indexPrefix(index));
    if (now?.building.some((i) => added.includes(i))) view.define({ ...now, building: now.building.filter((i) => !added.includes(i)) });
    view.commit();
    this.clean();
  }

  dropIndexes(collection: Collection, gone: readonly Index[]): void {
    this.ground.intents.assertUnused(collection.id);
    const view = new View(this.ground);
    view.define({ ...collection, indexes: collection.indexes.filter((i) => !gone.includes(i)) });
    for (const index of gone) this.discard(view, indexPrefix(index));
    view.record({ op: 'dropIndexes', ns: collection.ns, uuid: collection.uuid, detail: { indexes: gone.map((i) => ({ v: 2, key: i.key, name: i.name })) } });
    view.commit();
    this.clean();
  }
  dropCollection(view: View, collection: Collection, recorded = true): void {
    this.ground.intents.assertUnused(collection.id);
    view.forget(collection.ns);
    this.discard(view, documentPrefix(collection));
    for (const index of [...collection.indexes, ...collection.building]) if (index.name !== ID_INDEX) this.discard(view, indexPrefix(index));
    if (recorded) view.record({ op: 'drop', ns: collection.ns, uuid: collection.uuid });
  }
  rename(view: View, collection: Collection, to: string, target?: Collection): void {
    this.ground.intents.assertUnused(collection.id);
    checkNamespace(to);
    const [db = '', ...name] = to.split('.');
    if (target) this.dropCollection(view, target, false);
    view.forget(collection.ns);
    view.define({ ...collection, ns: to, db, name: name.join('.') });
    view.record({ op: 'rename', ns: collection.ns, uuid: collection.uuid, detail: { to, ...(target ? { dropTarget: new Binary(target.uuid, 4) } : {}) } });
  }
  /** Replaces options of a collection or its indexes. */
  modify(collection: Collection, next: Partial<Collection>): void {
    this.ground.intents.assertUnused(collection.id);
    const view = new View(this.ground);
    view.define({ ...collection, ...next });
    view.record({ op: 'modify', ns: collection.ns, uuid: collection.uuid, detail: next.options ?? {} });
    view.commit();
  }

  private discard(view: View, prefix: Bytes): void {
    view.put(garbageKey(prefix), Buffer.from([1]), false);
  }
  /** Clears what was dropped, in steps; a kill between two only delays it. */
  clean(): void {
    this.cleaning ??= this.cleanAll().finally(() => { this.cleaning = undefined; });
  }
  private async cleanAll(): Promise<void> {
    await breathe();
    for (;;) {
      const [next] = this.storage.range(GARBAGE_RANGE);
      if (!next) return;
      const prefix = next.key.subarray(1);
      const gone = new Map<string, Put>();
      for (const { key } of this.storage.range({ start: prefix, end: afterPrefix(prefix) })) {
        gone.set(keyText(key), { key, value: null });
        if (gone.size === CLEAN_STEP) break;
      }
      if (gone.size < CLEAN_STEP) gone.set(keyText(next.key), { key: next.key, value: null });
      this.storage.apply(gone);
      if (await this.storage.flushed().then(() => false, () => true)) return;
    }
  }

  async close(): Promise<void> {
    this.sessions.endAll();
    this.cursors.killAll();
    await this.cleaning;
    await this.storage.close();
  }
}
