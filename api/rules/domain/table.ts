/** Decision tables: rows compiled to bit sets, 32 rows at a time; the first row that fits, or all of them, in order. Pure. */
import { tableKind, TABLES, type Field, type TableKind } from '../../contract/decision-tables/index.ts';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { parseCondition } from './cells.ts';
import { BLOCK, compileColumn, type Column } from './columns.ts';
import type { Condition, InputValue } from './condition.ts';
import { readOutcome } from './outcomes.ts';

export type { TableKind } from '../../contract/decision-tables/index.ts';
export const KINDS = TABLES;
export const kindOf = tableKind;
export type Row = { readonly id: string; readonly enabled: boolean; readonly cells: Readonly<Record<string, string>> };
export type Input = Readonly<Record<string, InputValue>>;
export type Hit = { readonly row: string; readonly place: number; readonly outcome: Readonly<Record<string, string>>; readonly looked: Readonly<Record<string, InputValue>> };
export type RowProblem = { readonly row: number; readonly id: string; readonly column: string; readonly code: string; readonly read: string } & Both;
export type Compiled = {
  readonly kind: TableKind;
  /** The rows that fit: one at most where the first decides. */
  readonly decide: (input: Input) => readonly Hit[];
  /** Place (from 0) of the first row that fits, or -1: nothing is recorded. */
  readonly match: (input: Input) => number;
  /** Fields that some row that is switched on looks at. */
  readonly uses: ReadonlySet<string>;
};

const isEmptyRow = (row: Row): boolean => Object.values(row.cells).every((c) => c.trim() === '');
/** Rows with something in them: the empty ones at a sheet's end are room to write in. */
export const filledRows = (rows: readonly Row[]): Row[] => rows.filter((r) => !isEmptyRow(r));

type ReadRow = { readonly row: Row; readonly place: number; readonly conditions: ReadonlyMap<string, Condition>; readonly outcome: Readonly<Record<string, string>> };
type Block = { readonly rows: readonly ReadRow[]; readonly full: number; readonly keys: readonly string[]; readonly columns: readonly Column[] };

/** Compiles rows, or names every cell that cannot be read. Rows that are switched off are checked too. */
export function compileTable(kind: TableKind, rows: readonly Row[]): Result<Compiled, readonly RowProblem[]> {
  const problems: RowProblem[] = [];
  const seen = new Set<string>();
  const read = rows.flatMap((row, index) => {
    if (seen.has(row.id)) problems.push({ row: index + 1, id: row.id, column: 'id', code: 'row_twice', read: row.id, zh: `第 ${index + 1} 行：规则号 ${row.id} 出现了两次，换一个`, en: `Row ${index + 1}: the rule ${row.id} is there twice, give it another id` });
    seen.add(row.id);
    return isEmptyRow(row) ? [] : [readRow(kind, row, index + 1, problems)];
  });
  if (problems.length > 0) return refuse(problems);
  const on = read.filter((r) => r.row.enabled);
  const blocks: Block[] = [];
  for (let i = 0; i < on.length; i += BLOCK) blocks.push(blockOf(kind, on.slice(i, i + BLOCK)));
  const uses = new Set(on.flatMap((r) => [...r.conditions.keys()]));
  return ok({ kind, uses, decide: (input) => decide(blocks, kind.hit === 'first', input), match: (input) => match(blocks, input) });
}

function readRow(kind: TableKind, row: Row, place: number, problems: RowProblem[]): ReadRow {
  const conditions = new Map<string, Condition>();
  const outcome: Record<string, string> = {};
  const tell = (column: string, title: Both, p: { readonly code: string; readonly read: string } & Both): void => void problems.push({ row: place, id: row.id, column, code: p.code, read: p.read, zh: `第 ${place} 行“${title.zh}”：${p.zh}`, en: `Row ${place}, “${title.en}”: ${p.en}` });
  for (const [key, cell] of Object.entries(row.cells)) {
    const field = kind.fields.find((f) => f.key === key);
    const said = field ? undefined : kind.outcomes.find((o) => o.key === key);
    if (field) {
      const parsed = parseCondition(field, cell);
      if (!parsed.ok) tell(key, field, parsed.refusal);
      else if (parsed.value.kind !== 'any') conditions.set(key, parsed.value);
    } else if (said) {
      const done = readOutcome(said, cell);
      if (done.ok) outcome[key] = done.value;
      else tell(key, said, done.refusal);
    } else if (cell.trim() !== '') tell(key, { zh: key, en: key }, { code: 'unknown_column', read: key, zh: `“${kind.title.zh}”没有这一列，去掉它`, en: `“${kind.title.en}” has no such column, take it out` });
  }
  for (const o of kind.outcomes) outcome[o.key] ??= '';
  const needed = kind.outcomes.filter((o) => !o.aside);
  if (needed.every((o) => (row.cells[o.key] ?? '').trim() === '')) {
    tell(needed[0]!.key, needed[0]!, { code: 'outcome_missing', read: '', zh: `这一行没写结果，至少填一个：${needed.map((o) => o.zh).join('、')}`, en: `this row says nothing: fill in one of ${needed.map((o) => o.en).join(', ')}` });
  }
  return { row, place, conditions, outcome };
}

/** Cheap columns first: a flag or a number often leaves nothing for the texts to ask. */
const COST: Readonly<Record<Field['type'], number>> = { flag: 0, money: 1, number: 1, rate: 1, day: 1, choice: 2, region: 2, list: 3, text: 4 };
function blockOf(kind: TableKind, rows: readonly ReadRow[]): Block {
  const used = kind.fields.filter((f) => rows.some((r) => r.conditions.has(f.key))).sort((a, b) => COST[a.type] - COST[b.type]);
  return {
    rows, full: rows.length === BLOCK ? -1 : (1 << rows.length) - 1, keys: used.map((f) => f.key),
    columns: used.map((f) => compileColumn(f.type, rows.map((r) => r.conditions.get(f.key) ?? { kind: 'any' }))),
  };
}

function fitting(block: Block, input: Input): number {
  const { keys, columns } = block;
  let alive = block.full;
  for (let i = 0; i < keys.length; i += 1) {
    alive &= columns[i]!(input[keys[i]!], alive);
    if (alive === 0) return 0;
  }
  return alive;
}
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);

function match(blocks: readonly Block[], input: Input): number {
  for (const block of blocks) {
    const bits = fitting(block, input);
    if (bits !== 0) return block.rows[lowest(bits)]!.place - 1;
  }
  return -1;
}

function decide(blocks: readonly Block[], firstOnly: boolean, input: Input): readonly Hit[] {
  const hits: Hit[] = [];
  for (const block of blocks) {
    for (let bits = fitting(block, input); bits !== 0; bits &= bits - 1) {
      const { row, place, conditions, outcome } = block.rows[lowest(bits)]!;
      const looked: Record<string, InputValue> = {};
      for (const key of conditions.keys()) looked[key] = input[key];
      hits.push({ row: row.id, place, outcome, looked });
      if (firstOnly) return hits;
    }
  }
  return hits;
}
