/** Two people's edits of one table, merged cell by cell over the version that both began with. A real conflict is shown, never decided. Pure. */
import type { Row } from './table.ts';

export type CellConflict = { readonly id: string; readonly column: string; readonly base: string | null; readonly mine: string | null; readonly theirs: string | null };
export type Merged = { readonly rows: readonly Row[]; readonly conflicts: readonly CellConflict[] };
const cell = (row: Row | undefined, key: string): string | null => (row === undefined ? null : key === 'enabled' ? (row.enabled ? 'yes' : 'no') : (row.cells[key] ?? ''));
const columns = (...rows: readonly (Row | undefined)[]): string[] => [...new Set(['enabled', ...rows.flatMap((r) => Object.keys(r?.cells ?? {}))])];
export const sameRow = (a: Row | undefined, b: Row | undefined): boolean => a !== undefined && b !== undefined && columns(a, b).every((k) => cell(a, k) === cell(b, k));
const known = (rows: readonly Row[]): Map<string, Row> => new Map(rows.map((r) => [r.id, r]));
/** The next id that no row has: R17 after R16. */
export function nextId(taken: ReadonlySet<string>): string {
  const top = [...taken].reduce((n, id) => Math.max(n, Number(/^R(\d+)$/.exec(id)?.[1] ?? 0)), 0);
  return `R${String(top + 1).padStart(2, '0')}`;
}

export function mergeRows(base: readonly Row[], mineGiven: readonly Row[], theirs: readonly Row[]): Merged {
  const [b, t] = [known(base), known(theirs)];
  const mine = renamed(mineGiven, b, t);
  const m = known(mine);
  const conflicts: CellConflict[] = [];
  const made = new Map<string, Row>();
  for (const id of new Set([...b.keys(), ...t.keys(), ...m.keys()])) {
    const row = mergeRow(b.get(id), m.get(id), t.get(id), conflicts);
    if (row) made.set(id, row);
  }
  const order = orderOf(base, mine, theirs, made, conflicts);
  return { rows: order.map((id) => made.get(id)!), conflicts };
}

/** Both added a row of the same id with different words in it: mine takes the next free one. */
function renamed(mine: readonly Row[], base: ReadonlyMap<string, Row>, theirs: ReadonlyMap<string, Row>): Row[] {
  const taken = new Set([...base.keys(), ...theirs.keys(), ...mine.map((r) => r.id)]);
  return mine.map((row) => {
    const other = theirs.get(row.id);
    if (base.has(row.id) || !other || sameRow(row, other)) return row;
    const id = nextId(taken);
    taken.add(id);
    return { ...row, id };
  });
}

function mergeRow(base: Row | undefined, mine: Row | undefined, theirs: Row | undefined, conflicts: CellConflict[]): Row | undefined {
  if (!base) return mine ?? theirs;
  if (!mine || !theirs) {
    const left = mine ?? theirs;
    // One took the row out. The other may have changed it meanwhile: then a person decides.
    if (left && !sameRow(left, base)) {
      for (const key of columns(left, base)) if (cell(left, key) !== cell(base, key)) conflicts.push({ id: base.id, column: key, base: cell(base, key), mine: cell(mine, key), theirs: cell(theirs, key) });
      return left;
    }
    return undefined;
  }
  const cells: Record<string, string> = {};
  let { enabled } = theirs;
  for (const key of columns(base, mine, theirs)) {
    const [was, my, their] = [cell(base, key), cell(mine, key), cell(theirs, key)];
    const value = my === was ? their : my;
    if (my !== was && their !== was && my !== their) conflicts.push({ id: base.id, column: key, base: was, mine: my, theirs: their });
    if (key === 'enabled') enabled = value === 'yes';
    else if (value) cells[key] = value;
  }
  return { id: base.id, enabled, cells };
}

/** The order of whoever moved rows; both moved them differently: a conflict. New rows stand behind the row that they were written under. */
function orderOf(base: readonly Row[], mine: readonly Row[], theirs: readonly Row[], made: ReadonlyMap<string, Row>, conflicts: CellConflict[]): string[] {
  const ids = (rows: readonly Row[], among: (id: string) => boolean): string[] => rows.map((r) => r.id).filter(among);
  const inAll = (id: string): boolean => [base, mine, theirs].every((rows) => rows.some((r) => r.id === id));
  const [b, m, t] = [ids(base, inAll), ids(mine, inAll), ids(theirs, inAll)];
  const moved = m.join() !== b.join();
  if (moved && t.join() !== b.join() && m.join() !== t.join()) conflicts.push({ id: m.find((id, i) => id !== t[i])!, column: 'place', base: b.join(' '), mine: m.join(' '), theirs: t.join(' ') });
  const [first, second] = moved ? [mine, theirs] : [theirs, mine];
  const order = ids(first, (id) => made.has(id));
  second.forEach((row, i) => {
    if (!made.has(row.id) || order.includes(row.id)) return;
    const before = second.slice(0, i).findLast((r) => order.includes(r.id));
    order.splice(before ? order.indexOf(before.id) + 1 : 0, 0, row.id);
  });
  return order;
}
