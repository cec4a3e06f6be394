import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SandboxWorld } from '../../api/channels/sandbox/make-world.ts';
import { PLANTED } from '../../api/channels/sandbox/profile.ts';
import { taobaoProfile } from '../../api/channels/taobao/sandbox/profile.ts';
import { startChild, type Child } from '../../api/child.ts';
import { HOLDS } from '../../api/contract/holds.ts';

const SINCE = new Date('2026-11-24T02:00:00Z');
const HOUR = 3_600_000;
const worldOf = (seed: number): SandboxWorld => {
  const world = new SandboxWorld({ seed, since: SINCE, live: false, platforms: [taobaoProfile], clock: () => SINCE.getTime() });
  world.advanceTo(SINCE);
  return world;
};

describe('the sandbox company', () => {
  const world = worldOf(20_261_111);
  it('lives the same days from the same seed, and others from another', () => {
    assert.deepEqual(worldOf(20_261_111).orders(), world.orders());
    assert.notDeepEqual(worldOf(7).orders().map((o) => o.paidFen), world.orders().map((o) => o.paidFen));
  });

  it('has every planted flaw among the orders to ship, each under a hold that the product knows', () => {
    assert.deepEqual(new Set(world.orders().flatMap((o) => (o.planted ? [o.planted.holdCode] : []))), new Set<string>(PLANTED));
    assert.deepEqual(PLANTED.filter((code) => !HOLDS.some((h) => h.value === code)), []);
  });

  it('has shipped what is old itself, and leaves only the last days to us', () => {
    const open = world.orders().filter((o) => o.state === 'to_ship');
    assert.ok(open.length > 100, String(open.length));
    assert.deepEqual(open.filter((o) => SINCE.getTime() - o.placedAt.getTime() > 40 * HOUR), []);
    const old = world.orders().filter((o) => o.state === 'finished');
    assert.deepEqual(old.filter((o) => o.shipments.length === 0), []);
  });

  it('pays out what buyers paid less what they got back, once for each order confirmed', () => {
    const sales = world.payments(new Date(0), SINCE).filter((p) => p.kind === 'sale');
    const finished = world.orders().filter((o) => o.state === 'finished');
    assert.equal(sales.length, finished.length);
    const expected = new Map(finished.map((o) => [o.tradeNo, o.lines.reduce((n, l) => n + l.paidFen, o.freightFen) - o.refunds.reduce((n, r) => n + (r.state === 'refunded' ? r.refundFen : 0), 0)]));
    for (const sale of sales) assert.equal(sale.amountFen, expected.get(sale.tradeNo));
  });
});

type Keys = { taobao: { appKey: string; appSecret: string; accessToken: string; refreshToken: string; gateway: string } };
type Truth = { orders: { tid: string; placedAt: string; modifiedAt: string; status: string; shipments: { trackingNumber: string }[] }[] };
const beijing = (at: number): string => new Date(at + 8 * HOUR).toISOString().slice(0, 19).replace('T', ' ');

describe('the stand-in of the open platform', () => {
  let folder: string;
  let child: Child;
  let url: string;
  let keys: Keys['taobao'];
  const start = async (): Promise<void> => {
    child = await startChild(fileURLToPath(new URL('../../api/cli/sandbox.ts', import.meta.url)), ['--data', folder, '--port', '0', '--since', SINCE.toISOString(), '--per-day', '2', '--open-per-day', '20'], () => undefined);
    url = `http://127.0.0.1:${String(child.ready['port'])}`;
    keys = (await ask<Keys>('keys')).taobao;
  };
  const ask = async <T>(name: string, body?: unknown): Promise<T> => (await (await fetch(`${url}/__sandbox/${name}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) })).json()) as T;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'suanpan-sandbox-'));
    await start();
  });
  after(async () => {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Signed here by hand, so that neither the connector's code nor the stand-in's vouches for itself. */
  const call = async (method: string, over: Record<string, string> = {}, secret = keys.appSecret): Promise<Record<string, unknown>> => {
    const params: Record<string, string> = { method, app_key: keys.appKey, session: keys.accessToken, timestamp: beijing(Date.now()), format: 'json', v: '2.0', sign_method: 'md5', ...over };
    const base = Object.keys(params).filter((k) => params[k] !== '').sort().map((k) => `${k}${params[k]}`).join('');
    const sign = createHash('md5').update(`${secret}${base}${secret}`).digest('hex').toUpperCase();
    const reply = await fetch(keys.gateway, { method: 'POST', body: new URLSearchParams({ ...params, sign }) });
    return (await reply.json()) as Record<string, unknown>;
  };
  const codeOf = async (answer: Promise<Record<string, unknown>>): Promise<number | undefined> => ((await answer)['error_response'] as { code: number } | undefined)?.code;
  const list = (over: Record<string, string> = {}): Record<string, string> => ({ fields: 'tid', start_modified: beijing(Date.now() - 20 * HOUR), end_modified: beijing(Date.now()), ...over });

  it('refuses what the platform refuses, with the platform’s codes', async () => {
    const orders = 'taobao.trades.sold.increment.get';
    assert.equal(await codeOf(call(orders, list())), undefined);
    assert.equal(await codeOf(call(orders, list(), 'another secret')), 25);
    assert.equal(await codeOf(call(orders, list({ timestamp: beijing(Date.now() - 11 * 60_000) }))), 31);
    assert.equal(await codeOf(call(orders, list({ session: 'ended' }))), 27);
    assert.equal(await codeOf(call(orders, list({ app_key: '1' }))), 29);
    assert.equal(await codeOf(call(orders, list({ start_modified: beijing(Date.now() - 25 * HOUR) }))), 41);
    assert.equal(await codeOf(call(orders, list({ page_size: '101' }))), 41);
    assert.equal(await codeOf(call(orders, list({ fields: '' }))), 40);
    assert.equal(await codeOf(call('taobao.no.such.method')), 22);
    await ask('unfriendly', { perSecond: 0 });
    assert.equal(await codeOf(call(orders, list())), 7);
    await ask('unfriendly', {});
  });

  it('knows after a kill what was shipped and placed before it, to the second', async () => {
    const { tid } = await ask<{ tid: string }>('orders', { merchantCode: 'LJ-100', quantity: 1 });
    await call('taobao.logistics.offline.send', { tid, company_code: 'ZTO', out_sid: 'ZTO0000000009' });
    await ask('orders', { planted: 'refund_in_flight' });
    const facts = (t: Truth): unknown => t.orders.map((o) => [o.tid, o.placedAt.slice(0, 19), o.modifiedAt.slice(0, 19), o.status, o.shipments.map((s) => s.trackingNumber)]).sort();
    const before = await ask<Truth>('truth');
    assert.deepEqual(before.orders.find((o) => o.tid === tid)?.shipments.map((s) => s.trackingNumber), ['ZTO0000000009']);
    process.kill(child.pid, 'SIGKILL');
    await child.exited;
    await start();
    assert.deepEqual(facts(await ask<Truth>('truth')), facts(before));
  });

  it('shows a planted refund at once when the order is placed by hand', async () => {
    const order = await ask<{ refunds: { state: string }[] }>('orders', { planted: 'refund_in_flight' });
    assert.deepEqual(order.refunds.map((r) => r.state), ['requested']);
  });
});
