import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ChannelContext, IncomingOrder, IncomingRefund } from '../../api/channels/channel.ts';
import { jd } from '../../api/channels/jd/index.ts';
import { read as readAfter } from '../../api/channels/jd/sp/after-sales.ts';
import { refusalOf } from '../../api/channels/jd/sp/client.ts';
import { incomingOrder, pageOf } from '../../api/channels/jd/sp/orders.ts';
import { SpAfter, SpOrder } from '../../api/channels/jd/sp/wire.ts';
import { parsePlatformJson } from '../../api/channels/transport/json.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { Shop } from './conformance/harness.ts';

const T = 1_795_600_000_000;
/** Two lines of 60 and 40 yuan; the seller takes 5 off the first, JD 3 off the second; 6 postage. Field names as JD's documents have them. */
const BODY = {
  orderId: 301000007919, venderId: 18003, orderType: 22, orderStatus: 'WAIT_SELLER_STOCK_OUT', orderStatusDesc: '等待出库', createdTime: T, modifiedTime: T + 60_000, outboundTime: 0, buyerPin: 'jd_1', xidBuyer: 'o*1',
  buyerRemark: { remark: '快' }, venderRemarkInfo: { flagId: 2, remark: '老客户' }, invoiceInfo: { invoiceType: '3', invoiceTypeDesc: '电子发票' },
  consigneeInfo: { fullName: 'AAS/x', mobile: '138*******0', fullAddress: 'AAS/y', provinceName: '上海', cityName: '浦东新区', countyName: '张江镇', townName: '', oaid: 'oaid-1' },
  paymentInfo: { paymentType: 4, paymentTypeDesc: '在线支付', paymentConfirmTime: T + 9_000, shouldPayAmount: 98, actualPayAmount: 98, payDiscountAmount: 3, freightFee: 6, serviceFeeInfo: { serviceFee: 0 }, taxInfo: { taxFee: 0 } },
  sellerTradePriceInfo: { totalOriginalPriceAmount: 100, totalSellerDiscountAmount: 5, totalSellerReceivableAmount: 95 },
  orderFlag: { preSaleOrder: false, eclpOrder: false, clpsOrder: false, jdShipment: true, partialShipment: false }, transportInfo: { logisticsId: '', waybillCode: '', partialShipmentList: [] },
  skuItemInfoList: [{ skuId: 1001, skuUuid: 'u1', outerSkuId: 'LJ-100', skuName: '龙井', productId: 11, num: 2, jdPrice: 30 }, { skuId: 1002, skuUuid: 'u2', outerSkuId: 'TGY-125', skuName: '铁观音', productId: 12, num: 1, jdPrice: 40 }],
};
const item = (name: string, fen: number, bearer: number) => ({ type: 1, typeName: name, amount: fen, orderCostAmountList: [{ bearer, bearAmount: fen }] });
const DETAIL = { paymentDetailList: [{ skuUuid: 'u1', skuId: 1001, amountExpandList: [item('单品促销', 5, 7)] }, { skuUuid: 'u2', skuId: 1002, amountExpandList: [item('京东券', 3, 9)] }] };
const order = (over: Record<string, unknown> = {}): IncomingOrder => incomingOrder(SpOrder.parse({ ...BODY, ...over }), '{}');
const pay = (over: Record<string, unknown>) => ({ paymentInfo: { ...BODY.paymentInfo, ...over } });
const flag = (over: Record<string, unknown>) => ({ orderFlag: { ...BODY.orderFlag, ...over } });
const shares = (o: IncomingOrder) => o.lines.map((l) => [l.paidFen, ...l.discounts.map((d) => `${d.bearer} ${d.amountFen}`)]);

