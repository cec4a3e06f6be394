import type { Both } from '../contract/route.ts';
import { ok, refuse } from '../contract/values/result.ts';
import type { CellValue, SheetCommands } from '../sheets/commands.ts';
import { kindOf } from './domain/kinds.ts';
import { compileTable, type Row } from './domain/table.ts';
import { liveRows, publishVersion } from './workflows/tables.ts';

const TABLE = 'order-review';
const valuesOf = (row: Row): Record<string, CellValue> => ({ ...Object.fromEntries(Object.entries(row.cells).map(([k, v]) => [k, v === '' ? null : v])), enabled: row.enabled });

/** The review table published as a sheet: edited rows make one new version, all or nothing. */
export const reviewSheet: SheetCommands = {
  sheet: TABLE, noun: 'review-rules',
  load: async (_rt, ids, session) => {
    const live = await liveRows(TABLE, session);
    return new Map(live.rows.filter((r) => ids.includes(r.id)).map((r) => [r.id, { revision: live.version, values: valuesOf(r) }]));
  },
  apply: async (rt, edits, { session, user }) => {
    const live = await liveRows(TABLE, session);
    const rows = live.rows.map((row): Row => {
      const edit = edits.find((e) => e.id === row.id);
      if (!edit) return row;
      const { enabled, ...cells } = edit.set;
      return { id: row.id, enabled: enabled === undefined ? row.enabled : enabled === true, cells: { ...row.cells, ...Object.fromEntries(Object.entries(cells).map(([k, v]) => [k, v === null ? '' : String(v)])) } };
    });
    const compiled = compileTable(kindOf(TABLE)!, rows);
    if (!compiled.ok) return refuse(compiled.refusal.map((p) => ({ row: edits.find((e) => e.id === p.id)?.row ?? 0, column: p.column, code: p.code, message: { zh: p.zh, en: p.en } })));
    if (edits.length === 0) return ok({ effects: [] });
    const published = await publishVersion(rt, session, { table: TABLE, rows, base: live.version, note: '', userId: user.userId });
    if (!published.ok) return refuse([{ row: edits[0]!.row, column: 'id', code: published.refusal.code, message: published.refusal.errors[0]?.message ?? { zh: '', en: '' } }]);
    const effect: Both = { zh: `审单规则发布为版本 ${published.value}，改了 ${edits.length} 条`, en: `order review published as version ${published.value}, ${edits.length} rules changed` };
    return ok({ effects: [effect] });
  },
};
