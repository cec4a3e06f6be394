import type { Both } from '../contract/route.ts';
import { ok, refuse } from '../contract/values/result.ts';
import type { CellRefusal, CellValue, SheetCommands } from '../sheets/commands.ts';
import { audit } from '../store/audit.ts';
import { labelPaper } from '../contract/print-templates.ts';
import { defaultOf, Templates, type TemplateDoc } from './templates.ts';

const VALUES = ['position', 'shown', 'zh', 'en', 'size', 'rule'] as const;
const LANGUAGES = ['zh', 'en', 'both'];
/** Sizes that still can be read, and fit; a field of size 0 has none. */
const LEAST = 5;
const MOST: Readonly<Record<string, number>> = { logo: 60, qr: 80, barcode: 60 };

export const printTemplatesSheetCommands: SheetCommands = {
  sheet: 'print-templates', noun: 'print-templates',
  load: async (_rt, ids, session) => new Map((await Templates.find({ _id: { $in: ids } }).session(session).lean<TemplateDoc[]>()).map((t) => [t._id, { revision: t.revision, values: { position: t.position, shown: t.shown, zh: t.zh || null, en: t.en || null, size: t.size, rule: t.rule } as Record<string, CellValue> }])),
  apply: async (rt, edits, { session, user, now, batchId }) => {
    const refusals = edits.flatMap((e) => refusalsOf(e.row, e.id, e.set));
    if (refusals.length > 0) return refuse(refusals);
    for (const e of edits) {
      const set = Object.fromEntries(VALUES.filter((k) => e.set[k] !== undefined).map((k) => [k, k === 'zh' || k === 'en' ? String(e.set[k] ?? '') : k === 'shown' || k === 'rule' ? e.set[k] === true : Number(e.set[k] ?? 0)]));
      await Templates.updateOne({ _id: e.id, revision: e.revision }, { $set: { ...set, changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId: user.userId, command: 'set-template', noun: 'print-templates', id: e.id, before: null, after: e.set, batchId, at: now }]);
    }
    return ok({ effects: edits.length > 0 ? [{ zh: `改了 ${edits.length} 个字段的样式，下一次打印就用`, en: `${edits.length} fields changed; the next print uses them` }] : [] });
  },
};

function refusalsOf(row: number, id: string, set: Readonly<Record<string, CellValue>>): CellRefusal[] {
  const f = defaultOf(id);
  if (!f) return [];
  const no = (column: string, code: string, message: Both): CellRefusal => ({ row, column, code, message });
  const size = set['size'];
  const [least, most] = [f.size === 0 ? 0 : LEAST, f.size === 0 ? 0 : MOST[f.key] ?? 30];
  return [
    ...(set['shown'] === false && f.must ? [no('shown', 'must_stand', { zh: `“${f.title.zh}”不能不印。`, en: `“${f.title.en}” cannot be left out.` })] : []),
    ...(size !== undefined && (Number(size ?? 0) < least || Number(size ?? 0) > most) ? [no('size', 'bad_size', { zh: `“${f.title.zh}”的大小在 ${least} 到 ${most} 之间。`, en: `The size of “${f.title.en}” is between ${least} and ${most}.` })] : []),
    ...(f.key === 'language' && set['zh'] !== undefined && !LANGUAGES.includes(String(set['zh'])) ? [no('zh', 'bad_language', { zh: '写 zh、en 或 both。', en: 'Write zh, en or both.' })] : []),
    ...(f.key === 'paper' && set['zh'] !== undefined && !labelPaper(String(set['zh'])) ? [no('zh', 'bad_paper', { zh: '写宽×高，毫米，各在 20 到 120 之间，如 50×30。', en: 'Write width×height in mm, each between 20 and 120, such as 50×30.' })] : []),
  ];
}
