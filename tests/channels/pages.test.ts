import assert from 'node:assert/strict';
import fc from 'fast-check';
import { changedRows, closedRows, type ReadPage } from '../../api/channels/transport/pages.ts';

const T0 = Date.parse('2026-11-20T00:00:00Z');
type Row = { readonly id: number; at: number; shown: boolean };
const at = (second: number): Date => new Date(T0 + second * 1000);

/** A platform's list: newest first, by whole seconds, the window inclusive; between two reads something happens. */
class List {
  second = 1000;
  readonly rows: Row[];
  constructor(count: number) { this.rows = Array.from({ length: count }, (_, i) => ({ id: i, at: i * 3, shown: true })); }
  readonly touched = new Set<number>();
  touch(i: number): void {
    const row = this.rows[i % this.rows.length]!;
    row.at = this.second;
    this.touched.add(row.id);
  }
  arrive(): void { this.rows.push({ id: this.rows.length, at: this.second, shown: true }); }
  page(size: number, happen: () => void, inclusive = true, newestFirst = true): ReadPage<number> {
    return ({ from, to }, no) => {
      const inside = this.rows.filter((r) => r.shown && r.at >= (from.getTime() - T0) / 1000 && (inclusive ? r.at <= (to.getTime() - T0) / 1000 : r.at < (to.getTime() - T0) / 1000)).sort((a, b) => (b.at - a.at || b.id - a.id) * (newestFirst ? 1 : -1));
      const answer = { total: inside.length === 0 ? undefined : inside.length, rows: inside.slice((no - 1) * size, no * size).map((r) => ({ key: `${r.id} ${r.at}`, at: at(r.at), row: r.id })) };
      this.second += 1;
      happen();
      return Promise.resolve(answer);
    };
  }
}
async function all(list: List, until: Date, size: number, happen: () => void, inclusive = true): Promise<number[]> {
  const got: number[] = [];
  for await (const rows of changedRows({ from: at(0), to: until }, size, list.page(size, happen, inclusive))) got.push(...rows);
  return got;
}

describe('paging a list that changes while it is read', () => {
  it('meets every row that stays, while others change and arrive, in a window that is still open', () => fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 120 }), fc.integer({ min: 2, max: 20 }), fc.array(fc.nat(200), { maxLength: 40 }), fc.boolean(), async (count, size, moves, inclusive) => {
      const list = new List(count);
      const left = [...moves];
      const got = new Set(await all(list, at(100_000), size, () => {
        const move = left.shift();
        if (move === undefined) return;
        if (move % 3 === 0) list.arrive();
        else list.touch(move);
      }, inclusive));
      assert.deepEqual(list.rows.filter((r) => r.id < count && !list.touched.has(r.id) && !got.has(r.id)), []);
    },
  ), { numRuns: 300 }));

  it('meets every row of a window that has ended, or leaves it to the window that it moved to', () => fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 120 }), fc.integer({ min: 2, max: 20 }), fc.array(fc.nat(200), { maxLength: 40 }), async (count, size, moves) => {
      const list = new List(count);
      const left = [...moves];
      const got = await all(list, at(600), size, () => {
        const move = left.shift();
        if (move !== undefined) list.touch(move);
      });
      assert.equal(new Set(got).size, got.length, 'none twice');
      assert.deepEqual(list.rows.filter((r) => r.at <= 600 && !got.includes(r.id)), []);
    },
  ), { numRuns: 300 }));

  it('loses nothing to rows that the platform shows late', () => fc.assert(fc.asyncProperty(
    fc.integer({ min: 20, max: 120 }), fc.integer({ min: 2, max: 20 }), fc.array(fc.nat(119), { maxLength: 12 }), async (count, size, late) => {
      const list = new List(count);
      const hidden = late.map((i) => list.rows[i % count]!);
      for (const row of hidden) row.shown = false;
      const shown = list.rows.filter((r) => r.shown).map((r) => r.id);
      const got = new Set(await all(list, at(600), size, () => {
        const row = hidden.shift();
        if (row) row.shown = true;
      }));
      assert.deepEqual(shown.filter((id) => !got.has(id)), []);
    },
  ), { numRuns: 300 }));

  it('meets every row of a window that has ended, whichever way the platform sorts', () => fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 120 }), fc.integer({ min: 2, max: 20 }), fc.array(fc.nat(200), { maxLength: 40 }), fc.boolean(), async (count, size, moves, newestFirst) => {
      const list = new List(count);
      const left = [...moves];
      const got: number[] = [];
      const happen = (): void => {
        const move = left.shift();
        if (move !== undefined) list.touch(move);
      };
      for await (const rows of closedRows({ from: at(0), to: at(600) }, size, list.page(size, happen, true, newestFirst))) got.push(...rows);
      assert.equal(new Set(got).size, got.length, 'none twice');
      assert.deepEqual(list.rows.filter((r) => r.at <= 600 && !got.includes(r.id)), []);
    },
  ), { numRuns: 300 }));

  it('gives a row once that stands in the second where two windows touch', async () => {
    const list = new List(30);
    const seen = new Set<string>();
    const got: number[] = [];
    for (const [from, to] of [[0, 45], [45, 600]] as const) for await (const rows of closedRows({ from: at(from), to: at(to) }, 10, list.page(10, () => undefined), seen)) got.push(...rows);
    assert.deepEqual([...got].sort((a, b) => a - b), Array.from({ length: 30 }, (_, i) => i));
  });

  it('takes nothing as done when a full page comes without a total', async () => {
    const list = new List(30);
    const bare: ReadPage<number> = async (window, no) => ({ ...(await list.page(10, () => undefined)(window, no)), total: undefined });
    await assert.rejects(async () => { for await (const _ of changedRows({ from: at(0), to: at(600) }, 10, bare)) assert.ok(_); }, /no_total/);
  });
});
