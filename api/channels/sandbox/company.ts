/**
 * The sandbox company: 云栖茶事, tea and cups from Hangzhou. What a real company would bring as its own lists: SKUs,
 * suppliers, warehouses, opening stock. Amounts in fen, weights in grams. Names and figures are made up.
 */
export const WAREHOUSES = [
  { code: 'HZ', name: '杭州仓', priority: 1 }, { code: 'GZ', name: '广州仓', priority: 2 }, { code: 'CD', name: '成都仓', priority: 3 },
] as const;
export const SUPPLIERS = [
  { id: 'sup_meijiawu', name: '梅家坞茶叶合作社', leadTimeDays: 9 }, { id: 'sup_anxi', name: '安溪铁观音厂', leadTimeDays: 12 }, { id: 'sup_dehua', name: '德化白瓷坊', leadTimeDays: 15 }, { id: 'sup_yiwu', name: '义乌包材', leadTimeDays: 5 },
] as const;

/** Who stands as sender on the company's waybills. */
export const SENDER = { senderName: '云栖茶事', senderPhone: '13800138000', senderProvince: '浙江省', senderCity: '杭州市', senderDistrict: '西湖区', senderAddress: '梅灵南路 1 号 2 仓' } as const;

export type CompanySku = {
  readonly code: string; readonly name: string; readonly category: string; readonly costFen: number; readonly priceFen: number; readonly weightGrams: number; readonly supplierId: string; readonly packSize: number; readonly moq: number;
  readonly barcode: string; readonly flags: readonly string[]; readonly kit: readonly { readonly skuCode: string; readonly quantity: number }[];
  /** How often buyers take it, against the others. */
  readonly weight: number;
};
type Plain = readonly [code: string, name: string, costYuan: number, priceYuan: number, grams: number, weight: number];
const group = (category: string, supplierId: string, packSize: number, moq: number, rows: readonly Plain[]): CompanySku[] =>
  rows.map(([code, name, cost, price, weightGrams, weight], i) => ({ code, name, category, costFen: Math.round(cost * 100), priceFen: Math.round(price * 100), weightGrams, supplierId, packSize, moq, weight, barcode: `6901234${category.charCodeAt(0) % 10}${String(i).padStart(4, '0')}0`, flags: [], kit: [] }));

