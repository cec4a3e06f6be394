/** Bodies as JD sends them: everything text, yuan, GMT+8 times, "no time" as the year 1, name and address as ciphertext. */
import { createHash } from 'node:crypto';
import { fenFromInteger, yuanText } from '../../../contract/values/money.ts';
import type { WorldLine, WorldOrder, WorldRefund } from '../../sandbox/world.ts';

const yuan = (fen: number): string => yuanText(fenFromInteger(fen));
export const clock = (at: Date | undefined): string => (at ? new Date(at.getTime() + 28_800_000).toISOString().slice(0, 19).replace('T', ' ') : '0001-01-01 00:00:00');
const STATE = { unpaid: 'NOT_PAY', to_ship: 'WAIT_SELLER_STOCK_OUT', partly_shipped: 'WAIT_SELLER_STOCK_OUT', shipped: 'WAIT_GOODS_RECEIVE_CONFIRM', finished: 'FINISHED_L', refunded: 'TRADE_CANCELED', cancelled: 'TRADE_CANCELED', odd: 'WAIT_LIVE_CONFIRM' } as const;
/** A refund that is asked for before shipment locks the order until it is decided. */
export const stateWord = (o: WorldOrder): string => ((o.state === 'to_ship' || o.state === 'partly_shipped') && o.refunds.some((r) => r.state === 'requested') ? 'LOCKED' : STATE[o.state]);
const cipher = (text: string): string => (text === '' ? '' : `AAS/${createHash('sha512').update(text).digest('base64')}`);

export const listed = (l: WorldLine): number => l.unitPriceFen * l.quantity;
/** Whatever makes the line cheaper and is borne by nobody else is the seller's. */
export const sellerOff = (l: WorldLine): number => listed(l) - l.othersFen - l.paidFen;

/** Municipalities come one level up: 上海, 浦东新区, a town. */
export function consignee(o: WorldOrder): Record<string, string> {
  const r = o.receiver;
  const municipal = /^(北京|上海|天津|重庆)$/.test(r.province);
  const [city, county, town] = municipal ? [r.district, r.town, ''] : [r.city, r.district, r.town];
  return {
    fullname: cipher(r.name), telephone: '', mobile: `${r.phone.slice(0, 3)}*******${r.phone.slice(-1)}`, fullAddress: cipher(`${r.province}${r.city}${r.district}${r.address}`), province: r.province, city, county, town,
    desen_mobile: createHash('sha512').update(r.phone).digest('hex').slice(0, 70), oaid: createHash('sha256').update(`jd ${o.tid} ${r.oaid}`).digest('base64url'),
  };
}
export const oaidOf = (o: WorldOrder): string => consignee(o)['oaid']!;

