import assert from 'node:assert/strict';
import { Int32, MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { sharedStore } from '../support/shared-store.ts';
import { elementHolds, hasOperators, matches, reach } from './oracle/filters.ts';
import { aggregate, sortOf } from './oracle/pipelines.ts';
import { project } from './oracle/projections.ts';
import { Maker, Random } from './oracle/random.ts';
import { distinct } from './oracle/expressions.ts';
import { bySort, sorted } from './oracle/sorting.ts';
import { refuseConflicts, updated, type Update } from './oracle/updates.ts';
import { compare, isList, MISSING, Refused, show, type Doc, type Value } from './oracle/values.ts';

/**
 * The store against the oracle: the naive reading of the manual in `oracle/`, on random documents, once without and once with
 * random indexes. `CASES=200000 SEED=7 npx mocha tests/stores/oracle.test.ts` runs longer; a difference names its world's seed.
 */
const CASES = Number(process.argv.find((a) => a.startsWith('--cases='))?.slice(8) ?? process.env['CASES'] ?? 5_000);
const SEED = Number(process.env['SEED'] ?? 20_261_125);
const PER_WORLD = 100;
const REFUSED = 'refused';
type Row = Document;

class World {
  readonly make: Maker;
  readonly seed: number;
  rows: Doc[];
  hints: Doc[] = [];
  readonly both: readonly Collection<Row>[];
  readonly other: Doc[];
  readonly db: Db;
  constructor(seed: number, db: Db) {
    this.seed = seed;
    this.db = db;
    this.make = new Maker(new Random(seed));
    this.rows = Array.from({ length: 10 }, (_x, i) => this.make.row(i));
    this.other = Array.from({ length: 5 }, (_x, i) => this.make.row(i));
    this.both = [db.collection<Row>('plain'), db.collection<Row>('indexed')];
  }
  async build(): Promise<void> {
    const [plain, indexed] = this.both as [Collection<Row>, Collection<Row>];
    await Promise.all([plain.deleteMany({}), indexed.drop().catch(() => false), this.db.collection('other').deleteMany({})]);
    const indexes = Array.from({ length: 3 }, () => this.make.index());
    for (const { key, options } of indexes) {
      const { partialFilterExpression: partial, sparse } = options;
      if (await indexed.createIndex(key as never, options).then(() => true, () => false) && !partial && !sparse) this.hints.push(key);
    }
    await Promise.all([plain.insertMany(this.rows), this.db.collection('other').insertMany(this.other), this.fill(indexed)]);
  }
  /** Where an index refuses two arrays side by side, there is none. */
  async fill(indexed: Collection<Row>): Promise<void> {
    try { await indexed.insertMany(this.rows); } catch { await this.unindex(); await indexed.deleteMany({}); await indexed.insertMany(this.rows); }
  }
  async unindex(): Promise<void> {
    await this.both[1]!.dropIndexes();
    this.hints = [];
  }
}
const attempt = async (work: () => Promise<unknown>): Promise<string> => { try { return shown(await work()); } catch (e) { if (e instanceof Error && 'code' in e) return REFUSED; throw e; } };
const expected = (work: () => unknown): string => { try { return shown(work()); } catch (e) { if (e instanceof Refused) return REFUSED; throw e; } };
const shown = (v: unknown): string => (typeof v === 'string' ? v : show(v));
const inAnyOrder = (rows: readonly unknown[]): string => rows.map((r) => show(r)).sort().join('\n');

describe('the embedded store: against the oracle', function () {
  this.timeout(CASES * 100 + 30_000);
  let client: MongoClient;
  let db: Db;
  const differences: string[] = [];
  before(async () => {
    client = await MongoClient.connect((await sharedStore()).uri, { promoteValues: false, bsonRegExp: true, ignoreUndefined: false });
    db = client.db('oracle_spec');
    await db.dropDatabase();
  });
  after(() => client.close());

  const report = (w: World, what: string, wanted: string, found: string, where: number): void => {
    if (found === wanted) return;
    const [less, more] = [wanted.split('\n').filter((l) => !found.split('\n').includes(l)), found.split('\n').filter((l) => !wanted.split('\n').includes(l))];
    differences.push(`seed ${w.seed}, ${where === 0 ? 'without indexes' : `with indexes ${JSON.stringify(w.hints)}`}\n${what}\nwanted: ${less.join('\n')}\nfound:  ${more.join('\n')}${what.startsWith('find') && what.includes(' sort ') ? `\nrows: ${inAnyOrder(w.rows)}` : ''}`);
  };
  const compared = async (w: World, what: string, wanted: string, ask: (c: Collection<Row>, at: number) => Promise<unknown>): Promise<void> => {
    await Promise.all(w.both.map(async (c, at) => report(w, what, wanted, await attempt(() => ask(c, at)), at)));
  };

  const finds = (w: World): Promise<void> => {
    const filter = w.make.filter();
    const projection = w.make.r.chance(0.3) ? w.make.projection() : {};
    const hint = w.make.r.chance(0.5) && w.hints.length > 0 ? w.make.r.pick(w.hints) : undefined;
    const wanted = expected(() => inAnyOrder(w.rows.filter((d) => matches(d, filter)).map((d) => project(d, projection))));
    return compared(w, `find ${show(filter)} projection ${show(projection)} hint ${JSON.stringify(hint)}`, wanted, async (c, at) => inAnyOrder(await c.find(filter as never, { projection, ...(at === 1 && hint ? { hint: hint as never } : {}) }).toArray()));
  };
  const sorts = (w: World): Promise<void> => {
    const filter = w.make.r.chance(0.5) ? {} : w.make.filter();
    const full = w.make.r.chance(0.5);
    const sort: Doc = { ...w.make.sort(), ...(full ? { _id: new Int32(w.make.r.pick([1, -1])) } : {}) };
    const limit = w.make.r.chance(0.3) ? 3 : 0;
    const keys = sortOf(sort);
    const order = bySort(keys);
    // Without _id in the sort several orders are right: then the places of equals are compared by their rows' rank.
    const placed = (rows: readonly Doc[]): string => (full ? rows.map((r) => show(r['_id'])) : rows.map((r) => w.rows.filter((o) => matches(o, filter) && order(o, r) < 0).length)).join(' ');
    const wanted = expected(() => { const all = sorted(w.rows.filter((d) => matches(d, filter)), keys); return placed(limit ? all.slice(0, limit) : all); });
    return compared(w, `find ${show(filter)} sort ${show(sort)} limit ${limit}`, wanted, async (c) => { const rows = await c.find(filter as never).sort(sort as never).limit(limit).toArray(); return wanted === REFUSED ? 'an answer' : placed(rows); });
  };
  const counts = async (w: World): Promise<void> => {
    const filter = w.make.filter();
    const path = w.make.plainPath();
    await compared(w, `count ${show(filter)}`, expected(() => String(w.rows.filter((d) => matches(d, filter)).length)), async (c) => String(await c.countDocuments(filter as never)));
    const values = (): Value[] => distinct(w.rows.filter((d) => matches(d, filter)).flatMap((d) => reach(d, path.split('.'), true)).flatMap((v) => (isList(v) ? v : [v])).filter((v) => v !== MISSING));
    const kinds = (list: readonly Value[]): string => String([...list].sort(compare).length);
    await compared(w, `distinct ${path} of ${show(filter)}`, expected(() => kinds(values())), async (c) => kinds(await c.distinct(path, filter as never)));
  };
  const pipelines = (w: World): Promise<void> => {
    const stages = w.make.pipeline();
    const wanted = expected(() => inAnyOrder(aggregate(w.rows, stages, w.other)));
    return compared(w, `aggregate ${show(stages)}`, wanted, async (c) => inAnyOrder(await c.aggregate(stages).toArray()));
  };
  const updates = async (w: World): Promise<void> => {
    const id = w.make.r.below(w.rows.length);
    const before = w.rows[id]!;
    const { filter, ...update } = someUpdate(w.make);
    const matched = matches(before, filter);
    let after = before;
    const wanted = expected(() => { refuseConflicts(update.update); if (!matched) return null; after = updated(before, update); return after; });
    if (special(after)) return;
    await Promise.all(w.both.map(async (c, at) => {
      const change = (): Promise<unknown> => c.findOneAndUpdate({ _id: before['_id'], ...filter } as never, update.update as never, { returnDocument: 'after', ...(update.arrayFilters ? { arrayFilters: update.arrayFilters } : {}) });
      let found = await attempt(change);
      // An index of two arrays side by side refuses what is right in itself.
      if (found === REFUSED && wanted !== REFUSED && at === 1) { await w.unindex(); found = await attempt(change); }
      report(w, `update ${show(before)} by ${show(update.update)} where ${show(filter)} filters ${show(update.arrayFilters ?? [])}`, wanted, found, at);
      if (found !== wanted) await c.replaceOne({ _id: before['_id'] } as never, (wanted === REFUSED ? before : after)).catch(() => undefined);
    }));
    if (wanted !== REFUSED) w.rows[id] = after;
  };

  it(`answers ${CASES} random queries, sorts, pipelines and updates as the manual says (seed ${SEED})`, async () => {
    for (let done = 0, seed = SEED; done < CASES && differences.length < 10; seed += 1) {
      const w = new World(seed, db);
      await w.build();
      for (let i = 0; i < PER_WORLD; i += 10) {
        await Promise.all([finds(w), finds(w), finds(w), sorts(w), sorts(w), counts(w), pipelines(w), pipelines(w)]);
        await updates(w);
        await updates(w);
        done += 10;
      }
    }
    assert.equal(differences.slice(0, 10).join('\n\n'), '');
  });
});

/** Numbers without value are not calculated with, and documents do not grow for ever. */
const special = (doc: Doc): boolean => show(doc).length > 3_000;
type Filtered = Update & { readonly filter: Doc };
function someUpdate(make: Maker): Filtered {
  const r = make.r;
  if (r.chance(0.15)) return { filter: {}, update: make.updatePipeline() };
  if (r.chance(0.15)) {
    const list = r.pick(['a', 'b', 'd']);
    const condition = r.chance(0.5) ? make.operator(1) : make.element();
    const byElement = r.chance(0.6);
    const filter = byElement ? { [list]: { $elemMatch: condition } } : { [`${list}.x`]: condition };
    const negated = Object.keys(condition).some((k) => ['$ne', '$nin', '$exists', '$not'].includes(k));
    if (!byElement && (negated || !hasOperators(condition))) return { filter: {}, update: make.update() };
    const test = (item: Value): boolean => (byElement ? elementHolds(item, condition) : matches({ [list]: [item] }, filter));
    return { filter, update: { [r.pick(['$set', '$min', '$unset'])]: { [r.pick([`${list}.$`, `${list}.$.y`])]: make.scalar() } }, position: { list, test } };
  }
  if (r.chance(0.2)) {
    const list = r.pick(['a', 'b', 'd', 'c.x']);
    const named = r.chance(0.6);
    const arrayFilters = named ? [r.chance(0.5) ? { e: make.condition() } : { 'e.x': make.condition() }] : undefined;
    const path = `${list}.${named ? '$[e]' : '$[]'}${r.pick(['', '.x', '.y'])}`;
    return { filter: {}, update: { [r.pick(['$set', '$unset', '$push', '$max'])]: { [path]: make.scalar() } }, ...(arrayFilters ? { arrayFilters } : {}) };
  }
  return { filter: r.chance(0.2) ? make.filter() : {}, update: make.update() };
}
