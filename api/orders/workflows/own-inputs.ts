/** Own fields as rules see them: the order's own, its buyer's, and the words of its goods. In: orders, what is looked at. Out: one input an order. */
import { ownReader } from '../../contract/own-row.ts';
import { idsByKey, ownFields, ruleKey, ruleValue, typedValues } from '../../fields/index.ts';
import { dayNumber } from '../../rules/index.ts';
import type { Input } from '../domain/review.ts';
import { Orders, type OrderDoc } from '../store/models.ts';
import type { SeenOrder } from '../store/seen-orders.ts';
import { orderRows } from '../store/orders.view.ts';

export async function ownInputs(orders: readonly SeenOrder[], uses: ReadonlySet<string>): Promise<ReadonlyMap<string, Input>> {
  if (![...uses].some((u) => u.startsWith('own_'))) return new Map();
  const fields = await ownFields();
  const asked = fields.filter((f) => !f.retired && uses.has(ruleKey(f)));
  const goods = [...new Set(orders.flatMap((o) => o.lines.flatMap((l) => l.skuCode ?? [])))];
  const idOf = asked.some((f) => f.noun === 'skus') ? await idsByKey('skus', goods) : new Map<string, string>();
  const wantsRows = asked.some((f) => f.noun === 'orders' && f.formula !== '');
  const [own, buyers, skus, rows] = await Promise.all([
    typedValues('orders', orders.map((o) => o._id)), typedValues('customers', [...new Set(orders.map((o) => o.customerId).filter(Boolean))]), typedValues('skus', [...idOf.values()]),
    // Formulas read what the sheet shows; it is made only where some rule looks at one.
    wantsRows ? Orders.find({ _id: { $in: orders.map((o) => o._id) } }).lean<OrderDoc[]>().then(orderRows) : [],
  ]);
  const shown = new Map((rows as readonly { id: string }[]).map((r) => [r.id, r]));
  const read = ownReader('orders', fields);
  return new Map(orders.map((o): [string, Input] => {
    const typed = own.get(o._id) ?? {};
    const mine = read((shown.get(o._id) ?? {}) as Record<string, unknown>, typed);
    const buyer = buyers.get(o.customerId) ?? {};
    const input: Record<string, Input[string]> = {};
    for (const f of asked) {
      if (f.noun === 'orders') input[ruleKey(f)] = ruleValue(f, mine[f.key] ?? null, dayNumber);
      else if (f.noun === 'customers') input[ruleKey(f)] = ruleValue(f, buyer[f.key] ?? null, dayNumber);
      else {
        const words = o.lines.flatMap((l) => { const v = l.skuCode ? skus.get(idOf.get(l.skuCode) ?? '')?.[f.key] : undefined; return v === undefined || v === null ? [] : [v]; });
        input[ruleKey(f)] = f.type === 'flag' ? words.includes(true) : [...new Set(words.map(String))];
      }
    }
    return [o._id, input];
  }));
}