describe('SP-API bodies in our words', () => {
  const STATES: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['to ship', {}, 'to_ship'], ['locked', { orderStatus: 'LOCKED' }, 'paid_not_shippable'], ['shipped', { orderStatus: 'WAIT_GOODS_RECEIVE_CONFIRM' }, 'shipped'], ['done', { orderStatus: 'FINISHED_L' }, 'completed'], ['cancelled', { orderStatus: 'TRADE_CANCELED' }, 'closed'], ['unpaid', { orderStatus: 'NOT_PAY' }, 'unpaid'],
    ['in JD’s own warehouse', flag({ eclpOrder: true }), 'paid_not_shippable'], ['in its cloud warehouse', flag({ clpsOrder: 'true' }), 'paid_not_shippable'], ['a part has left', { transportInfo: { partialShipmentList: [{ shipmentId: 1, waybillCode: 'A1', skuList: [{ skuUuid: 'u1', num: 2 }] }] } }, 'partly_shipped'],
    ['deposit only', { ...flag({ preSaleOrder: true }), stepPaymentInfo: { payBargainReal: 10, payBalancePlan: 88, bargainTime: T, balanceTime: null } }, 'paid_not_shippable'], ['a number of another kind', { orderStatus: '8' }, 'unknown'], ['nothing said', { orderStatus: null }, 'unknown'],
  ];
  for (const [what, over, status] of STATES) it(`${what}: ${status}`, () => {
    assert.equal(order(over).status, status);
    assert.equal(order(over).flaws.some((f) => f.code === 'unknown_status'), status === 'unknown');
  });

  it('whole: money, receiver one level up, memo, flag, invoice, promise', () => {
    const o = order(DETAIL);
    assert.deepEqual([o.paidFen, o.freightFen, o.discountFen, o.flaws, o.cod, o.presale, o.invoiceWanted, o.sellerMemo, o.sellerFlag, o.buyerMessage], [9_800, 600, 800, [], false, false, true, '老客户', 2, '快']);
    assert.deepEqual([o.receiver.province, o.receiver.city, o.receiver.district, o.receiver.town, o.receiver.token], ['上海', '上海市', '浦东新区', '张江镇', 'oaid-1']);
    assert.deepEqual([o.placedAt.getTime(), o.paidAt?.getTime(), o.shippedAt, o.shipByAt?.getTime()], [T, T + 9_000, undefined, T + 9_000 + 48 * 3_600_000]);
    assert.equal(order({ promiseCalendarInfo: { promisePickTime: T + 7_200_000 } }).shipByAt?.getTime(), T + 7_200_000);
    assert.deepEqual([order({ invoiceInfo: null }).invoiceWanted, order({ invoiceInfo: { invoiceType: '0' } }).invoiceWanted], [undefined, false]);
    assert.deepEqual([order(pay({ paymentType: 1, paymentTypeDesc: '货到付款', actualPayAmount: 0 })).cod, order(pay({ paymentType: 1, actualPayAmount: 0 })).paidFen], [true, 9_800]);
  });

  it('who bears what: the numbers are nobody’s until the amounts prove them; otherwise both figures are shared out', () => {
    assert.deepEqual(shares(order(DETAIL)), [[5_500, 'seller 500'], [3_700, 'platform 300']]);
    // The other numbers for the same bearers, and the same answer.
    const swapped = { paymentDetailList: [{ skuUuid: 'u1', amountExpandList: [item('', 5, 2)] }, { skuUuid: 'u2', amountExpandList: [item('', 3, 1)] }] };
    assert.deepEqual(shares(order(swapped)), [[5_500, 'seller 500'], [3_700, 'platform 300']]);
    const shared = [[5_520, 'seller 300', 'platform 180'], [3_680, 'seller 200', 'platform 120']];
    assert.deepEqual(shares(order()), shared);
    assert.deepEqual(shares(order({ paymentDetailList: [{ skuUuid: 'u1', amountExpandList: [item('应付', 55, 7)] }] })), shared, 'amounts that are no discounts prove nothing');
    const twice = { ...pay({ payDiscountAmount: 5, shouldPayAmount: 96, actualPayAmount: 96 }), paymentDetailList: [{ skuUuid: 'u1', amountExpandList: [item('', 5, 7)] }, { skuUuid: 'u2', amountExpandList: [item('', 5, 9)] }] };
    assert.deepEqual(shares(order(twice)), [[5_400, 'seller 300', 'platform 300'], [3_600, 'seller 200', 'platform 200']], 'two ways are none');
  });

  it('what does not add up is held, and so is money that cannot be read', () => {
    const code = (over: Record<string, unknown>): string | undefined => order(over).flaws[0]?.code;
    assert.deepEqual([code(pay({ shouldPayAmount: 97, actualPayAmount: 97 })), code({ sellerTradePriceInfo: { ...BODY.sellerTradePriceInfo, totalOriginalPriceAmount: 99 } }), code({ sellerTradePriceInfo: { ...BODY.sellerTradePriceInfo, totalSellerDiscountAmount: 6 } }), code(pay({ freightFee: '6.001' })), code({ skuItemInfoList: [] })], ['totals_differ', 'totals_differ', 'totals_differ', 'missing_field', 'totals_differ']);
    assert.deepEqual([code(pay({ shouldPayAmount: 90 })), order(pay({ shouldPayAmount: 90 })).paidFen], [undefined, 9_800], 'a part came from the balance');
  });

  it('a presale says what has come in', () => {
    const step = { payBargainPlan: 10, payBargainReal: 10, payBalancePlan: 88, payBalanceReal: 88, bargainTime: T };
    assert.deepEqual(order({ ...flag({ preSaleOrder: true }), stepPaymentInfo: step }).step, { receivedFen: 1_000, depositFen: 1_000, forfeited: false });
    const paid = order({ ...flag({ preSaleOrder: true }), stepPaymentInfo: { ...step, balanceTime: T + 1 } });
    assert.deepEqual([paid.status, paid.presale, paid.step], ['to_ship', true, { receivedFen: 9_800, depositFen: 1_000, forfeited: false }]);
    assert.equal(order().step, undefined);
  });

  it('lists as the documents wrap them, ids longer than a double, a part that left', () => {
    const wrapped = order({ skuItemInfoList: { skuItemInfoListItem: BODY.skuItemInfoList[1] }, sellerTradePriceInfo: { totalOriginalPriceAmount: 40, totalSellerDiscountAmount: 0, totalSellerReceivableAmount: 40 }, ...pay({ payDiscountAmount: 0, shouldPayAmount: 46, actualPayAmount: 46 }) });
    assert.deepEqual([wrapped.lines.map((l) => l.platformLineId), wrapped.flaws], [['u2'], []]);
    const long = parsePlatformJson(JSON.stringify(BODY).replace('301000007919', '3010000079190000001'));
    assert.equal(incomingOrder(SpOrder.parse(long), '').platformOrderId, '3010000079190000001');
    const part = order({ transportInfo: { partialShipmentList: [{ shipmentId: 1, waybillCode: 'A1', skuList: [{ skuUuid: 'u1', num: 1 }, { skuUuid: 'u2', num: 1 }] }] } });
    assert.deepEqual(part.lines.map((l) => l.shipped), [false, true]);
  });

  it('whatever the amounts, lines and freight are what was paid', () => {
    const fen = fc.integer({ min: 0, max: 5_000 });
    fc.assert(fc.property(fc.array(fc.record({ price: fc.integer({ min: 1, max: 90_000 }), num: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 4 }), fen, fen, fen, (items, seller, others, freight) => {
      const yuan = (n: number): string => `${Math.floor(n / 100)}.${String(n % 100).padStart(2, '0')}`;
      const listed = items.reduce((n, i) => n + i.price * i.num, 0);
      const [own, theirs] = [Math.min(seller, listed), Math.min(others, listed - Math.min(seller, listed))];
      const o = order({
        skuItemInfoList: items.map((i, n) => ({ skuId: n + 1, skuUuid: `u${n}`, num: i.num, jdPrice: yuan(i.price) })), sellerTradePriceInfo: { totalOriginalPriceAmount: yuan(listed), totalSellerDiscountAmount: yuan(own), totalSellerReceivableAmount: yuan(listed - own) },
        ...pay({ payDiscountAmount: yuan(theirs), freightFee: yuan(freight), shouldPayAmount: yuan(listed - own - theirs + freight), actualPayAmount: yuan(listed - own - theirs + freight) }),
      });
      assert.deepEqual([o.flaws, o.lines.reduce((n, l) => n + l.paidFen, 0) + o.freightFen], [[], o.paidFen]);
      assert.ok(o.lines.every((l) => l.paidFen >= 0));
    }), { numRuns: 150 });
  });
});

