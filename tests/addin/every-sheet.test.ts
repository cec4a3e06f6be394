import assert from 'node:assert/strict';
import ExcelJS from 'exceljs';
import type { Client } from '../../addin/client.ts';
import { ExcelPort } from '../../addin/excel/excel-port.ts';
import { cellOf, type Row } from '../../addin/sheets/cells.ts';
import { Desk } from '../../addin/sheets/desk.ts';
import { fromXlsx, toXlsx } from '../../addin/workbench/xlsx.ts';
import type { Headless } from '../../addin/workbench/headless.ts';
import { SHEETS } from '../../api/contract/sheets/index.ts';
import type { Column } from '../../api/contract/sheets/sheet.ts';
import { headless } from '../support/headless.ts';

/** What buyers and platforms write: none of it may become a formula, a number, or something else that it is not. */
const NASTY = ['=HYPERLINK("http://x","点我")', '+86 138', '-1+1', '@SUM(A1)', '\t=1+1', '\r=2+2', '123456789012345678', '00042', '1E5', 'TRUE', '2026-11-25', "'=1", '***', '138****0000'];

function valueOf(column: Column, n: number): unknown {
  switch (column.kind) {
    case 'money': case 'quantity': case 'rate': return 100 * n + 1;
    case 'number': return n + 0.5;
    case 'day': return '2026-11-25';
    case 'instant': return '2026-11-25T01:02:03.000Z';
    case 'tick': return n % 2 === 0;
    case 'why': return { zh: NASTY[n % NASTY.length]!, en: NASTY[n % NASTY.length]! };
    case 'choice': case 'status': return column.choices?.[n % column.choices.length]?.value ?? '';
    default: return NASTY[n % NASTY.length]!;
  }
}
function rowOf(columns: readonly Column[], n: number): Row {
  const row: Record<string, unknown> = { id: `r${n}`, revision: 1 };
  columns.forEach((c, i) => {
    const path = c.field.split('.');
    const at = path.slice(0, -1).reduce<Record<string, unknown>>((o, key) => (o[key] ??= {}) as Record<string, unknown>, row);
    // Every column holds every text in some row.
    if (c.field !== 'id' && c.field !== 'revision') at[path.at(-1)!] = valueOf(c, n + i);
  });
  return row as Row;
}
const rowsOf = (noun: string): Row[] => { const { columns } = SHEETS.find((s) => s.noun === noun)!; return NASTY.map((_, n) => rowOf(columns, n)); };
const client = { waiting: () => 0, list: (noun: string, since?: string) => Promise.resolve({ rows: since === undefined ? rowsOf(noun) : [], cursor: '1', more: false }), call: () => Promise.resolve({ fields: [], columns: {} }) } as unknown as Client;
const name = (host: Headless): void => void Object.assign(globalThis, { Excel: host.Excel, Office: host.Office, CustomFunctions: host.CustomFunctions });

describe('every sheet', function () {
  this.timeout(180_000);
  let first: Headless;
  let second: Headless;
  before(async () => { [first, second] = [await headless(), await headless()]; });
  after(() => {
    first?.stop();
    second?.stop();
    for (const key of ['Excel', 'Office', 'CustomFunctions']) delete (globalThis as Record<string, unknown>)[key];
  });
  const check = (host: Headless, when: string): Promise<void> => (host.Excel as unknown as typeof Excel).run(async (context) => {
    const seen = SHEETS.map((sheet) => { const used = context.workbook.worksheets.getItem(sheet.title.zh).getUsedRange(true); used.load('values,formulas'); return { sheet, used }; });
    await context.sync();
    for (const { sheet, used } of seen) {
      const header = used.values.findIndex((l) => l.includes('id') && l.includes(sheet.columns[0]!.title.zh));
      const rows = new Map(rowsOf(sheet.noun).map((r) => [r.id, r]));
      const lines = used.values.slice(header + 1);
      assert.equal(lines.length, rows.size, `${sheet.name} ${when}`);
      lines.forEach((line, i) => sheet.columns.forEach((c, at) => {
        const [row, where] = [rows.get(String(line[0]))!, `${sheet.name}.${c.key} ${String(line[0])} ${when}`];
        assert.equal(typeof line[at + 1] === 'number' ? line[at + 1].toFixed(6) : line[at + 1], (() => { const is = cellOf(c, row, 'zh'); return typeof is === 'number' ? is.toFixed(6) : is; })(), where);
        assert.equal(used.formulas[header + 1 + i]![at + 1], used.values[header + 1 + i]![at + 1], `no formula: ${where}`);
      }));
    }
  });

  it('has a name and titles of its own', () => {
    for (const of of [SHEETS.map((s) => s.name), SHEETS.map((s) => s.title.zh), SHEETS.map((s) => s.title.en)]) assert.deepEqual(of.filter((one, i) => of.indexOf(one) !== i), []);
  });
  it('shows texts from outside as they are, also after the file was saved and opened; a refresh then changes nothing', async () => {
    name(first);
    const desk = new Desk(new ExcelPort('zh'), client);
    for (const sheet of SHEETS) await desk.refresh(sheet.name);
    await first.idle();
    await check(first, 'made');
    const bytes = await toXlsx(first.grid);
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(bytes);
    for (const sheet of SHEETS) book.getWorksheet(sheet.title.zh)!.eachRow((row) => row.eachCell((cell) => assert.equal(cell.formula, undefined, `${sheet.name} ${cell.address}`)));
    await fromXlsx(bytes, second.grid);
    name(second);
    await check(second, 'opened');
    const again = new Desk(new ExcelPort('zh'), client);
    await again.start();
    const written: string[] = [];
    const { write } = second.grid;
    second.grid.write = (...args) => { for (const line of args[1].values()) for (const cell of line.values()) if (cell.value !== undefined || cell.formula !== undefined) written.push(String(cell.value ?? cell.formula)); write.call(second.grid, ...args); };
    for (const sheet of SHEETS) await again.refresh(sheet.name);
    second.grid.write = write;
    assert.deepEqual(written.filter((w) => !/ · \d+ 行 · /.test(w)), [], 'only the line above each table');
    assert.deepEqual(again.state.drafts, []);
    await check(second, 'refreshed');
  });
});
