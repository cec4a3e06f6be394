/** Bodies as Kuaishou sends them: whole fen, milliseconds, ids as bare numbers, receivers masked and as ciphertext. */
import { createHash } from 'node:crypto';
import type { WorldOrder, WorldRefund } from '../../sandbox/world.ts';

export type Extra = { readonly logisticsId: number; readonly expressNo: string; readonly expressCode: number };
const STATUS = { unpaid: 10, to_ship: 30, partly_shipped: 40, shipped: 40, finished: 70, refunded: 80, cancelled: 80, odd: 33 } as const;
export const statusOf = (o: WorldOrder): number => STATUS[o.state];
const ms = (at: Date | undefined): number => at?.getTime() ?? 0;
const masked = (text: string): string => (text === '' ? '' : `${text.slice(0, 1)}${'*'.repeat(Math.max(1, [...text].length - 1))}`);
const cipher = (o: WorldOrder, plain: string): string => `${createHash('sha256').update(`${o.tid} ${plain}`).digest('base64')}`;
export const ciphers = (o: WorldOrder) => [o.receiver.name, o.receiver.phone, o.receiver.address].map((plain) => ({ plain, text: cipher(o, plain) }));
const REFUND = { requested: 10, refunded: 60, refused: 70, withdrawn: 70 } as const;
export const refundId = (o: WorldOrder, r: WorldRefund): string => String(BigInt(o.tid) * 10n + BigInt(o.refunds.indexOf(r) + 1));
/** Ids stand as bare numbers. */
export const asWire = (body: unknown): string => JSON.stringify(body).replace(/"(oid|refundId|itemId|skuId|orderItemId|logisticsId)":"(\d+)"/g, '"$1":$2');

export const parcelsOf = (o: WorldOrder, extra: readonly Extra[]) => [...o.shipments.map((s, i) => ({ logisticsId: Number(o.tid.slice(-6)) * 10 + i, expressNo: s.trackingNumber, expressCode: Number(s.courier) || 9 })), ...extra];

export function orderBody(o: WorldOrder, extra: readonly Extra[]): Record<string, unknown> {
  const [line, r] = [o.lines[0]!, o.receiver];
  const [name, phone, address] = ciphers(o).map((c) => c.text);
  const listed = line.unitPriceFen * line.quantity;
  return {
    orderBaseInfo: {
      oid: o.tid, status: statusOf(o), createTime: ms(o.placedAt), payTime: ms(o.paidAt), updateTime: ms(o.modifiedAt), sendTime: ms(o.shipments[0]?.at), recvTime: ms(o.finishedAt), refundTime: 0, validPromiseShipmentTimeStamp: o.paidAt ? ms(o.paidAt) + 172_800_000 : 0,
      totalFee: o.paidFen + o.wrongFen, discountFee: listed - line.paidFen, expressFee: o.freightFen, buyerOpenId: `f${o.buyerOpenUid}`, buyerNick: masked(o.buyerNick), remark: o.buyerMessage, payType: 1, preSale: o.depositFen > 0 ? 1 : 0, cpsType: 1, riskCode: 0, coType: 0,
    },
    orderItemInfo: { orderItemId: line.oid, itemId: line.itemId, skuId: line.skuId, relItemId: 0, relSkuId: 0, skuNick: line.merchantCode, goodsCode: '', itemTitle: line.title, skuDesc: line.properties, num: line.quantity, price: line.unitPriceFen, originalPrice: line.unitPriceFen, discountFee: listed - line.paidFen, itemType: 1 },
    orderAddress: { province: r.province, city: r.city, district: r.district, town: r.town, provinceCode: 1, encryptedConsignee: name, encryptedMobile: phone, encryptedAddress: address, desensitiseConsignee: masked(r.name), desensitiseMobile: `${r.phone.slice(0, 3)}****${r.phone.slice(-4)}`, desensitiseAddress: `${r.address.slice(0, 2)}******` },
    orderLogisticsInfo: parcelsOf(o, extra), orderNote: { orderNoteInfo: o.sellerMemo === '' ? [] : [{ note: '新单', operatorName: '客服' }, { note: o.sellerMemo, operatorName: '客服' }] },
    // The order names its latest after-sale only.
    orderRefundList: o.refunds.slice(-1).map((x) => ({ refundId: refundId(o, x), refundStatus: REFUND[x.state] })), orderCpsInfo: {},
  };
}
export const refundBody = (o: WorldOrder, r: WorldRefund): Record<string, unknown> => ({
  refundId: refundId(o, r), oid: o.tid, skuId: o.lines[0]!.skuId, status: REFUND[r.state], handlingWay: r.goodsReturn ? 1 : 10, refundFee: r.refundFen, refundReason: 1, refundReasonDesc: r.reason, submitTime: ms(r.requestedAt), createTime: ms(r.requestedAt), updateTime: ms(r.modifiedAt), negotiateStatus: 1,
});