describe('SP-API after-sales in our words', () => {
  const AFTER = { afsOrderId: 7001, orderId: 301000007919, skuInfoList: [{ skuUuid: 'u1', skuId: 1001, skuNum: 1 }], afsOrderBaseInfo: { applyTime: T, modifiedTime: T + 1 }, afsOrderStatusInfo: { mainStatus: 20, mainStatusDesc: '待审核' }, customerApplyInfo: { customerExpect: 10 }, refundInfo: { refundStatus: null, applyRefundAmount: '12.34' } };
  const after = (over: Record<string, unknown> = {}): IncomingRefund & { known: boolean; flaw: string | undefined } => { const { refund, known, flaw } = readAfter(SpAfter.parse({ ...AFTER, ...over })); return { ...refund, known, flaw }; };
  const state = (mainStatus: number, mainStatusDesc: string, subStatusDesc = '') => ({ afsOrderStatusInfo: { mainStatus, mainStatusDesc, subStatus: 1, subStatusDesc } });
  it('money is back when refundStatus is 20, and not because a service is done', () => {
    const back = after({ ...state(100, '已完成'), refundInfo: { refundStatus: '20', applyRefundAmount: '12.34', actualRefundAmount: '10.00' } });
    assert.deepEqual([back.state, back.refundFen, back.platformLineId, back.platformRefundId, back.hasGoodsReturn], ['refunded', 1_000, 'u1', 'service-7001', true]);
    for (const refundStatus of [null, 10, 30, 999]) assert.equal(after({ ...state(100, '已完成'), refundInfo: { refundStatus, applyRefundAmount: '12.34', actualRefundAmount: '10.00' } }).state, 'returning');
    assert.match(after({ refundInfo: { refundStatus: 20, applyRefundAmount: '12.34' } }).flaw ?? '', /actualRefundAmount/);
    assert.equal(after({ ...state(100, '已完成'), customerApplyInfo: { customerExpect: 30 } }).state, 'closed', 'a repair moves no money');
  });
  it('its words say the rest; what they do not say is in flight and told', () => {
    assert.deepEqual([after(), after(state(30, '待收货')), after(state(100, '已完成', '审核不通过')), after(state(110, '已取消')), after(state(77, '神秘'))].map((r) => [r.state, r.known]), [['requested', true], ['returning', true], ['refused', true], ['closed', true], ['requested', false]]);
    assert.deepEqual([after({ customerApplyInfo: { customerExpect: 1 } }).platformRefundId, after({ skuInfoList: [] }).platformLineId], ['apply-7001', '']);
  });
});

