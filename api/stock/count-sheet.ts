import { ok, refuse } from '../contract/values/result.ts';
import type { CellValue, SheetCommands } from '../sheets/commands.ts';
import { audit } from '../store/audit.ts';
import { CountLines, type CountLineDoc } from './store/work-models.ts';
import { enterCounts } from './workflows/stocktakes.ts';

/** The stocktake sheet: counted pieces per line, as they come back from paper or phone. */
export const stocktakeSheetCommands: SheetCommands = {
  sheet: 'stocktake', noun: 'count-lines',
  load: async (_rt, ids, session) => {
    const docs = await CountLines.find({ _id: { $in: ids } }).session(session).lean<CountLineDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { counted: d.state === 'recount' ? null : (d.recounted ?? d.counted) } as Record<string, CellValue> }]));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    const lines = edits.flatMap((e) => (typeof e.set['counted'] === 'number' ? [{ id: e.id, counted: e.set['counted'], row: e.row }] : []));
    const done = await enterCounts(rt, session, lines);
    if (!done.ok) return refuse(done.refusal.map((r) => ({ row: r.row, column: 'counted', code: r.code, message: r.message })));
    await audit(rt, session, lines.map((l) => ({ userId: user.userId, command: 'enter-count', noun: 'count-lines', id: l.id, before: null, after: l.counted, batchId, at: now })));
    return ok({ effects: [...(lines.length > 0 ? [{ zh: `录入 ${lines.length} 行盘点数`, en: `${lines.length} lines counted` }] : []), ...(done.value.recount > 0 ? [{ zh: `${done.value.recount} 行差异大，要再盘一次`, en: `${done.value.recount} are far off and want a second count` }] : [])] });
  },
};
