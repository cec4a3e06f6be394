import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ANY, parseCondition, type CellTest, type FieldType, type InputValue } from './cells.ts';

/** A field that rules may look at. */
export type Field = { readonly key: string; readonly type: FieldType } & Both;
export type Outcome = { readonly key: string; readonly type: 'choice' | 'text' | 'money' | 'number'; readonly choices?: readonly ({ readonly value: string } & Both)[] } & Both;
/** What kind of table: its words, and whether the first matching row wins or all of them count. */
export type TableKind = {
  readonly name: string; readonly title: Both; readonly fields: readonly Field[]; readonly outcomes: readonly Outcome[]; readonly hit: 'first' | 'all';
};
export type Row = { readonly id: string; readonly enabled: boolean; readonly cells: Readonly<Record<string, string>> };
export type Input = Readonly<Record<string, InputValue>>;
export type Hit = { readonly row: string; readonly place: number; readonly outcome: Readonly<Record<string, string>>; readonly looked: Readonly<Record<string, InputValue>> };
export type RowProblem = { readonly row: number; readonly id: string; readonly column: string; readonly code: string; readonly read: string } & Both;
export type Compiled = { readonly kind: TableKind; readonly decide: (input: Input) => readonly Hit[] };

type CompiledRow = { readonly row: Row; readonly place: number; readonly tests: readonly { readonly field: string; readonly test: CellTest }[]; readonly outcome: Readonly<Record<string, string>> };

/** Compiles rows to tests, or names every cell that cannot be read. Rows that are switched off are checked too. */
export function compileTable(kind: TableKind, rows: readonly Row[]): Result<Compiled, readonly RowProblem[]> {
  const problems: RowProblem[] = [];
  const compiled: CompiledRow[] = [];
  rows.forEach((row, index) => {
    const tests = kind.fields.flatMap((field) => {
      const parsed = parseCondition(field.type, row.cells[field.key] ?? '');
      if (parsed.ok) return parsed.value === ANY ? [] : [{ field: field.key, test: parsed.value }];
      problems.push({ row: index + 1, id: row.id, column: field.key, ...parsed.refusal });
      return [];
    });
    problems.push(...outcomeProblems(kind, row, index + 1));
    if (row.enabled) compiled.push({ row, place: index + 1, tests, outcome: Object.fromEntries(kind.outcomes.map((o) => [o.key, row.cells[o.key] ?? ''])) });
  });
  return problems.length > 0 ? refuse(problems) : ok({ kind, decide: (input) => decide(kind, compiled, input) });
}

function outcomeProblems(kind: TableKind, row: Row, place: number): RowProblem[] {
  return kind.outcomes.flatMap((o) => {
    const value = row.cells[o.key] ?? '';
    if (o.type !== 'choice' || value === '' || o.choices?.some((c) => c.value === value)) return [];
    const list = o.choices ?? [];
    return [{ row: place, id: row.id, column: o.key, code: 'not_a_choice', read: value, zh: `“${value}”不在可选项里：${list.map((c) => c.zh).join('、')}。`, en: `“${value}” is not one of: ${list.map((c) => c.en).join(', ')}.` }];
  });
}

function decide(kind: TableKind, rows: readonly CompiledRow[], input: Input): readonly Hit[] {
  const hits: Hit[] = [];
  for (const { row, place, tests, outcome } of rows) {
    if (!tests.every(({ field, test }) => field in input && test(input[field]!))) continue;
    hits.push({ row: row.id, place, outcome, looked: Object.fromEntries(tests.map((t) => [t.field, input[t.field]!])) });
    if (kind.hit === 'first') break;
  }
  return hits;
}
