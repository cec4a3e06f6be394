/** Bodies as SP-API sends them: numbers for ids, money (yuan) and times (milliseconds), one object inside the other, only what the scope names. */
import { fenFromInteger, yuanForCell } from '../../../contract/values/money.ts';
import type { WorldOrder, WorldPayment, WorldRefund } from '../../sandbox/world.ts';
import { applyBody, consignee, listed, sellerOff, serviceBody, stateWord } from './bodies.ts';

const yuan = (fen: number): number => yuanForCell(fenFromInteger(fen));
const ms = (at: Date | undefined): number | null => at?.getTime() ?? null;
/** Parts of the order leave with what is in them. */
const isWhole = (o: WorldOrder, s: WorldOrder['shipments'][number]): boolean => s.quantities === undefined && s.oids.length === o.lines.length;

function transport(o: WorldOrder): Record<string, unknown> {
  const whole = o.shipments.filter((s) => isWhole(o, s));
  const parts = o.shipments.filter((s) => !isWhole(o, s));
  const num = (s: WorldOrder['shipments'][number], oid: string): number => s.quantities?.[oid] ?? o.lines.find((l) => l.oid === oid)?.quantity ?? 0;
  return {
    deliveryType: 3, deliveryTypeDesc: '任意时间', logisticsId: [...new Set(whole.map((s) => s.courier))].join('|'), waybillCode: whole.map((s) => s.trackingNumber).join(','),
    partialShipmentList: parts.map((s) => ({ shipmentId: o.shipments.indexOf(s) + 1, logisticsId: s.courier, waybillCode: s.trackingNumber, packageNum: 1, shipmentTime: s.at.getTime(), skuList: s.oids.map((oid) => ({ skuUuid: oid, skuId: Number(o.lines.find((l) => l.oid === oid)?.skuId), num: num(s, oid) })) })),
  };
}
/** Who bears what stands by line, in numbers: here 1 is the seller and 3 the platform. */
function paymentDetails(o: WorldOrder): unknown[] {
  const amount = (typeName: string, fen: number, bearer: number): unknown => ({ type: bearer, typeName, amount: yuan(fen), orderCostAmountList: [{ bearer, bearRate: 1, bearAmount: yuan(fen) }] });
  return o.lines.map((l) => ({ skuUuid: l.oid, skuId: Number(l.skuId), skuType: 1, skuNum: l.quantity, amountExpandList: [...(sellerOff(l) > 0 ? [amount('单品促销', sellerOff(l), 1)] : []), ...(l.othersFen > 0 ? [amount('京东券', l.othersFen, 3)] : [])] }));
}

export function restOrder(o: WorldOrder): Record<string, unknown> {
  const sum = (of: (l: WorldOrder['lines'][number]) => number): number => o.lines.reduce((n, l) => n + of(l), 0);
  const c = consignee(o);
  // Some buyers pay a part from their balance: 应付 is then less than 实付.
  const balance = Number(o.tid.slice(-1)) < 2 ? Math.min(500, o.paidFen) : 0;
  const wanted = Number(o.tid.slice(-3)) % 20 === 7;
  return {
    orderId: Number(o.tid), venderId: 18003, parentOrderId: 0, rootOrderId: Number(o.tid), orderSource: '1', orderType: 22, orderTypeDesc: 'SOP', orderStatus: stateWord(o), orderStatusDesc: '', createdTime: ms(o.placedAt), modifiedTime: ms(o.modifiedAt), outboundTime: ms(o.shipments[0]?.at), finishedTime: ms(o.finishedAt), buyerPin: `jd_${o.buyerNick}`, xidBuyer: `o*${o.buyerOpenUid}`,
    buyerRemark: { remark: o.buyerMessage }, venderRemarkInfo: o.sellerMemo === '' && o.sellerFlag === 0 ? null : { flagId: o.sellerFlag, remark: o.sellerMemo },
    consigneeInfo: { fullName: c['fullname'], telephone: '', mobile: c['mobile'], fullAddress: c['fullAddress'], provinceName: c['province'], cityName: c['city'], countyName: c['county'], townName: c['town'], provinceId: 1, oaid: c['oaid'] },
    invoiceInfo: wanted ? { invoiceType: '3', invoiceTypeDesc: '电子发票', invoiceTitle: '个人' } : { invoiceType: '0', invoiceTypeDesc: '不需要开具发票' },
    paymentInfo: { paymentType: 4, paymentTypeDesc: '在线支付', paymentConfirmTime: ms(o.paidAt), shouldPayAmount: yuan(o.paidFen + o.wrongFen - balance), actualPayAmount: yuan(o.paidFen + o.wrongFen), payDiscountAmount: yuan(sum((l) => l.othersFen)), freightFee: yuan(o.freightFen), serviceFeeInfo: { serviceFee: 0 }, taxInfo: { taxFee: 0 } },
    sellerTradePriceInfo: { totalOriginalPriceAmount: yuan(sum(listed)), totalSellerDiscountAmount: yuan(sum(sellerOff)), totalSellerReceivableAmount: yuan(sum(listed) - sum(sellerOff)) },
    orderFlag: { preSaleOrder: false, popOrder: true, returnOrder: false, partialShipment: o.state === 'partly_shipped', eclpOrder: false, clpsOrder: false, jdShipment: false }, transportInfo: transport(o), stepPaymentInfo: null,
    skuItemInfoList: o.lines.map((l) => ({ skuId: Number(l.skuId), outerSkuId: l.merchantCode, skuUuid: l.oid, skuName: `${l.title} ${l.properties}`, productId: Number(l.itemId), skuType: 1, num: l.quantity, jdPrice: yuan(l.unitPriceFen), productNo: '', skuSpec: l.properties, itemExt: '{}' })),
    paymentDetailList: paymentDetails(o),
  };
}

