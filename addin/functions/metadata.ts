/** What Excel must know of our functions: made into functions.json by the build, and read by the workbench. */
export const NAMESPACE = 'SUANPAN';
type Parameter = { readonly name: string; readonly description: string; readonly type: 'string' | 'number' | 'boolean' | 'any'; readonly optional?: true; /** A whole range comes, not one cell. */ readonly matrix?: true };
export type FunctionMeta = { readonly id: string; readonly name: string; readonly description: string; readonly parameters: readonly Parameter[]; readonly result: { readonly type: 'number' | 'string' | 'any'; readonly dimensionality?: 'matrix' }; readonly options?: { readonly stream?: true; readonly cancelable?: true; readonly volatile?: true; readonly requiresAddress?: true } };

export const FUNCTIONS: readonly FunctionMeta[] = [
  { id: 'STOCK', name: 'STOCK', description: '可用库存（件） · pieces that can be promised', parameters: [{ name: 'sku', description: '货品编码 · SKU', type: 'any' }, { name: 'warehouse', description: '仓库编码，空为全部 · warehouse, empty for all', type: 'any', optional: true }, { name: 'asOf', description: '截至哪天的在库，空为现在可用 · what lay there at the end of that day', type: 'any', optional: true }, { name: 'asKnownAt', description: '按哪天所知 · as it was known at the end of that day', type: 'any', optional: true }], result: { type: 'number' } },
  {
    id: 'SALES', name: 'SALES', description: '销量（件） · pieces sold', result: { type: 'number' },
    parameters: [{ name: 'sku', description: '货品编码 · SKU', type: 'any' }, { name: 'from', description: '从哪天 · first day', type: 'any' }, { name: 'to', description: '到哪天 · last day', type: 'any' }, { name: 'shop', description: '店铺，空为全部 · shop, empty for all', type: 'any', optional: true }],
  },
  { id: 'PROFIT', name: 'PROFIT', description: '利润（元） · profit in yuan', parameters: [{ name: 'shop', description: '店铺，空为全部 · shop, empty for all', type: 'any' }, { name: 'month', description: '月份，如 2026-11 · month', type: 'any' }], result: { type: 'number' } },
  { id: 'ORDERS', name: 'ORDERS', description: '处于某个审单状态的订单数 · orders in a state of review', parameters: [{ name: 'state', description: '待审、已通过、挂起、已取消，空为全部 · state, empty for all', type: 'any', optional: true }, { name: 'shop', description: '店铺，空为全部 · shop, empty for all', type: 'any', optional: true }], result: { type: 'number' } },
  { id: 'COST', name: 'COST', description: '货品成本（元） · cost of a SKU in yuan', parameters: [{ name: 'sku', description: '货品编码 · SKU', type: 'any' }], result: { type: 'number' } },
  { id: 'ASOF', name: 'ASOF', description: '某天结束时的在库（件） · pieces on hand at the end of a day', parameters: [{ name: 'sku', description: '货品编码 · SKU', type: 'any' }, { name: 'day', description: '哪天 · day', type: 'any' }, { name: 'warehouse', description: '仓库编码，空为全部 · warehouse, empty for all', type: 'any', optional: true }], result: { type: 'number' } },
  { id: 'SELLTHROUGH', name: 'SELLTHROUGH', description: '动销率 · sell-through', parameters: [{ name: 'sku', description: '货品编码 · SKU', type: 'any' }, { name: 'days', description: '近几天，默认 30 · last days, 30 by default', type: 'any', optional: true }], result: { type: 'number' } },
  { id: 'TURNOVERDAYS', name: 'TURNOVERDAYS', description: '周转天数 · turnover days', parameters: [{ name: 'sku', description: '货品编码 · SKU', type: 'any' }, { name: 'days', description: '近几天，默认 30 · last days, 30 by default', type: 'any', optional: true }], result: { type: 'number' } },
  { id: 'LIST', name: 'LIST', description: '清单，向下展开：skus、warehouses、shops · a list that spills', parameters: [{ name: 'kind', description: 'skus, warehouses, shops', type: 'any' }], result: { type: 'any', dimensionality: 'matrix' } },
];
