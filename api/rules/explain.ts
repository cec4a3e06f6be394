/** A rule's row as a leaf of an explanation: what it says, and in which version by whom it was written. */
import { TABLES } from '../contract/decision-tables/index.ts';
import { ruleNoun } from '../contract/sheets/rules.ts';
import type { Explains, FigureRow } from '../contract/why.ts';
import { kindNow } from '../fields/index.ts';
import { sheetRows } from './sheet.ts';
import { liveRows, versionsOf } from './workflows/tables.ts';

async function rows(table: string, ids: readonly string[]): Promise<FigureRow[]> {
  const live = await liveRows(table);
  return sheetRows(live.rows).map((row, i) => ({ id: row.id, place: i + 1, enabled: row.enabled, cells: row.cells, revision: row.since ?? 0 })).filter((r) => ids.includes(r.id));
}
async function says(table: string, row: FigureRow) {
  const kind = (await kindNow(table))!;
  const cells = row['cells'] as Readonly<Record<string, string>>;
  const written = (await versionsOf(table)).find((v) => v.version === row['revision']);
  return {
    sentence: { zh: `“${kind.title.zh}”第 ${String(row['place'])} 行 ${row.id}${written ? `，版本 ${written.version} 由 ${written.by} 写下${written.note ? `：${written.note}` : ''}` : '，随产品而来'}。`, en: `Row ${String(row['place'])} ${row.id} of ${kind.title.en}${written ? `, written in version ${written.version} by ${written.by}${written.note ? `: ${written.note}` : ''}` : ', as it came with the product'}.` },
    how: 'leaf' as const, parts: [], source: [...kind.fields, ...kind.outcomes].flatMap((c) => (cells[c.key] ? [{ label: { zh: c.zh, en: c.en }, value: cells[c.key]! }] : [])),
  };
}
export const rulesWhy: Explains = Object.fromEntries(TABLES.map((t) => [ruleNoun(t.name), { rows: (ids: readonly string[]) => rows(t.name, ids), fields: { '*': (row: FigureRow) => says(t.name, row) } }]));