export const SKUS: readonly CompanySku[] = [
  ...group('绿茶', 'sup_meijiawu', 12, 48, [
    ['LJ-050', '西湖龙井 一级 50g', 32, 68, 90, 14], ['LJ-100', '西湖龙井 一级 100g', 58, 128, 150, 12], ['LJ-250', '西湖龙井 特级 250g 礼盒', 168, 368, 620, 5], ['LJ-MQ-050', '明前龙井 特级 50g', 88, 198, 95, 4],
    ['BLC-100', '碧螺春 一级 100g', 46, 98, 150, 6], ['AJ-100', '安吉白茶 一级 100g', 52, 108, 150, 7], ['MF-100', '黄山毛峰 100g', 30, 66, 150, 5], ['XY-250', '信阳毛尖 250g', 62, 128, 320, 3],
  ]),
  ...group('乌龙', 'sup_anxi', 10, 40, [
    ['TGY-125', '铁观音 清香 125g', 28, 68, 180, 9], ['TGY-250', '铁观音 浓香 250g', 49, 118, 320, 6], ['DHP-100', '大红袍 100g', 55, 138, 160, 5], ['RG-100', '武夷肉桂 100g', 62, 158, 160, 3], ['SX-100', '武夷水仙 100g', 40, 98, 160, 3], ['FHDC-100', '凤凰单丛 鸭屎香 100g', 48, 128, 160, 6],
  ]),
  ...group('红茶', 'sup_anxi', 10, 40, [
    ['ZSXZ-100', '正山小种 100g', 35, 88, 150, 8], ['JJM-100', '金骏眉 100g', 66, 168, 150, 5], ['QM-250', '祁门红茶 250g', 58, 138, 320, 3], ['DH-200', '滇红 古树 200g', 44, 108, 260, 4],
  ]),
  ...group('普洱', 'sup_anxi', 7, 28, [
    ['PE-S-357', '普洱生茶 饼 357g', 58, 168, 420, 3], ['PE-R-357', '普洱熟茶 饼 357g', 46, 138, 420, 5], ['PE-XQ-250', '小青柑 250g 罐', 38, 98, 400, 7],
  ]),
  ...group('花草', 'sup_meijiawu', 20, 60, [
    ['MLH-100', '茉莉花茶 100g', 18, 46, 150, 9], ['JH-050', '胎菊 50g', 12, 32, 90, 8], ['MG-050', '平阴玫瑰 50g', 15, 39, 90, 6], ['CP-080', '新会陈皮 80g', 42, 99, 140, 4], ['GZ-100', '桂圆枸杞茶 100g 10 包', 13, 36, 160, 7],
  ]),
  ...group('茶具', 'sup_dehua', 6, 24, [
    ['GB-01', '盖碗 德化白瓷 150ml', 22, 59, 380, 5], ['GB-02', '盖碗 青花 150ml', 26, 69, 380, 3], ['CB-01', '品茗杯 白瓷 2 只', 14, 39, 260, 6], ['CB-02', '主人杯 汝窑 1 只', 35, 98, 300, 3], ['GDB-01', '公道杯 玻璃 300ml', 16, 45, 350, 4],
    ['CH-01', '紫砂壶 石瓢 200ml', 118, 328, 560, 1], ['CP-01', '茶盘 竹制 40cm', 46, 128, 1800, 2], ['CZ-06', '茶具六件套 白瓷', 68, 188, 2100, 3], ['BWB-500', '保温泡茶杯 500ml', 38, 99, 480, 6],
  ]),
  ...group('包材', 'sup_yiwu', 50, 200, [['DZ-01', '礼品手提袋', 1.6, 6, 60, 4], ['CG-01', '马口铁茶叶罐', 5.5, 18, 180, 3]]),
  { code: 'KIT-XR', name: '下午茶组合：正山小种 + 品茗杯', category: '组合', costFen: 0, priceFen: 11_900, weightGrams: 0, supplierId: '', packSize: 1, moq: 1, barcode: '', flags: [], weight: 4, kit: [{ skuCode: 'ZSXZ-100', quantity: 1 }, { skuCode: 'CB-01', quantity: 1 }] },
  { code: 'KIT-LW', name: '节日礼盒：龙井 100g ×2 + 手提袋', category: '组合', costFen: 0, priceFen: 24_800, weightGrams: 0, supplierId: '', packSize: 1, moq: 1, barcode: '', flags: [], weight: 3, kit: [{ skuCode: 'LJ-100', quantity: 2 }, { skuCode: 'DZ-01', quantity: 1 }] },
  { code: 'KIT-HC', name: '花茶三味：茉莉 + 胎菊 + 玫瑰', category: '组合', costFen: 0, priceFen: 10_800, weightGrams: 0, supplierId: '', packSize: 1, moq: 1, barcode: '', flags: [], weight: 4, kit: [{ skuCode: 'MLH-100', quantity: 1 }, { skuCode: 'JH-050', quantity: 1 }, { skuCode: 'MG-050', quantity: 1 }] },
];

/** Opening stock in pieces: what sells more lies deeper; a few are low or out on purpose, so that buying has something to say. */
const LOW: Readonly<Record<string, number>> = { 'JJM-100': 6, 'CB-02': 0, 'XY-250': 3, 'PE-XQ-250': 20, 'CH-01': 2, 'FHDC-100': 14 };
const SHARE: readonly (readonly [string, number])[] = [['HZ', 26], ['GZ', 12], ['CD', 9]];
export const OPENING = SKUS.filter((s) => s.kit.length === 0).flatMap((s) => SHARE.map(([warehouseCode, each]) => {
  const low = LOW[s.code];
  const quantity = low === undefined ? s.weight * each : warehouseCode === 'HZ' ? low : 0;
  return { warehouseCode, skuCode: s.code, quantity, unitCostFen: s.costFen, safetyStock: warehouseCode === 'HZ' ? s.weight * 5 : s.weight * 2 };
})).filter((l) => l.quantity > 0 || l.warehouseCode === 'HZ');