/** The scope names what is given; the list does not have what only the detail has. */
export const scoped = (body: Record<string, unknown>, scope: string, without: readonly string[] = []): Record<string, unknown> => {
  const wanted = new Set(scope.split(',').map((f) => f.trim()));
  return Object.fromEntries(Object.entries(body).filter(([k]) => wanted.has(k) && !without.includes(k)));
};

const STATES = { requested: [20, '待审核', 201, '待商家审核', 10], refunded: [100, '已完成', 1000, '已完成', 20], refused: [100, '已完成', 1001, '审核不通过', null], withdrawn: [110, '已取消', 1100, '用户取消', null] } as const;
/** One list for both: what was cancelled before it left, and services after that. */
export function afterBody(o: WorldOrder, r: WorldRefund): Record<string, unknown> {
  const [mainStatus, mainStatusDesc, subStatus, subStatusDesc, refundStatus] = STATES[r.state];
  const line = o.lines.find((l) => l.oid === r.oid);
  return {
    orderId: Number(o.tid), afsOrderId: r.goodsReturn ? serviceBody(o, r)['serviceId'] : applyBody(o, r)['id'], orderInfo: { orderId: Number(o.tid), orderType: 22, orderWarehouseStatus: r.goodsReturn ? 1 : 2 }, skuInfoList: [{ skuUuid: r.oid, skuId: Number(line?.skuId), skuNum: line?.quantity ?? 1, skuType: 10 }],
    afsOrderBaseInfo: { buId: '18003', xidBuyer: `o*${o.buyerOpenUid}`, applyTime: ms(r.requestedAt), createTime: ms(r.requestedAt), modifiedTime: ms(r.modifiedAt) }, afsOrderStatusInfo: { mainStatus, mainStatusDesc, subStatus, subStatusDesc }, customerApplyInfo: { customerExpect: r.goodsReturn ? 10 : 1, applyReasonFirstCidDesc: r.reason },
    refundInfo: { refundStatus, refundStatusDesc: '', applyRefundAmount: yuan(r.refundFen), ...(r.state === 'refunded' ? { actualRefundAmount: yuan(r.refundFen) } : {}) },
  };
}

/** A row of the bill: the amount without its sign, the direction beside it. What is not settled has no time of it. */
export const billRow = (o: WorldOrder, p: WorldPayment | undefined): Record<string, unknown> => ({
  venderId: 18003, orderId: o.tid, rfBusiId: o.tid, rfBusiType: 1001, rfBusiTypeDesc: '订单', detailNo: `${o.tid}${p?.kind === 'commission' ? '2' : '1'}`, skuId: o.lines[0]!.skuId, skuName: o.lines[0]!.title, skuNum: 1, outTradeNo: o.tid, feeName: p?.kind === 'commission' ? '佣金' : '货款',
  bal: yuan(Math.abs(p?.amountFen ?? o.paidFen)), direction: (p?.amountFen ?? 1) >= 0 ? 1 : 2, currency: 'CNY', settlementStatus: p ? 15 : 11, settlementStatusDesc: p ? '结算完成' : '付款中', happenTime: ms(o.placedAt), finishTime: ms(p?.at), billDate: '', remark: '',
});
