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
];
