/** The desk without a page: the host's block write and read, a live sheet's refresh and delta, publishing, functions. */
import { readFile } from 'node:fs/promises';
import ExcelJS from 'exceljs';
import type { Client } from '../../addin/client.ts';
import { FunctionCalls } from '../../addin/functions/batch.ts';
import { ExcelPort } from '../../addin/excel/excel-port.ts';
import { Desk } from '../../addin/sheets/desk.ts';
import { ordersSheet } from '../../api/contract/sheets/orders.ts';
import type { Headless } from '../../addin/workbench/headless.ts';
import { headless, headlessModule } from '../support/headless.ts';
import { deskInPage, functionsInPage } from './desk-page.ts';
import type { Bench, Measure } from './measure.ts';

const ROWS = Number(process.env['DESK_ROWS'] ?? 50_000);
const COLUMNS = 20;
const seconds = async (work: () => Promise<unknown> | unknown): Promise<number> => { const from = performance.now(); await work(); return (performance.now() - from) / 1000; };
type Row = Record<string, unknown> & { id: string; revision: number };
const row = (n: number, revision = 1): Row => ({ id: `ord_${n}`, revision, platformOrderId: `${100_000_000_000_000_000n + BigInt(n)}`, shopName: '旗舰店', reviewState: 'passed', paidAt: '2026-11-20T02:00:00.000Z', lineText: `龙井 250 克 ×${n % 5}`, pieces: n % 5, paidFen: 3_000 + n, freightFen: 0, discountFen: n % 7, buyerNick: '小*', receiver: { province: '浙江省', city: '杭州市', district: '西湖区' }, sellerMemo: '', warehouse: 'HZ', courier: 'ZTO', stage: 'reserved' });

