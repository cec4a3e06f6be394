import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingOrder } from '../../api/channels/channel.ts';
import { refusalOf } from '../../api/channels/pinduoduo/client.ts';
import { incomingOrder } from '../../api/channels/pinduoduo/orders.ts';
import { WireOrder } from '../../api/channels/pinduoduo/wire.ts';
import { parsePlatformJson } from '../../api/channels/transport/json.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';

/** One line of 3 × 33.37 yuan, 1.11 off by the seller, 2.00 by the platform, 6 postage; as the official sample writes numbers. */
const BODY = {
  order_sn: '261125-123456789012345', order_status: 1, refund_status: 1, after_sales_status: 0, confirm_status: 1, group_status: 1, risk_control_status: 0, created_time: '2026-11-25 08:00:00', pay_time: '2026-11-25 08:00:09', updated_at: '2026-11-25 08:01:00', last_ship_time: '2026-11-27 08:00:09', trade_type: 0,
  goods_amount: 100.11, discount_amount: 3.11, seller_discount: 1.11, platform_discount: 2, capital_free_discount: 0, order_change_amount: 0, postage: 6, pay_amount: 103, duo_duo_pay_reduction: 1.5,
  receiver_name_mask: '李*', receiver_phone_mask: '138****0000', receiver_address_mask: '文***', province: '浙江省', city: '杭州市', town: '西湖区', remark: '', buyer_memo: '',
  item_list: [{ goods_id: '310000000001', sku_id: '91000000000000001', outer_id: 'LJ-100', goods_name: '龙井', goods_spec: '100g', goods_price: 33.37, goods_count: 3 }],
};
const read = (over: Record<string, unknown> = {}): IncomingOrder => incomingOrder(WireOrder.parse({ ...BODY, ...over }), '{}');
const item = (over: Record<string, unknown>) => ({ ...BODY.item_list[0]!, ...over });

describe('Pinduoduo bodies in our words', () => {
  const STATES: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['to ship', {}, 'to_ship'], ['under review', { risk_control_status: 1 }, 'paid_not_shippable'], ['group forming', { group_status: 0 }, 'paid_not_shippable'], ['no deal yet, unpaid', { order_status: 0, confirm_status: 0, pay_time: '' }, 'unpaid'],
    ['cancelled', { confirm_status: 2 }, 'closed'], ['group failed', { group_status: 2 }, 'closed'], ['shipped', { order_status: 2 }, 'shipped'], ['signed', { order_status: 3 }, 'completed'], ['refunded before it left', { refund_status: 4 }, 'closed'], ['refunded after', { order_status: 2, refund_status: 4 }, 'shipped'],
    ['held by a tag', { order_tag_list: [{ name: 'ship_hold', value: 1 }] }, 'paid_not_shippable'], ['deposit only', { trade_type: 1, step_order_info: { step_trade_status: 1 } }, 'paid_not_shippable'], ['deposit and balance', { trade_type: 1, step_order_info: { step_trade_status: 2 } }, 'to_ship'],
    ['gift not decided', { gift_order_status: 0, gift_list: [item({ goods_price: 0 })] }, 'paid_not_shippable'], ['a number that no page names', { order_status: 4 }, 'unknown'], ['another', { confirm_status: 9 }, 'unknown'], ['nothing said', { order_status: null }, 'unknown'],
  ];
  for (const [what, over, status] of STATES) it(`${what}: ${status}`, () => {
    const order = read(over);
    assert.equal(order.status, status);
    assert.equal(order.flaws.some((f) => f.code === 'unknown_status'), status === 'unknown');
  });

  it('reads yuan numbers by their digits, and who bears what; the wallet’s reduction changes nothing', () => {
    const order = read();
    assert.deepEqual([order.paidFen, order.freightFen, order.lines[0]!.paidFen, order.flaws], [10_300, 600, 9_700, []]);
    assert.deepEqual(order.lines[0]!.discounts, [{ bearer: 'seller', name: 'seller_discount', amountFen: 111 }, { bearer: 'platform', name: 'platform_discount', amountFen: 200 }]);
    assert.equal(read({ pay_amount: 103.01 }).flaws[0]!.code, 'totals_differ');
    assert.equal(read({ discount_amount: 4.11, pay_amount: 102 }).flaws[0]!.code, 'totals_differ');
    assert.equal(read({ goods_amount: 99.11, order_change_amount: 1, pay_amount: 102 }).flaws.length, 0, 'a price changed by hand');
    assert.equal(read({ pay_amount: '30.000000000000004' }).flaws[0]!.code, 'missing_field', 'a float’s dust is told of, not rounded away');
  });

  it('counts services with the freight, and shares an order of several lines to the fen', () => {
    const order = read({ item_list: [item({ goods_count: 1 }), item({ sku_id: '91000000000000002', goods_count: 2 })], service_fee_detail: [{ service_name: '送货入户', service_fee: 3 }], pay_amount: 106 });
    assert.deepEqual([order.freightFen, order.lines.reduce((n, l) => n + l.paidFen, 0), order.flaws], [900, 9_700, []]);
    assert.deepEqual(order.lines.map((l) => l.platformLineId), ['261125-123456789012345-91000000000000001', '261125-123456789012345-91000000000000002']);
    const gift = read({ gift_order_status: 2, gift_list: [item({ goods_count: 1 })] });
    assert.deepEqual(gift.lines.map((l) => [l.platformLineId, l.paidFen, l.quantity]), [['261125-123456789012345-91000000000000001', 9_700, 3], ['261125-123456789012345-gift-91000000000000001', 0, 1]]);
  });

  it('keeps long ids from bare numbers, digit for digit', () => {
    const body = parsePlatformJson(JSON.stringify(BODY).replace('"91000000000000001"', '91000000000000001').replace('"310000000001"', '310000000001'));
    assert.equal(incomingOrder(WireOrder.parse(body), '').lines[0]!.platformSkuId, '91000000000000001');
  });

  it('holds what is in after-sale, whatever its finer state; lets go what was withdrawn', () => {
    const state = (over: Record<string, unknown>): string => read(over).lines[0]!.refundState;
    assert.deepEqual([state({}), state({ refund_status: 2, after_sales_status: 2 }), state({ refund_status: 2, after_sales_status: 6 }), state({ refund_status: 2, after_sales_status: 7 }), state({ refund_status: 3, after_sales_status: 4 }), state({ refund_status: 4, after_sales_status: 10 }), state({ refund_status: 1, after_sales_status: 11 }), state({ refund_status: 7 }), state({ refund_status: 2, after_sales_status: 99 })],
      ['none', 'requested', 'requested', 'returning', 'requested', 'refunded', 'closed', 'requested', 'requested']);
  });

  it('knows what each error asks of us', () => {
    const now = new Date('2026-11-25T15:00:00Z');
    const code = (error_code: number, sub_code: string | null = null): string => refusalOf({ error_code, sub_code, error_msg: 'm' }, now).code;
    assert.deepEqual([10019, 20032, 20004, 20005, 50001, 50000, 52001, 52101, 70031, 70032, 70034, 52103, 10001].map((c) => code(c)), ['refresh_token', 'pause_shop', 'ask_person', 'ask_person', 'refuse_row', 'retry', 'retry', 'rate_limited', 'rate_limited', 'ask_person', 'ask_person', 'rate_limited', 'refuse_row']);
    assert.equal(refusalOf({ error_code: 70036 }, now).retryAfterMs, 3_600_000, 'until midnight in China');
    assert.equal(refusalOf({ error_code: 50001, sub_code: '20011', sub_msg: '订单不存在' }, now).platformCode, '20011');
  });
});

