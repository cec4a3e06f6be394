import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { businessDayOf } from '../../api/contract/values/time.ts';
import { SCHEDULE } from '../../jobs/schedule.ts';
import { hearMessage } from '../../api/shops/index.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company } from '../support/world.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
type Row = { id: string; name: string; status: string; pausedReason?: { zh: string; en: string }; authorisedUntil?: string; lastError: string; platformShopId: string };
type Notice = { kind: string; subject: string; words: { en: string }; closedAt?: string };
type Link = { url: string; state: string; redirectUri: string; until: string };

describe('the life of a shop’s authorisation', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  let ahead = 0;
  let count = 0;
  before(async () => {
    sandbox = await startTestSandbox();
    test = await startTestService({ clock: { now: () => new Date(Date.now() + ahead) } });
  });
  after(async () => {
    await test.stop();
    await sandbox.stop();
  });
  beforeEach(() => { ahead = 0; });

  const keys = (channel: string): Promise<Record<string, string>> => sandbox.ask<Record<string, Record<string, string>>>('keys').then((all) => all[channel]!);
  /** Only one shop is connected at a time: all tokens of the stand-in are one seller's. */
  const connect = async (channel: string, over: Record<string, unknown> = {}): Promise<Row> => {
    count += 1;
    for (const row of await rows()) if (row.status === 'active') await test.call('POST', `/api/v1/shops/${row.id}/status`, { status: 'paused' });
    const made = await test.call<Row>('POST', '/api/v1/shops', { channel, name: `${channel} ${count}`, pullFrom: businessDayOf(new Date()), ...(await keys(channel)), ...over });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    return made.body;
  };
  const rows = async (): Promise<Row[]> => (await test.call<{ rows: Row[] }>('GET', '/api/v1/shops')).body.rows;
  const rowOf = async (id: string): Promise<Row> => (await rows()).find((r) => r.id === id)!;
  const notices = async (name: string): Promise<Notice[]> => (await test.call<{ rows: Notice[] }>('GET', '/api/v1/notices')).body.rows.filter((n) => n.subject === name && !n.closedAt);
  const link = async (id: string): Promise<Link> => (await test.call<Link>('POST', `/api/v1/shops/${id}/authorise`, { redirectUri: 'https://erp.example/back' })).body;
  const back = async (state: string, code: string): Promise<{ status: number; text: string }> => {
    const reply = await fetch(`${test.url}/api/v1/shops/authorised?${new URLSearchParams({ state, code }).toString()}`);
    return { status: reply.status, text: await reply.text() };
  };
  const calls = async (method: string): Promise<number> => (await sandbox.ask<{ calls: Record<string, number> }>('truth')).calls[method] ?? 0;

  it('waits for the seller’s yes, gets tokens for the code that comes back, and then pulls', async () => {
    const shop = await connect('pinduoduo', { accessToken: '', refreshToken: '' });
    assert.equal(shop.status, 'paused');
    assert.match(shop.pausedReason!.en, /seller’s yes/);
    const made = await link(shop.id);
    const url = new URL(made.url);
    assert.deepEqual([url.searchParams.get('redirect_uri'), url.searchParams.get('state')], ['https://erp.example/back', made.state]);
    const page = await back(made.state, 'sandbox-code');
    assert.equal(page.status, 200);
    assert.match(page.text, /已授权[\s\S]*is authorised/);
    const row = await rowOf(shop.id);
    assert.equal(row.status, 'active');
    assert.ok(Date.parse(row.authorisedUntil!) > Date.now());
    await sandbox.ask('orders', { channel: 'pinduoduo', merchantCode: 'LJ-100', quantity: 1 });
    assert.ok(Number((await test.job('sync-channels'))['orders']) >= 1);
    assert.ok(!JSON.stringify(await rows()).includes('pdd-access'), 'no list shows a token');
  });

  it('takes a link once, for half an hour, and only one of ours; a code that the platform refuses is said in its words', async () => {
    const shop = await connect('pinduoduo', { accessToken: '' });
    const used = await link(shop.id);
    const wrong = await test.call<{ code: string; title: string }>('POST', '/api/v1/shops/authorised', { state: used.state, code: 'guessed' }, { 'accept-language': 'en' });
    assert.deepEqual([wrong.status, wrong.body.code], [502, 'channel_refused']);
    assert.match(wrong.body.title, /code无效/);
    assert.equal((await back(used.state, 'sandbox-code')).status, 422, 'used');
    assert.equal((await back('never-made', 'sandbox-code')).status, 422, 'not ours');
    assert.equal((await back('', 'sandbox-code')).status, 422, 'empty');
    const old = await link(shop.id);
    ahead = 31 * MINUTE;
    assert.equal((await back(old.state, 'sandbox-code')).status, 422, 'too old');
    ahead = 0;
    assert.match((await back((await link(shop.id)).state, '')).text, /said no/);
    assert.equal((await rowOf(shop.id)).status, 'paused');
    const other = await connect('pinduoduo', { accessToken: '', platformShopId: '999' });
    assert.match((await back((await link(other.id)).state, 'sandbox-code')).text, /another shop \(7600011\)/);
    assert.equal((await rowOf(other.id)).status, 'paused');
  });

  it('says aloud where no link exists, and what is missing', async () => {
    const shop = await connect('wechat-shop');
    const none = await test.call<{ code: string }>('POST', `/api/v1/shops/${shop.id}/authorise`, {});
    assert.deepEqual([none.status, none.body.code], [422, 'unsupported']);
    assert.equal((await test.call('POST', '/api/v1/shops/shp_none/authorise', {})).status, 404);
    const bare = await test.call<{ title: string }>('POST', '/api/v1/shops', { channel: 'pinduoduo', name: 'bare' }, { 'accept-language': 'en' });
    assert.match(bare.body.title, /appKey, appSecret/);
  });

  it('renews ahead of the end, once, and asks nobody', async () => {
    const shop = await connect('pinduoduo', { expiresAt: new Date(Date.now() + 20 * MINUTE).toISOString() });
    const before = await calls('pdd.pop.auth.token.refresh');
    assert.deepEqual(await test.job('renew-tokens'), { renewed: 1, told: 0, paused: 0, retry: 0 });
    assert.deepEqual(await test.job('renew-tokens'), { renewed: 0, told: 0, paused: 0, retry: 0 });
    assert.equal(await calls('pdd.pop.auth.token.refresh'), before + 1);
    assert.ok(Date.parse((await rowOf(shop.id)).authorisedUntil!) > Date.now() + 3600_000);
    assert.deepEqual(await notices(shop.name), []);
  });

  it('renews one token once, however many pieces of work find it ended at the same time', async () => {
    const shop = await connect('pinduoduo');
    await sandbox.ask('expire-tokens', { channel: 'pinduoduo' });
    const before = await calls('pdd.pop.auth.token.refresh');
    const contexts = await Promise.all(Array.from({ length: 5 }, () => test.rt.channels.contextFor(shop.id)));
    const channel = test.rt.channels.shop('pinduoduo')!;
    const answers = await Promise.all(contexts.map((c) => channel.fetchOrder(c, '261111-000000000000000')));
    assert.deepEqual(answers.map((a) => !a.ok && a.refusal.platformCode), Array.from({ length: 5 }, () => '20011'), 'all were let in');
    assert.equal(await calls('pdd.pop.auth.token.refresh'), before + 1);
  });

  it('tells once of a token that only the seller can renew, a week ahead, and pauses at its end', async () => {
    const end = Date.now() + 3 * DAY;
    const shop = await connect('pinduoduo', { refreshToken: '', expiresAt: new Date(end).toISOString() });
    assert.deepEqual([(await test.job('renew-tokens'))['told'], (await test.job('renew-tokens'))['told']], [1, 0]);
    assert.match((await notices(shop.name))[0]!.words.en, /not renewed by itself\. Authorise again/);
    ahead = 3 * DAY + MINUTE;
    assert.equal((await test.job('renew-tokens'))['paused'], 1);
    assert.deepEqual((await notices(shop.name)).map((n) => n.kind).sort(), ['shop_paused', 'token_expiring']);
    ahead = 0;
    await back((await link(shop.id)).state, 'sandbox-code');
    assert.deepEqual(await notices(shop.name), []);
  });

  it('tells of a renewal that is refused while the token still holds, in the platform’s words', async () => {
    const shop = await connect('pinduoduo', { refreshToken: 'long-gone-token', expiresAt: new Date(Date.now() + 20 * MINUTE).toISOString() });
    assert.deepEqual(await test.job('renew-tokens'), { renewed: 0, told: 1, paused: 0, retry: 0 });
    assert.match((await notices(shop.name))[0]!.words.en, /refresh_token无效/);
    assert.equal((await rowOf(shop.id)).status, 'active');
  });

  it('pauses a shop whose authorisation was taken back, says so once, and catches up after the next yes', async () => {
    const shop = await connect('pinduoduo');
    await test.job('sync-channels');
    await sandbox.ask('revoke-tokens', { channel: 'pinduoduo' });
    const { tid } = await sandbox.ask<{ tid: string }>('orders', { channel: 'pinduoduo', merchantCode: 'LJ-100', quantity: 1 });
    await test.job('sync-channels');
    const paused = await rowOf(shop.id);
    assert.equal(paused.status, 'paused');
    assert.match(paused.pausedReason!.en, /authorisation has ended[\s\S]*Authorise again/);
    assert.match(paused.pausedReason!.zh, /授权已失效/);
    assert.deepEqual((await notices(shop.name)).map((n) => n.kind), ['shop_paused']);
    await test.job('sync-channels');
    assert.equal((await back((await link(shop.id)).state, 'sandbox-code')).status, 200);
    const again = await rowOf(shop.id);
    assert.deepEqual([again.status, again.lastError, again.pausedReason, (await notices(shop.name)).length], ['active', '', undefined, 0]);
    await test.job('sync-channels');
    const orders = (await test.call<{ rows: { platformOrderId: string }[] }>('GET', '/api/v1/orders?limit=5000')).body.rows;
    assert.ok(orders.some((o) => o.platformOrderId === tid));
  });

  it('keeps a shipment that the platform could not be told of, and tells it after the next yes', async () => {
    await company(test.rt, { 'LJ-100': 50 });
    const shop = await connect('pinduoduo');
    const { tid } = await sandbox.ask<{ tid: string }>('orders', { channel: 'pinduoduo', merchantCode: 'LJ-100', quantity: 1 });
    for (const job of ['sync-channels', 'review-orders', 'plan-parcels']) await test.job(job);
    const parcel = (await test.call<{ rows: { id: string; orderText: string; state: string }[] }>('GET', '/api/v1/parcels?limit=5000')).body.rows.find((p) => p.orderText.includes(tid))!;
    assert.equal(parcel.state, 'reserved', JSON.stringify(parcel));
    assert.equal((await test.call('POST', '/api/v1/parcels/print', { ids: [parcel.id] })).status, 200);
    const left = await test.call<{ shipped: number }>('POST', '/api/v1/parcels/ship', { ids: [parcel.id] });
    assert.deepEqual([left.status, left.body.shipped], [200, 1], JSON.stringify(left.body));
    await sandbox.ask('revoke-tokens', { channel: 'pinduoduo' });
    assert.deepEqual(await test.job('push-shipments'), { accepted: 0, refused: 0, retry: 0 });
    assert.equal((await rowOf(shop.id)).status, 'paused');
    await back((await link(shop.id)).state, 'sandbox-code');
    assert.deepEqual(await test.job('push-shipments'), { accepted: 1, refused: 0, retry: 0 });
    const seen = (await sandbox.ask<{ orders: { tid: string; shipments: { trackingNumber: string }[] }[] }>('truth')).orders.find((o) => o.tid === tid)!;
    assert.equal(seen.shipments.length, 1);
  });

  it('pauses a shop with a reset secret until the new one is entered', async () => {
    const shop = await connect('wechat-shop');
    await test.job('sync-channels');
    assert.equal((await rowOf(shop.id)).status, 'active');
    assert.ok((await rowOf(shop.id)).authorisedUntil, 'the token that it asked for is kept');
    await sandbox.ask('revoke-tokens', { channel: 'wechat-shop' });
    await test.job('sync-channels');
    assert.equal((await rowOf(shop.id)).status, 'paused');
    const { appSecret } = await keys('wechat-shop');
    assert.equal((await test.call<Row>('PUT', `/api/v1/shops/${shop.id}/keys`, { appSecret })).body.status, 'active');
    await test.job('sync-channels');
    assert.equal((await rowOf(shop.id)).status, 'active');
    assert.equal((await test.call('PUT', `/api/v1/shops/${shop.id}/keys`, { appSecret: '' })).status, 400);
  });

  it('hears the platform’s messages at the shop’s own address, and looks earlier for them; refuses all others', async () => {
    const shop = await connect('wechat-shop', { pushToken: 'a-token', pushAesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C' });
    const url = `${test.url}/api/v1/shops/${shop.id}/messages`;
    const bring = async (token: string, xml: boolean): Promise<string[]> => {
      const reply = await fetch(`${sandbox.url}/wechat-shop/__messages`, { method: 'POST', body: JSON.stringify({ to: { url, token, aesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C' }, events: [{ event: 'channels_ec_order_pay', orderId: '3705115058000007919' }], xml }) });
      return ((await reply.json()) as { status: number; text: string }[]).map((a) => `${a.status} ${a.text}`);
    };
    assert.deepEqual([...(await bring('a-token', false)), ...(await bring('a-token', true)), ...(await bring('guessed', false))], ['200 success', '200 success', '403 signature']);
    const query = { timestamp: '1764000000', nonce: 'n', echostr: '<4711>', signature: createHash('sha1').update(['1764000000', 'a-token', 'n'].sort().join('')).digest('hex') };
    const first = await fetch(`${url}?${new URLSearchParams(query).toString()}`);
    assert.deepEqual([first.status, first.headers.get('content-type')?.startsWith('text/plain'), await first.text()], [200, true, '<4711>']);
    assert.equal((await fetch(`${test.url}/api/v1/shops/shp_none/messages`, { method: 'POST', body: '{}' })).status, 404);
    const woken: string[] = [];
    const plain = await test.call<Row>('PUT', `/api/v1/shops/${shop.id}/keys`, { pushAesKey: '' });
    assert.equal(plain.status, 200);
    const heard = await hearMessage({ ...test.rt, wake: (job) => woken.push(job) }, shop.id, { method: 'POST', path: '/', query, headers: {}, body: '{"MsgType":"event","Event":"channels_ec_order_pay","order_info":{"order_id":3705115058000007919}}' });
    assert.ok(heard.ok && heard.value.hints[0]!.platformId === '3705115058000007919');
    assert.deepEqual(woken, ['sync-channels']);
  });

  it('what a platform asks for beyond keys and tokens is replaced by its name; another name is refused', async () => {
    const shop = await connect('kuaishou', { account: { signSecret: 'wrong-signing-secret' } });
    await test.job('sync-channels');
    assert.equal((await rowOf(shop.id)).status, 'paused');
    const { signSecret } = await keys('kuaishou');
    assert.equal((await test.call('PUT', `/api/v1/shops/${shop.id}/keys`, { account: { signSecrets: signSecret } })).status, 422);
    assert.equal((await test.call<Row>('PUT', `/api/v1/shops/${shop.id}/keys`, { account: { signSecret } })).body.status, 'active');
    await test.job('sync-channels');
    assert.deepEqual([(await rowOf(shop.id)).status, (await rowOf(shop.id)).lastError], ['active', '']);
  });

  it('takes messages that wait at a platform: they bring no order, only an earlier pull, and each is taken once', async () => {
    const shop = await connect('pinduoduo');
    await test.job('sync-channels');
    const { tid } = await sandbox.ask<{ tid: string }>('orders', { channel: 'pinduoduo' });
    const mine = async (): Promise<string[]> => (await test.call<{ rows: { platformOrderId: string }[] }>('GET', '/api/v1/orders?limit=5000')).body.rows.map((o) => o.platformOrderId).filter((id) => id === tid);
    // On a busy machine the platform may be heard a turn later.
    let first = await test.job('poll-hints');
    for (let tries = 0; tries < 10 && first['hints'] === 0; tries += 1) first = await test.job('poll-hints');
    assert.deepEqual([Number(first['hints']) >= 1, first['failed'], await mine()], [true, {}, []]);
    assert.deepEqual((await test.job('poll-hints'))['hints'], 0);
    await test.job('sync-channels');
    assert.deepEqual(await mine(), [tid]);
    assert.ok(SCHEDULE.find((t) => t.name === 'poll-hints')!.then!.includes('sync-channels'));
    // An app that may not have messages is no reason to stop its shop.
    await test.call('PUT', `/api/v1/shops/${shop.id}/keys`, { appKey: 'nobody' });
    assert.equal(Object.keys((await test.job('poll-hints'))['failed'] as object).length, 1);
    assert.deepEqual([(await rowOf(shop.id)).status, (await notices(shop.name)).map((n) => n.kind)], ['active', ['no_messages']]);
  }).timeout(30_000);
});
