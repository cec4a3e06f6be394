import { TABLES } from '../contract/decision-tables/index.ts';
import { ruleNoun } from '../contract/sheets/rules.ts';
import type { Both } from '../contract/route.ts';
import { ok, refuse } from '../contract/values/result.ts';
import type { CellRefusal, CellValue, SheetCommands, SheetEdit } from '../sheets/commands.ts';
import { kindNow } from '../fields/index.ts';
import { nextId } from './domain/merge-rows.ts';
import { compileTable, type Row, type TableKind } from './domain/table.ts';
import type { KeptRow } from './store/tables.ts';
import { liveRows, publishVersion } from './workflows/tables.ts';

const SPARE = 3;
/** The rows of a sheet: the table's own, and a few empty ones at the end to write new rules into. */
export function sheetRows(rows: readonly KeptRow[]): KeptRow[] {
  const taken = new Set(rows.map((r) => r.id));
  const spare = Array.from({ length: SPARE }, (): KeptRow => { const id = nextId(taken); taken.add(id); return { id, enabled: true, cells: {}, since: 0 }; });
  return [...rows, ...spare];
}
const valuesOf = (kind: TableKind, row: KeptRow, place: number): Record<string, CellValue> => ({ ...Object.fromEntries([...kind.fields, ...kind.outcomes].map((c) => [c.key, row.cells[c.key] || null])), enabled: row.enabled, place });
const numbered = (rows: readonly KeptRow[]): { row: KeptRow; place: number }[] => rows.map((row, i) => ({ row, place: i + 1 }));

function edited(rows: readonly KeptRow[], edits: readonly SheetEdit[]): Row[] {
  const list = rows.map((row): Row => {
    const edit = edits.find((e) => e.id === row.id);
    if (!edit) return row;
    const { enabled, place: _place, ...cells } = edit.set;
    return { id: row.id, enabled: enabled === undefined ? row.enabled : enabled === true, cells: { ...row.cells, ...Object.fromEntries(Object.entries(cells).map(([k, v]) => [k, v === null ? '' : String(v)])) } };
  });
  for (const e of [...edits].sort((a, b) => Number(a.set['place'] ?? 0) - Number(b.set['place'] ?? 0))) {
    const [to, from] = [e.set['place'], list.findIndex((r) => r.id === e.id)];
    if (typeof to !== 'number' || from < 0) continue;
    const [row] = list.splice(from, 1);
    list.splice(Math.min(Math.max(0, to - 1), list.length), 0, row!);
  }
  return list;
}

/** A table published as a sheet: the edited rows make one new version, all or nothing. */
const ruleSheet = (table: string): SheetCommands => ({
  sheet: table, noun: ruleNoun(table),
  load: async (_rt, ids, session) => {
    const [live, kind] = [await liveRows(table, session), (await kindNow(table))!];
    return new Map(numbered(sheetRows(live.rows)).filter(({ row }) => ids.includes(row.id)).map(({ row, place }) => [row.id, { revision: row.since ?? 0, values: valuesOf(kind, row, place) }]));
  },
  apply: async (rt, edits, { session, user }) => {
    const kind = (await kindNow(table))!;
    const live = await liveRows(table, session);
    const rows = edited(sheetRows(live.rows), edits);
    const compiled = compileTable(kind, rows);
    const rowOf = (id: string | undefined): number => edits.find((e) => e.id === id)?.row ?? 1;
    if (!compiled.ok) return refuse(compiled.refusal.map((p): CellRefusal => ({ row: rowOf(p.id), column: p.column, code: p.code, message: { zh: p.zh, en: p.en } })));
    if (edits.length === 0) return ok({ effects: [] });
    const published = await publishVersion(rt, session, { table, rows, base: live.version, note: '', userId: user.userId });
    if (!published.ok) return refuse(published.refusal.errors.map((e): CellRefusal => ({ row: rowOf(e.id), column: e.column ?? 'id', code: e.code, message: e.message })));
    const effect: Both = { zh: `${kind.title.zh}发布为版本 ${published.value.version}，改了 ${edits.length} 条；从现在起的订单用它`, en: `${kind.title.en} published as version ${published.value.version}, ${edits.length} rules changed; orders from now on use it` };
    return ok({ effects: [effect] });
  },
});
export const ruleSheets: readonly SheetCommands[] = TABLES.map((t) => ruleSheet(t.name));