describe('the stand-in of Pinduoduo', () => {
  let sandbox: TestSandbox;
  before(async () => { sandbox = await startTestSandbox(); });
  after(() => sandbox.stop());
  const beijing = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  /** Signed here by hand, so that neither the connector's code nor the stand-in's vouches for itself. */
  const call = async (type: string, over: Record<string, string> = {}, secret?: string): Promise<Record<string, unknown>> => {
    const keys = sandbox.keysOf('pinduoduo');
    const params: Record<string, string> = { type, client_id: keys.appKey, access_token: keys.accessToken, timestamp: String(Math.floor(Date.now() / 1000)), data_type: 'JSON', ...over };
    const base = Object.keys(params).sort().map((k) => `${k}${params[k]}`).join('');
    const sign = createHash('md5').update(`${secret ?? keys.appSecret}${base}${secret ?? keys.appSecret}`).digest('hex').toUpperCase();
    return (await (await fetch(keys.gateway, { method: 'POST', body: new URLSearchParams({ ...params, sign }) })).json()) as Record<string, unknown>;
  };
  const codeOf = async (answer: Promise<Record<string, unknown>>): Promise<number | undefined> => ((await answer)['error_response'] as { error_code: number } | undefined)?.error_code;

  it('refuses what the platform refuses, with the platform’s codes', async () => {
    const orders = 'pdd.order.number.list.increment.get';
    const list = (over: Record<string, string> = {}): Record<string, string> => ({ order_status: '5', refund_status: '5', is_lucky_flag: '0', start_updated_at: beijing(Date.now() - 1_700_000), end_updated_at: beijing(Date.now()), page: '1', page_size: '100', ...over });
    assert.equal(await codeOf(call(orders, list())), undefined);
    assert.equal(await codeOf(call(orders, list(), 'another secret')), 20004);
    assert.equal(await codeOf(call(orders, list({ timestamp: String(Math.floor(Date.now() / 1000) - 700) }))), 10001);
    assert.equal(await codeOf(call(orders, list({ timestamp: String(Date.now()) }))), 10001, 'milliseconds');
    assert.equal(await codeOf(call(orders, list({ access_token: 'ended' }))), 10019);
    assert.equal(await codeOf(call(orders, list({ client_id: '1' }))), 10016);
    assert.equal(await codeOf(call(orders, list({ start_updated_at: beijing(Date.now() - 1_900_000) }))), 50001, 'more than half an hour');
    assert.equal(await codeOf(call(orders, list({ page_size: '101' }))), 10000);
    assert.equal(await codeOf(call('pdd.no.such.method')), 10017);
    assert.equal(await codeOf(call('pdd.refund.list.increment.get', list({ use_has_next: 'true' }))), 10000);
    await sandbox.ask('unfriendly', { channel: 'pinduoduo', perSecond: 0 });
    assert.equal(await codeOf(call(orders, list())), 70031);
    await sandbox.ask('unfriendly', { channel: 'pinduoduo' });
    const beyond = (await call(orders, list({ page: '9' })))['order_sn_increment_get_response'] as { order_sn_list: unknown[] };
    assert.deepEqual(beyond.order_sn_list, []);
  });
});
