import assert from 'node:assert/strict';
import { readOfficeCode, type RuleName } from './office-rules.ts';
import { sources } from './source.ts';

/** Code that names Excel's objects; the workbench is the other side of them. */
const ours = sources.map((f) => f.path).filter((p) => p.startsWith('addin/') && !p.startsWith('addin/workbench/') && /\bExcel\./.test(sources.find((f) => f.path === p)!.text));
const wrap = (body: string): string => `export const planted = (): Promise<unknown> => Excel.run(async (context) => {\n  const sheet = context.workbook.worksheets.getActiveWorksheet();\n  const range = sheet.getRange('A1');\n${body}\n});\n`;
const PLANTED: readonly (readonly [name: string, rule: RuleName | undefined, body: string])[] = [
  ['a sync in a loop', 'no-context-sync-in-loop', 'for (const v of [1, 2]) { range.values = [[v]]; await context.sync(); }'],
  ['a sync in a list’s callback', 'no-context-sync-in-loop', 'await Promise.all([1, 2].map(async (v) => { range.values = [[v]]; await context.sync(); }));'],
  ['a function that syncs, called in a loop', 'no-context-sync-in-loop', 'const send = async () => { await context.sync(); };\nlet n = 3; while (n > 0) { n -= 1; await send(); }'],
  ['a loop that says why', undefined, '// one sync a piece: a request holds 5 MB\nfor (const v of [1, 2]) { range.values = [[v]];\n// one sync a piece: a request holds 5 MB\nawait context.sync(); }'],
  ['a property that was never loaded', 'load-object-before-read', 'await context.sync();\nreturn range.values;'],
  ['another property than the one that was loaded', 'load-object-before-read', "range.load('values');\nawait context.sync();\nreturn range.address;"],
  ['a property of what was just made', 'load-object-before-read', "range.load('values');\nawait context.sync();\nconst other = sheet.getRange('B1');\nreturn other.values;"],
  ['a read between load and sync', 'call-sync-before-read', "range.load('values');\nconst early = range.values;\nawait context.sync();\nreturn early;"],
  ['whether there is one, before it is known', 'call-sync-before-read', "const table = context.workbook.tables.getItemOrNullObject('T');\nreturn table.isNullObject;"],
  ['a result before the sync', 'call-sync-before-read', 'await context.sync();\nconst count = context.workbook.tables.getCount();\nreturn count.value;'],
  ['load, sync, read, through a list and an object', undefined, "const { worksheets } = context.workbook;\nworksheets.load('items/name,items/id');\nawait context.sync();\nconst parts = worksheets.items.map((s) => ({ s, used: s.getUsedRangeOrNullObject() }));\nfor (const { used } of parts) used.load({ address: true });\nawait context.sync();\nreturn parts.map(({ s, used }) => (used.isNullObject ? s.name : used.address));"],
];

describe('house: code over Office.js', function () {
  this.timeout(120_000);
  it('syncs once for many, and reads what was loaded, after it came', () => {
    assert.ok(ours.length > 0);
    const planted = Object.fromEntries(PLANTED.map(([, , body], i) => [`addin/excel/planted-${i}.ts`, wrap(body)]));
    const found = readOfficeCode(ours, planted);
    assert.deepEqual(found.filter((f) => !f.at.includes('planted')), []);
    // The measure itself: each of these examples is seen for what it is.
    assert.deepEqual(PLANTED.map(([name], i) => [name, ...new Set(found.filter((f) => f.at.startsWith(`addin/excel/planted-${i}.ts:`)).map((f) => f.rule))]), PLANTED.map(([name, rule]) => (rule ? [name, rule] : [name])));
  });
});