function service(rows: Map<string, Row>, changed: () => readonly string[]): Client {
  return {
    waiting: () => 0,
    list: async (_noun: string, since: string | undefined, limit: number) => {
      const all = since?.startsWith('end') ? changed() : [...rows.keys()];
      const from = since && !since.startsWith('end') ? Number(since) : 0;
      const more = from + limit < all.length;
      return { rows: all.slice(from, from + limit).map((id) => rows.get(id)!), cursor: more ? String(from + limit) : 'end', more };
    },
    call: async (name: string, input: { body: { rows: { id: string; cells: Record<string, unknown> }[]; batchId: string } }) => (name === 'listOwnFields' ? { fields: [], columns: {} } : { dryRun: false, batchId: input.body.batchId, effects: [], rows: input.body.rows.map(({ id, cells }) => { rows.set(id, { ...rows.get(id)!, revision: rows.get(id)!.revision + 1, sellerMemo: cells['memo'] }); return { id, revision: rows.get(id)!.revision, changes: [] }; }) }),
  } as unknown as Client;
}
async function blocks(host: Headless, bytes: () => number): Promise<Measure[]> {
  const values = Array.from({ length: ROWS }, (_, r) => Array.from({ length: COLUMNS }, (_x, c) => (c % 3 === 0 ? `k${r}` : r * c)));
  const excel = host.Excel as unknown as typeof Excel;
  const step = Math.max(1, Math.floor(100_000 / COLUMNS));
  const write = await seconds(() => excel.run(async (context) => {
    const sheet = context.workbook.worksheets.getItem('Sheet1');
    for (let at = 0; at < ROWS; at += step) {
      sheet.getRangeByIndexes(at, 0, Math.min(step, ROWS - at), COLUMNS).values = values.slice(at, at + step);
      await context.sync();
    }
  }));
  const arrays = await seconds(() => values.map((l) => l.slice()));
  const workbook = new ExcelJS.Workbook();
  const book = await seconds(() => { const sheet = workbook.addWorksheet('x'); for (const l of values) sheet.addRow(l); });
  const [sent, plain, file] = [bytes(), Buffer.byteLength(JSON.stringify(values)), (await workbook.xlsx.writeBuffer()).byteLength];
  return [{ name: `payload of ${ROWS} x ${COLUMNS}`, unit: 'MB', ours: sent / 1e6, beside: plain / 1e6, besideName: 'arrays as JSON' }, { name: `payload of ${ROWS} x ${COLUMNS}`, unit: 'MB', ours: sent / 1e6, beside: file / 1e6, besideName: 'exceljs file' },
    { name: `write ${ROWS} x ${COLUMNS}`, unit: 's', ours: write, beside: book, besideName: 'exceljs rows' }, { name: `write ${ROWS} x ${COLUMNS}`, unit: 's', ours: write, beside: arrays, besideName: 'copy of arrays' }];
}
async function live(host: Headless): Promise<Measure[]> {
  Object.assign(globalThis, { Excel: host.Excel, Office: host.Office, CustomFunctions: host.CustomFunctions });
  const rows = new Map(Array.from({ length: ROWS }, (_, n) => [`ord_${n}`, row(n)]));
  let changed: string[] = [];
  const desk = new Desk(new ExcelPort('zh'), service(rows, () => changed));
  await desk.start();
  const first = await seconds(() => desk.refresh('orders'));
  changed = Array.from({ length: 100 }, (_, n) => `ord_${n * 37 % ROWS}`);
  for (const id of changed) rows.set(id, { ...rows.get(id)!, revision: 2, sellerMemo: '变了' });
  const delta = await seconds(() => desk.refresh('orders'));
  changed = [];
  const many = Math.min(5_000, ROWS);
  const sheetId = host.grid.sheets().find((s) => s.name === '订单')!.id;
  const memo = 1 + ordersSheet.columns.findIndex((c) => c.key === 'memo');
  const paste = await seconds(async () => { await host.grid.pasted(sheetId, 2, memo, Array.from({ length: many }, (_, n) => [`备注 ${n}`])); do await host.idle(); while (desk.state.busy !== ''); });
  if (desk.state.drafts.length !== many) throw new Error(`${desk.state.drafts.length} drafts of ${many}`);
  const publish = await seconds(async () => { const preview = await desk.preview('orders'); if (!preview || !(await desk.publish(preview))) throw new Error('not published'); });
  return [
    { name: `refresh ${ROWS} orders, whole`, unit: 's', ours: first, beside: 15, besideName: 'asked' }, { name: 'refresh, 100 changed', unit: 's', ours: delta, beside: 15, besideName: 'asked' },
    { name: `paste of ${many} into drafts`, unit: 's', ours: paste, beside: 15, besideName: 'asked' }, { name: `publish ${many}`, unit: 's', ours: publish, beside: 15, besideName: 'asked' },
  ];
}
/** Ten thousand formulas through the add-in's own batching; the service answers at once, and every request is counted. */
async function functions(count: number): Promise<Measure[]> {
  const host = await headless();
  try {
    Object.assign(globalThis, { Excel: host.Excel, Office: host.Office, CustomFunctions: host.CustomFunctions });
    let requests = 0;
    const sequence = { stock: '1', catalog: '1', orders: '1', books: '1', purchasing: '1', fields: '1', day: '2026-11-25' };
    const client = { call: async (name: string, input: { body: { calls: { args: string[] }[] } }) => { if (name === 'functionSequence') return { ...sequence }; requests += 1; return { results: input.body.calls.map((c) => ({ value: Number(sequence.stock) * 1_000_000 + Number(c.args[0]!.slice(4)) })), sequence: { ...sequence } }; } } as unknown as Client;
    const calls = new FunctionCalls(new ExcelPort('zh'), client);
    const excel = host.Excel as unknown as typeof Excel;
    const read = (): Promise<unknown[]> => excel.run(async (context) => { const r = context.workbook.worksheets.getItem('Sheet1').getRangeByIndexes(0, 0, count, 1); r.load('values'); await context.sync(); return r.values.flat(); });
    const shown = async (): Promise<void> => { for (let going = true; going;) { await host.idle(); const want = Number(sequence.stock) * 1_000_000; going = (await read()).some((v, i) => v !== want + i); if (going) await new Promise((r) => { setTimeout(r, 10); }); } };
    const took = await seconds(async () => {
      await excel.run(async (context) => {
        context.workbook.worksheets.getItem('Sheet1').getRangeByIndexes(0, 0, count, 1).formulas = Array.from({ length: count }, (_, i) => [`=SUANPAN.STOCK("SKU-${i}")`]);
        await context.sync();
      });
      await shown();
    });
    if (requests > 3) throw new Error(`${requests} requests`);
    // The ledger moves: the same cells again, what they show stays until then.
    sequence.stock = '2';
    const moved = await seconds(async () => { await calls.look(); await shown(); });
    await host.idle();
    if (requests > 6) throw new Error(`${requests} requests`);
    return [{ name: `functions: ${count} cells`, unit: 's', ours: took, beside: 3, besideName: 'asked' }, { name: `functions: ${count} cells, the ledger has moved`, unit: 's', ours: moved, beside: 3, besideName: 'asked' }, { name: `functions: requests of ${count} cells, twice`, unit: 'requests', ours: requests, beside: 6, besideName: 'asked' }];
  } finally {
    host.stop();
  }
}
/** `DESK_RECORDING=FILE`: a session of `npm run workbench -- --record`, against what it took when it was recorded. */
async function recorded(file: string | undefined): Promise<Measure[]> {
  if (file === undefined) return [];
  const { linesOf, replay } = await headlessModule();
  const done = await replay(linesOf(await readFile(file, 'utf8')));
  return [{ name: `recording of ${done.syncs} syncs (${done.differences.length} answers differ)`, unit: 's', ours: done.ms / 1000, beside: done.recordedMs / 1000, besideName: 'when recorded' }];
}
export const desk: Bench = {
  name: 'desk',
  run: async () => {
    let sent = 0;
    const [one, two] = [await headless({ record: (sync) => { sent += sync.bytes; } }), await headless()];
    try {
      return [...(await blocks(one, () => sent)), ...(await live(two)), ...(await functions(1_000)), ...(await functions(10_000)), ...(await deskInPage(Array.from({ length: ROWS }, (_, n) => row(n)))), ...(await functionsInPage(1_000)), ...(await functionsInPage(10_000)), ...(await recorded(process.env['DESK_RECORDING']))];
    } finally {
      one.stop();
      two.stop();
    }
  },
};
