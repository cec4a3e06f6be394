import { ok, refuse } from '../contract/values/result.ts';
import type { CellRefusal, CellValue, SheetCommands } from '../sheets/commands.ts';
import { audit } from '../store/audit.ts';
import { CLASSES } from './domain/reconcile.ts';
import { Statements, type StatementDoc } from './store/models.ts';
import { book } from './workflows/book.ts';
import { statementEntry } from './workflows/reconcile-bills.ts';

/** A person says what an open line is; it is booked in the same transaction. */
export const statementsSheetCommands: SheetCommands = {
  sheet: 'statements', noun: 'statements',
  load: async (_rt, ids, session) => {
    const docs = await Statements.find({ _id: { $in: ids } }).session(session).lean<StatementDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { class: d.class || null, note: d.note || null } as Record<string, CellValue> }]));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    const refusals: CellRefusal[] = [];
    const counts = { classified: 0 };
    for (const edit of edits) {
      const before = await Statements.findById(edit.id).session(session).lean<StatementDoc>();
      if (!before) continue;
      const cls = edit.set['class'];
      const no = (code: string, zh: string, en: string): void => void refusals.push({ row: edit.row, column: 'class', code, message: { zh, en } });
      if (cls !== undefined && before.state !== 'open') no('booked', '这一行已入账，不能改归类。', 'This line is booked: its class cannot be changed.');
      else if (cls !== undefined && !(String(cls) in CLASSES)) no('not_by_hand', '收款、退款、佣金由系统对上。可以选手续费、提现、转账、其他收支、接入前的订单。', 'Sales, refunds and commissions are matched by the system. Choose fee, withdrawal, transfer, other, or order of before.');
      else {
        const set = { ...(edit.set['note'] === undefined ? {} : { note: String(edit.set['note'] ?? '') }), ...(cls === undefined ? {} : { class: String(cls), state: 'classified' as const, judged: true, booked: true, reason: { zh: '', en: '' } }) };
        await Statements.updateOne({ _id: edit.id, revision: edit.revision }, { $set: { ...set, changedAt: now }, $inc: { revision: 1 } }, { session });
        if (cls !== undefined) {
          await book(rt, session, [statementEntry(before, String(cls), undefined)]);
          counts.classified += 1;
        }
        await audit(rt, session, [{ userId: user.userId, command: 'classify', noun: 'statements', id: edit.id, before: before.class, after: edit.set, batchId, at: now }]);
      }
    }
    if (refusals.length > 0) return refuse(refusals);
    return ok({ effects: counts.classified > 0 ? [{ zh: `归类 ${counts.classified} 行并入账`, en: `${counts.classified} lines classified and booked` }] : [] });
  },
};
