/** A sheet of figures made with our own functions: it recalculates like any other sheet, and its user may change it. */
import { COURIER_CHANNELS, PAYMENT_CHANNELS } from '../../api/contract/system.ts';
import { yuanForCell, fenFromInteger } from '../../api/contract/values/money.ts';
import { wordsOf } from '../i18n/words.ts';
import type { Desk } from './desk.ts';

export async function openDashboard(desk: Desk): Promise<void> {
  const w = wordsOf(desk.lang);
  const title = w('dashboard.title');
  const zh = desk.lang === 'zh';
  const [finance, shops, packing] = await Promise.all([desk.client.call('financeSummary'), desk.client.list('shops', undefined).catch(() => undefined), desk.client.call('packSummary')]);
  const made = (await desk.port.ensureSheet(title)) || (await desk.port.read(title)) === undefined;
  // Who may not read the shops' settings sees those that have figures.
  const names = shops === undefined ? finance.shops.map((s) => s.shopName) : shops.rows.filter((s) => !PAYMENT_CHANNELS.has(String(s['channel'])) && !COURIER_CHANNELS.has(String(s['channel']))).map((s) => String(s['name']));
  const months = finance.months.slice(0, 4).reverse();
  const yuan = (fen: number): number => yuanForCell(fenFromInteger(fen));
  const head = [[zh ? '看板 · 数字由公式算出，可以随意改' : 'Dashboard · figures are formulas; change them freely']];
  const profit = [[zh ? '店铺利润（元）' : 'Profit by shop (yuan)', ...months], ...names.map((name, i) => [name, ...months.map((_m, m) => `=SUANPAN.PROFIT($B${i + 5},${String.fromCharCode(67 + m)}$4)`)])];
  const top = finance.skus.slice(0, 8);
  const from = 4 + profit.length + 1;
  const skus = [[zh ? '货品' : 'SKU', zh ? '名称' : 'Name', zh ? '可用库存' : 'Available', zh ? '30 天销量' : 'Sold, 30 d', zh ? '本月利润' : 'Profit, month'], ...top.map((s, i) => [s.skuCode, s.name, `=SUANPAN.STOCK(B${from + i + 1})`, `=SUANPAN.SALES(B${from + i + 1},"${day(-30)}","${day(-1)}")`, yuan(s.profitFen)])];
  const packed = [[w('dashboard.packing'), '%', ''], [w('pack.caughtShare'), packing.caughtShare * 0.01, w('pack.of', { n: packing.caught, of: packing.checked })], [w('pack.foundShare'), packing.foundShare * 0.01, w('pack.of', { n: packing.found, of: packing.shipped })]];
  const last = from + skus.length + 1;
  if (made) {
    await desk.port.widths(title, [3, 22, 26, 14, 14, 14].map((width, column) => ({ column, width })));
    await desk.port.formatRows(title, [{ column: 1, title: '', width: 22, format: '@' }], 0, 40);
    await desk.port.formatRows(title, [2, 3, 4, 5].map((column) => ({ column, title: '', width: 12, format: '#,##0.00', right: true })), 4, names.length);
    await desk.port.formatRows(title, [3, 4].map((column) => ({ column, title: '', width: 12, format: '#,##0', right: true })), from, top.length);
    await desk.port.formatRows(title, [{ column: 5, title: '', width: 12, format: '#,##0.00', right: true }], from, top.length);
  }
  await desk.port.formatRows(title, months.map((_m, i) => ({ column: 2 + i, title: '', width: 12, format: '@' })), 3, 1);
  await desk.port.write(title, [{ row: 1, column: 1, values: head }, { row: 3, column: 1, values: profit }, { row: from - 1, column: 1, values: skus }, { row: last - 1, column: 1, values: packed }]);
  await desk.port.paint(title, [...profit[0]!.map((_c, i) => ({ row: 3, column: 1 + i, look: 'heading' as const })), ...skus[0]!.map((_c, i) => ({ row: from - 1, column: 1 + i, look: 'heading' as const })), ...packed[0]!.map((_c, i) => ({ row: last - 1, column: 1 + i, look: 'heading' as const }))]);
  await desk.port.show(title);
}
const day = (offset: number): string => new Date(Date.now() + 28_800_000 + offset * 86_400_000).toISOString().slice(0, 10);
