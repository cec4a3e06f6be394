import assert from 'node:assert/strict';
import type { IncomingOrder } from '../../api/channels/channel.ts';
import { refusalOf } from '../../api/channels/wechat-shop/client.ts';
import { incomingOrder } from '../../api/channels/wechat-shop/orders.ts';
import { WireOrder } from '../../api/channels/wechat-shop/wire.ts';
import { parsePlatformJson } from '../../api/channels/transport/json.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';

type Over = { order?: Record<string, unknown>; price?: Record<string, unknown>; delivery?: Record<string, unknown>; products?: Record<string, unknown>[] };
const product = { product_id: '1', sku_id: '9100000000000000003', sku_cnt: 2, sale_price: 5_000, real_price: 9_000, title: '龙井', sku_code: 'LJ-100', merchant_discounted_price: 700, finder_discounted_price: 300 };
/** 2 × 50.00, 7.00 off by the seller, 3.00 by the streamer, 6.00 freight. */
const read = (over: Over = {}): IncomingOrder => incomingOrder(WireOrder.parse({
  order_id: '3705115058000007919', status: 20, create_time: 1_764_000_000, update_time: 1_764_000_100, openid: 'o1',
  order_detail: {
    product_infos: over.products ?? [product], price_info: { product_price: 10_000, order_price: 9_600, freight: 600, discounted_price: 700, finder_discounted_price: 300, original_order_price: 10_600, ...over.price },
    pay_info: { pay_time: 1_764_000_050, transaction_id: '420000' }, delivery_info: { address_info: { user_name: '李*', tel_number: '138****0000', hash_code: 'h1' }, ...over.delivery }, ext_info: {},
  },
  ...over.order,
}), '{}');

describe('WeChat shop bodies in our words', () => {
  const STATES: readonly (readonly [string, number, string])[] = [['unpaid', 10, 'unpaid'], ['gift waiting', 12, 'paid_not_shippable'], ['group forming', 13, 'paid_not_shippable'], ['to be used on the spot', 17, 'paid_not_shippable'], ['to ship', 20, 'to_ship'], ['part shipped', 21, 'partly_shipped'], ['to receive', 30, 'shipped'], ['done', 100, 'completed'], ['oversold', 190, 'closed'], ['refunded', 200, 'closed'], ['timed out', 250, 'closed'], ['a number that no page names', 55, 'unknown']];
  for (const [what, status, ours] of STATES) it(`${what}: ${ours}`, () => assert.equal(read({ order: { status } }).status, ours));

  it('does not ship to an address that is under review', () => assert.equal(read({ delivery: { address_info: {}, address_under_review: true } }).status, 'paid_not_shippable'));

  it('adds up whichever way others’ discounts are counted, and tells of anything else', () => {
    assert.deepEqual([read().flaws, read().paidFen, read().lines[0]!.paidFen], [[], 9_600, 9_000]);
    assert.deepEqual(read({ price: { order_price: 9_900 }, products: [{ ...product, real_price: 9_300 }] }).flaws, [], 'the streamer’s is not inside');
    assert.equal(read({ price: { order_price: 9_601 } }).flaws[0]!.code, 'totals_differ');
    assert.equal(read({ price: { product_price: 10_001 } }).flaws[0]!.code, 'totals_differ');
    assert.equal(read({ price: { order_price: null } }).flaws[0]!.code, 'missing_field');
  });

  it('makes lines and freight the order’s price, also where a line’s price holds the freight', () => {
    const shared = read({ products: [{ ...product, real_price: 9_600 }] });
    assert.deepEqual([shared.lines[0]!.paidFen, shared.freightFen], [9_000, 600]);
    const two = read({ products: [{ ...product, sku_cnt: 1, real_price: 3_333, merchant_discounted_price: 0, finder_discounted_price: 0 }, { ...product, sku_id: '5', sku_cnt: 1, real_price: 6_666, merchant_discounted_price: 0, finder_discounted_price: 0 }] });
    assert.equal(two.lines.reduce((n, l) => n + l.paidFen, 0), 9_000);
    for (const l of two.lines) assert.equal(l.discounts.reduce((n, d) => n + d.amountFen, Number(l.paidFen)), l.unitPriceFen * l.quantity);
  });

  it('names who bears each discount, and gives a gift away by the seller', () => {
    assert.deepEqual(read().lines[0]!.discounts, [{ bearer: 'seller', name: 'merchant_discounted_price', amountFen: 700 }, { bearer: 'influencer', name: 'finder_discounted_price', amountFen: 300 }]);
    const gift = read({ products: [product, { ...product, is_free_gift: true, sku_cnt: 1, real_price: 0, merchant_discounted_price: 0, finder_discounted_price: 0 }] });
    assert.deepEqual(gift.lines.map((l) => [l.platformLineId, l.paidFen]), [['3705115058000007919-9100000000000000003', 9_000], ['3705115058000007919-9100000000000000003-2', 0]]);
    assert.deepEqual([gift.lines[1]!.discounts, gift.flaws], [[{ bearer: 'seller', name: 'free_gift', amountFen: 5_000 }], []]);
  });

  it('keeps bare numbers of 19 digits', () => {
    const body = parsePlatformJson('{"order_id":3705115058000007919,"status":20,"create_time":1,"update_time":1,"order_detail":{"product_infos":[{"product_id":10000108000001,"sku_id":9100000000000000003,"sku_cnt":1}],"price_info":{"order_price":0}}}');
    const order = incomingOrder(WireOrder.parse(body), '');
    assert.deepEqual([order.platformOrderId, order.lines[0]!.platformSkuId], ['3705115058000007919', '9100000000000000003']);
  });

  it('knows what each error asks of us', () => {
    const now = new Date('2026-11-25T15:59:30Z');
    assert.deepEqual([40001, 42001, -1, 100003, 10020112, 45011, 45009, 40013, 61004, 48001, 100002, 40097].map((c) => refusalOf(c, 'm', now).code), ['refresh_token', 'refresh_token', 'retry', 'retry', 'retry', 'rate_limited', 'rate_limited', 'ask_person', 'ask_person', 'ask_person', 'refuse_row', 'refuse_row']);
    assert.deepEqual([refusalOf(45011, '', now).retryAfterMs, refusalOf(45009, '', now).retryAfterMs], [31_000, 30_000]);
  });
});