export function orderBody(o: WorldOrder): Record<string, unknown> {
  const total = o.lines.reduce((n, l) => n + listed(l), 0);
  const seller = o.lines.reduce((n, l) => n + sellerOff(l), 0);
  // Some buyers pay a part from their JD balance: what is payable then is less than what was paid.
  const balance = Number(o.tid.slice(-1)) < 2 ? Math.min(500, o.paidFen) : 0;
  const coupons = o.lines.flatMap((l) => [
    ...(sellerOff(l) > 0 ? [{ orderId: o.tid, skuId: l.skuId, couponType: '30-单品促销优惠', couponPrice: yuan(sellerOff(l)) }] : []),
    ...(l.othersFen > 0 ? [{ orderId: o.tid, skuId: '', couponType: '41-京东券优惠', couponPrice: yuan(l.othersFen) }] : []),
  ]);
  const whole = o.shipments.filter((s) => s.quantities === undefined && s.oids.length === o.lines.length);
  return {
    orderId: o.tid, venderId: '18003', parentOrderId: '0', orderType: '22', orderState: stateWord(o), orderStateRemark: '', payType: '4-在线支付', orderTotalPrice: yuan(total), sellerDiscount: yuan(seller), orderSellerPrice: yuan(total - seller),
    orderPayment: yuan(o.paidFen + o.wrongFen - balance), freightPrice: yuan(o.freightFen), balanceUsed: yuan(balance), serviceFee: '0.00', taxFee: '0.00', orderStartTime: clock(o.placedAt), paymentConfirmTime: clock(o.paidAt), orderEndTime: clock(o.finishedAt), modified: clock(o.modifiedAt), outBoundDate: clock(o.shipments[0]?.at),
    pin: `jd_${o.buyerNick}`, open_id_buyer: o.buyerOpenUid, xid_buyer: `o*${o.buyerOpenUid}`, orderRemark: o.buyerMessage, invoiceInfo: Number(o.tid.slice(-3)) % 20 === 7 ? '发票类型:电子发票;发票抬头:个人;发票内容:商品明细' : '不需要开具发票', venderRemark: o.sellerMemo, venderRemarkFlag: String(o.sellerFlag), returnOrder: '0', storeOrder: '', idSopShipmenttype: '67',
    logisticsId: [...new Set(whole.map((s) => s.courier))].join('|'), waybill: whole.map((s) => s.trackingNumber).join(','), partialLogisticsInfoModel: o.shipments.filter((s) => !whole.includes(s)).map((s, i) => ({ shipmentId: String(i + 1), waybillId: s.trackingNumber, logicId: s.courier, shipmentTime: String(s.at.getTime()) })),
    consigneeInfo: consignee(o), vatInfo: [], couponDetailList: coupons,
    itemInfoList: o.lines.map((l) => ({ skuId: l.skuId, outerSkuId: l.merchantCode, skuName: `${l.title} ${l.properties}`, jdPrice: yuan(l.unitPriceFen), itemTotal: String(l.quantity), wareId: l.itemId, productNo: '', giftPoint: '0', itemExt: JSON.stringify({ skuUuid: l.oid, cid: '9434' }) })),
  };
}
/** Only the fields that were asked for. */
export const onlyFields = (body: Record<string, unknown>, fields: string): Record<string, unknown> => {
  const wanted = new Set(fields.split(',').map((f) => f.trim()));
  return Object.fromEntries(Object.entries(body).filter(([k]) => wanted.has(k)));
};

const APPLY = { requested: 0, refunded: 3, refused: 2, withdrawn: 11 } as const;
/** Ids of applications are numbers here, and amounts are fen. What nobody has checked has no time of it. */
export const applyBody = (o: WorldOrder, r: WorldRefund): Record<string, unknown> => ({
  id: Number(`5${o.tid.slice(-9)}${o.refunds.indexOf(r)}`), orderId: Number(o.tid), buyerId: `jd_${o.buyerNick}`, buyerName: '', applyTime: clock(r.requestedAt), applyRefundSum: r.refundFen, status: APPLY[r.state], reason: r.reason,
  ...(r.state === 'refunded' || r.state === 'refused' ? { checkTime: clock(r.modifiedAt), checkUserName: 'admin' } : {}),
});
export const serviceBody = (o: WorldOrder, r: WorldRefund): Record<string, unknown> => ({
  serviceId: Number(`7${o.tid.slice(-9)}${o.refunds.indexOf(r)}`), orderId: Number(o.tid), serviceStatus: r.state === 'refunded' ? 10010 : r.state === 'refused' ? 10004 : r.state === 'withdrawn' ? 10011 : 10001, customerExpect: 10, applyTime: clock(r.requestedAt), updateDate: clock(r.modifiedAt), skuId: Number(o.lines.find((l) => l.oid === r.oid)?.skuId), skuUuid: r.oid, applyReason: r.reason,
});
export const moneyBody = (o: WorldOrder, r: WorldRefund): Record<string, unknown> => ({ sameOrderServiceBill: { serviceId: serviceBody(o, r)['serviceId'], orderId: Number(o.tid) }, afsRefundId: 1, refoundAmount: yuan(r.refundFen), status: r.state === 'refunded' ? 13 : 1 });
