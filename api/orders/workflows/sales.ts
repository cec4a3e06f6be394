/** What was sold, by the company's day: paid orders that were not closed. Refunded lines count as sold; refunds stand beside. */
import { addDays, businessDayOf, startOfDay, type BusinessDay } from '../../contract/values/time.ts';
import { lastChanges } from '../../store/feed.ts';
import { Orders, type OrderDoc } from '../store/models.ts';

export type SalesFigure = { readonly skuCode: string; readonly shopId: string; readonly day: BusinessDay; readonly quantity: number; readonly paidFen: number };
export type SalesQuery = { readonly from: BusinessDay; readonly to: BusinessDay; readonly skuCodes?: readonly string[]; readonly shopId?: string };

/** One row per (SKU as sold, shop, day); both days included. Kits stand as themselves. Amounts in fen, without freight. */
export async function salesByDay(query: SalesQuery): Promise<SalesFigure[]> {
  const filter = {
    paidAt: { $gte: startOfDay(query.from), $lt: startOfDay(addDays(query.to, 1)) }, status: { $nin: ['unpaid', 'closed'] },
    ...(query.shopId ? { shopId: query.shopId } : {}), ...(query.skuCodes ? { 'lines.skuCode': { $in: [...query.skuCodes] } } : {}),
  };
  const wanted = query.skuCodes ? new Set(query.skuCodes) : undefined;
  const figures = new Map<string, { skuCode: string; shopId: string; day: BusinessDay; quantity: number; paidFen: number }>();
  for await (const order of Orders.find(filter, { shopId: 1, paidAt: 1, lines: 1 }).lean<Pick<OrderDoc, 'shopId' | 'paidAt' | 'lines'>[]>().cursor()) {
    const day = businessDayOf(order.paidAt!);
    for (const line of order.lines) {
      if (!line.skuCode || (wanted && !wanted.has(line.skuCode))) continue;
      const key = `${line.skuCode}|${order.shopId}|${day}`;
      const figure = figures.get(key) ?? { skuCode: line.skuCode, shopId: order.shopId, day, quantity: 0, paidFen: 0 };
      figure.quantity += line.quantity;
      figure.paidFen += line.paidFen;
      figures.set(key, figure);
    }
  }
  return [...figures.values()];
}

export const lastOrder = (): Promise<string> => lastChanges(Orders);