describe('SP-API under way', () => {
  let sandbox: TestSandbox;
  let shop: Shop;
  before(async () => {
    sandbox = await startTestSandbox();
    shop = new Shop(jd, sandbox, (own) => own.replace(/routerjson$/, 'rest'));
  });
  beforeEach(() => shop.calm());
  after(() => sandbox.stop());

  it('what an error asks: its own code, the status inside it, a service’s fault, its words', () => {
    const asks = (status: number, code: string, words: string): string => refusalOf(status, code, words).code;
    assert.deepEqual([asks(403, '99904030005', 'x'), asks(200, '99904010001', 'x'), asks(200, '99904290001', 'x'), asks(200, '99905000001', 'x'), asks(502, '', 'x'), asks(200, '10203009999', 'x'), asks(200, '', 'access_token 已过期'), asks(403, '', '签名无效'), asks(200, '10201001005', '间隔'), asks(200, '10202011009', '订单权限被锁定')],
      ['ask_person', 'refresh_token', 'rate_limited', 'retry', 'retry', 'retry', 'refresh_token', 'ask_person', 'refuse_row', 'refuse_row']);
  });
  it('a page is the one that was asked for, with its count and its rows, or a fault; beyond the end anything may come', () => {
    const page = (paging: Record<string, unknown> | undefined, no: number, data: unknown = []): string => {
      try {
        return `${pageOf({ data, paging, errors: [] }, no, 50).rows.length} rows`;
      } catch (error) {
        return (error as { refusal: { code: string } }).refusal.code;
      }
    };
    const said = { totalItems: 120, currentPage: 2 };
    assert.deepEqual([page(said, 2, [{}]), page(said, 1, [{}]), page(said, 5, [{}]), page(said, 2, null), page({ totalItems: 0 }, 1, null), page(undefined, 1, []), page({}, 1, [])], ['1 rows', 'retry', '1 rows', 'retry', '0 rows', 'retry', 'retry']);
  });
  it('a part of which nothing is known is looked for before it is told again: pieces never leave twice', async () => {
    const placed = await shop.place({ merchantCode: 'LJ-100', quantity: 4 });
    const oid = placed.lines[0]!.oid;
    const push = { platformOrderId: placed.tid, courierCode: 'ZTO', trackingNumber: 'SBX90000000001', platformLineIds: [oid], quantities: { [oid]: 2 } };
    await shop.ask('unfriendly', { cutAfterEvery: 2 });
    assert.deepEqual(await jd.pushShipment(shop.context(), push), { ok: true, value: { again: true } });
    const one = (await shop.truth()).mine.find((o) => o.tid === placed.tid)!;
    assert.deepEqual([one.state, one.shipments.map((s) => s.trackingNumber)], ['partly_shipped', ['SBX90000000001']]);
    await shop.calm();
    assert.deepEqual(await jd.pushShipment(shop.context(), { ...push, trackingNumber: 'SBX90000000002' }), { ok: true, value: { again: false } });
    const change = { ...push, trackingNumber: 'SBX90000000003', wasTrackingNumber: 'SBX90000000001' };
    assert.deepEqual([await jd.changeTracking(shop.context(), change), await jd.changeTracking(shop.context(), change)].map((r) => r.ok && r.value.again), [false, true]);
    assert.deepEqual((await shop.truth()).mine.find((o) => o.tid === placed.tid)!.shipments.map((s) => s.trackingNumber), ['SBX90000000003', 'SBX90000000002']);
  });
  it('of a batch of stock only what JD names as set counts', async () => {
    const { lines } = await shop.place();
    const listing = { platformItemId: lines[0]!.itemId, platformSkuId: lines[0]!.skuId, quantity: 5 };
    const answer = await jd.pushStock(shop.context(), [listing, { ...listing, platformSkuId: 'gone', quantity: 3 }]);
    assert.ok(!answer.ok && answer.refusal.code === 'refuse_row' && answer.refusal.words.startsWith('gone') && !answer.refusal.words.includes(listing.platformSkuId), JSON.stringify(answer));
    assert.equal((await shop.truth()).quantities[listing.platformSkuId], 5);
  });
  it('a window that JD reads by another time is refused, and not taken as empty of changes', async () => {
    const day = { from: new Date(T), to: new Date(T + 60_000) };
    const rows = [0, 1, 2, 3].map((n) => ({ ...BODY, orderId: BODY.orderId + n, modifiedTime: T + 86_400_000 }));
    const context = { ...shop.context(), gateway: 'data:/rest' } as ChannelContext;
    const real = globalThis.fetch;
    globalThis.fetch = async () => new Response(JSON.stringify({ success: true, data: rows, paginationData: { totalItems: 4, currentPage: 1, pageSize: 50 } }));
    try {
      const pull = async (): Promise<void> => { for await (const _batch of jd.pullOrders(context, day)) assert.fail('a batch came'); };
      await assert.rejects(pull, (e: Error & { refusal?: { code: string; platformCode: string } }) => e.refusal?.code === 'ask_person' && e.refusal.platformCode === 'window');
    } finally {
      globalThis.fetch = real;
    }
  });
});
