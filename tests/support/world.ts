/** A small company for tests: three warehouses, a few SKUs, a shop fed by files. */
import type { IncomingOrder } from '../../api/channels/channel.ts';
import { fenFromInteger, type Fen } from '../../api/contract/values/money.ts';
import type { Runtime } from '../../api/runtime/runtime.ts';
import { fileShop } from '../../api/shops/index.ts';
import { openStock, upsertSkus, upsertWarehouses, type SkuInput } from '../../api/stock/index.ts';

export const sku = (code: string, over: Partial<SkuInput> = {}): SkuInput => ({
  code, name: `货品 ${code}`, barcode: '', category: '茶', costFen: 1000, priceFen: 3000, weightGrams: 300, flags: [], kit: [], supplierId: '', leadTimeDays: 7, moq: 10, packSize: 5, ...over,
});

export async function company(rt: Runtime, stock: Readonly<Record<string, number>> = { 'TEA-1': 100, 'TEA-2': 100 }): Promise<{ shopId: string }> {
  await upsertWarehouses(rt, [{ code: 'HZ', name: '杭州仓', priority: 1 }, { code: 'GZ', name: '广州仓', priority: 2 }, { code: 'CD', name: '成都仓', priority: 3 }]);
  await upsertSkus(rt, Object.keys(stock).map((code) => sku(code)));
  await openStock(rt, Object.entries(stock).map(([skuCode, quantity]) => ({ warehouseCode: 'HZ', skuCode, quantity, unitCostFen: 1000 })));
  return { shopId: (await fileShop(rt, 'taobao'))._id };
}

const NOW = new Date('2026-11-20T02:00:00Z');
export const fen = (n: number): Fen => fenFromInteger(n);
type Given = Partial<Omit<IncomingOrder, 'lines' | 'receiver'>> & { readonly skuCode?: string; readonly quantity?: number; readonly receiver?: Partial<IncomingOrder['receiver']>; readonly lines?: readonly Partial<IncomingOrder['lines'][number]>[] };

/** A paid order of one line, good in every respect, but for what is given. */
export function order(platformOrderId: string, given: Given = {}): IncomingOrder {
  const quantity = given.quantity ?? 1;
  const plain = { platformItemId: '600', platformSkuId: `s-${given.skuCode ?? 'TEA-1'}`, merchantCode: given.skuCode ?? 'TEA-1', title: '龙井', properties: '', quantity, unitPriceFen: fen(3000), paidFen: fen(3000 * quantity), discounts: [], refundState: 'none' as const, platformRefundId: '', shipped: false };
  const { skuCode: _skuCode, quantity: _quantity, receiver, lines, ...rest } = given;
  const made = (lines ?? [{}]).map((l, i) => ({ ...plain, platformLineId: `${platformOrderId}-${i + 1}`, ...l }));
  return {
    platformOrderId, platformStatus: 'WAIT_SELLER_SEND_GOODS', status: 'to_ship', placedAt: NOW, paidAt: NOW, modifiedAt: NOW, paidFen: fen(made.reduce((n, l) => n + l.paidFen, 0)), freightFen: fen(0), discountFen: fen(0), paymentTradeNo: `T${platformOrderId}`, cod: false, presale: false,
    buyerKey: `buyer-${platformOrderId}`, buyerNick: '小明', buyerMessage: '', sellerMemo: '', sellerFlag: 0, flaws: [], complete: true, raw: '{}', ...rest, lines: made,
    receiver: { name: '张三', phone: '13800000000', province: '浙江省', city: '杭州市', district: '西湖区', town: '', address: '文三路 123 号', token: '', masked: false, ...receiver },
  };
}
