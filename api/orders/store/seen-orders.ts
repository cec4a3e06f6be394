/** Past orders as a trial of rules sees them: what fields and holds are made of, and nothing that is sealed. */
import { Orders, type DecisionDoc, type HoldDoc, type LineDoc, type OrderDoc, type ReceiverDoc, type RuledDoc } from './models.ts';

const RECEIVER = { shownName: true, province: true, city: true, district: true, shownAddress: true, checks: true } as const;
const LINES = { platformLineId: true, skuCode: true, quantity: true, refundState: true, refundFen: true, shipped: true } as const;
/** What an earlier decision looked at is not looked at again. */
const HOLDS = { code: true, at: true } as const;
const WHOLE = {
  _id: true, shopId: true, channel: true, platformOrderId: true, status: true, reviewState: true, released: true, placedAt: true, paidAt: true, shipByAt: true, shippedAt: true, paidFen: true, freightFen: true, discountFen: true, cod: true, presale: true,
  buyerMessage: true, sellerMemo: true, sellerFlag: true, invoiceWanted: true, customerId: true, flaws: true, parcelIds: true, chosenWarehouse: true, chosenCourier: true,
} as const;
const SEEN = { ...WHOLE, receiver: RECEIVER, lines: LINES, holds: HOLDS, decision: { at: true }, ruled: { tags: true } };
export type SeenOrder = Pick<OrderDoc, keyof typeof WHOLE> & {
  receiver: Pick<ReceiverDoc, keyof typeof RECEIVER>; lines: Pick<LineDoc, keyof typeof LINES>[]; holds: Pick<HoldDoc, keyof typeof HOLDS>[]; decision: Pick<DecisionDoc, 'at'> | null; ruled?: Pick<RuledDoc, 'tags'> | null;
};

/** In batches, those of a period in the order of payment, which an index keeps, so that nothing is sorted. */
export async function* seenOrders(filter: Record<string, unknown>, size: number): AsyncGenerator<SeenOrder[]> {
  const cursor = Orders.collection.find<SeenOrder>(filter, { projection: SEEN, batchSize: size, ...('paidAt' in filter ? { sort: { paidAt: 1 } } : {}) });
  try {
    for (;;) {
      const batch: SeenOrder[] = [];
      while (batch.length < size && (await cursor.hasNext())) batch.push(...cursor.readBufferedDocuments(size - batch.length));
      if (batch.length === 0) return;
      yield batch;
    }
  } finally {
    await cursor.close();
  }
}
