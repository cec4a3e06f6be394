/** Own fields of SKUs and warehouses as the stock alert table sees them. In: what the table looks at. Out: one input a SKU and place. */
import { ownReader } from '../../contract/own-row.ts';
import { ownFields, ruleKey, ruleValue, typedValues } from '../../fields/index.ts';
import { dayNumber, type Input } from '../../rules/index.ts';
import { Skus, Warehouses, type SkuDoc, type WarehouseDoc } from '../store/models.ts';
import { skuRows } from '../store/stock.view.ts';

export type OwnOfStock = (code: string, warehouse: string) => Input;
const NONE: OwnOfStock = () => ({});
/** A table that looks at the place, by itself or by an own field of it, is asked of each. */
export const looksAtPlaces = (uses: ReadonlySet<string>): boolean => [...uses].some((u) => u === 'warehouse' || u.startsWith('own_warehouses_'));

export async function ownOfStock(uses: ReadonlySet<string>): Promise<OwnOfStock> {
  if (![...uses].some((u) => u.startsWith('own_'))) return NONE;
  const fields = (await ownFields()).filter((f) => f.retired || uses.has(ruleKey(f)) || f.formula === '');
  const [skus, houses] = await Promise.all([Skus.find({ active: true }).lean<SkuDoc[]>(), Warehouses.find({}).lean<WarehouseDoc[]>()]);
  const inputs = async (noun: 'skus' | 'warehouses', rows: readonly (Record<string, unknown> & { readonly id: string; readonly code: string })[]): Promise<Map<string, Input>> => {
    const asked = fields.filter((f) => f.noun === noun && !f.retired && uses.has(ruleKey(f)));
    if (asked.length === 0) return new Map();
    const [typed, read] = [await typedValues(noun, rows.map((r) => r.id)), ownReader(noun, fields)];
    return new Map(rows.map((row) => { const all = read(row, typed.get(row.id) ?? {}); return [row.code, Object.fromEntries(asked.map((f) => [ruleKey(f), ruleValue(f, all[f.key] ?? null, dayNumber)]))]; }));
  };
  const [bySku, byHouse] = [await inputs('skus', skuRows(skus)), await inputs('warehouses', houses.map((w) => ({ ...w, id: w._id })))];
  return (code, warehouse) => ({ ...bySku.get(code), ...byHouse.get(warehouse) });
}