describe('the stand-in of the WeChat shop', () => {
  let sandbox: TestSandbox;
  let token = '';
  before(async () => { sandbox = await startTestSandbox(); });
  after(() => sandbox.stop());
  const call = async (path: string, body: unknown, access = token, method = 'POST'): Promise<Record<string, unknown>> => (await (await fetch(`${sandbox.keysOf('wechat-shop').gateway}${path}${access === '' ? '' : `?access_token=${access}`}`, { method, ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}) })).json()) as Record<string, unknown>;
  const code = async (answer: Promise<Record<string, unknown>>): Promise<unknown> => (await answer)['errcode'];

  it('refuses what the platform refuses, with the platform’s codes', async () => {
    const { appKey, appSecret } = sandbox.keysOf('wechat-shop');
    const ask = (over: Record<string, unknown> = {}) => call('/cgi-bin/stable_token', { grant_type: 'client_credential', appid: appKey, secret: appSecret, ...over }, '');
    const [first, again] = [await ask(), await ask()];
    assert.equal(first['access_token'], again['access_token'], 'the stable token is the same');
    token = String(first['access_token']);
    assert.deepEqual([await code(ask({ secret: 'x' })), await code(ask({ appid: 'x' }))], [40125, 40013]);
    const list = '/channels/ec/order/list/get';
    const range = (days: number) => ({ update_time_range: { start_time: Math.floor(Date.now() / 1000) - days * 86_400, end_time: Math.floor(Date.now() / 1000) } });
    assert.equal(await code(call(list, { ...range(7), page_size: 100, next_key: '' })), 0);
    assert.deepEqual([await code(call(list, { ...range(8), page_size: 100 })), await code(call(list, { ...range(1), page_size: 101 })), await code(call(list, { page_size: 10 })), await code(call(list, { ...range(1), page_size: 10, next_key: '!' }))], [40097, 40097, 40097, 40097]);
    assert.deepEqual([await code(call(list, range(1), '')), await code(call(list, range(1), 'old')), await code(call(list, 'x')), await code(call(list, '')), await code(call(list, {}, token, 'GET')), await code(call('/channels/ec/nothing', {}))], [41001, 40001, 47001, 44002, 43002, 48001]);
    const now = Math.floor(Date.now() / 1000);
    assert.equal(await code(call('/channels/ec/aftersale/getaftersalelist', { begin_update_time: now - 90_000, end_update_time: now })), 10020004);
    await sandbox.ask('expire-tokens', { channel: 'wechat-shop' });
    assert.equal(await code(call(list, range(1))), 42001);
    assert.notEqual((await ask())['access_token'], token);
  });
});
