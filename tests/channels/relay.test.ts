import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../api/child.ts';
import type { ChannelContext, CourierContext } from '../../api/channels/channel.ts';
import { courierChannels, shopChannels } from '../../api/channels/registry.ts';
import { GATEWAYS, upstreamOf, type Gateway } from '../../api/channels/relay/gateways.ts';
import { startRelay, type Relay } from '../../api/channels/relay/server.ts';
import { exchange, RelayFault } from '../../api/channels/transport/http.ts';
import { startTestSandbox, type ShopKeys, type TestSandbox } from '../support/sandbox.ts';

const KEY = 'k'.repeat(43);
const OTHER = 'x'.repeat(43);
const CLI = fileURLToPath(new URL('../../api/cli/relay.ts', import.meta.url));
type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string };

const listen = async (handle: (seen: Seen, answer: (status: number, headers: Record<string, string>, body: string | Buffer) => void) => void): Promise<{ url: string; seen: Seen[]; server: Server }> => {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (c: Buffer) => chunks.push(c)).on('end', () => {
      seen.push({ method: request.method!, url: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.sendDate = false;
      handle(seen.at(-1)!, (status, headers, body) => response.writeHead(status, headers).end(body));
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
};
const closed = (server: Server): Promise<void> => new Promise((resolve) => { server.closeAllConnections(); server.close(() => resolve()); });

describe('the relay', () => {
  const lines: Record<string, unknown>[] = [];
  let upstream: Awaited<ReturnType<typeof listen>>;
  let relay: Relay;
  let url: string;
  let now = Date.now();
  const relayKey = { key: KEY, now: () => new Date(now) };
  const relays: Relay[] = [];
  const start = async (gateways: readonly Gateway[]): Promise<Relay> => {
    const made = await startRelay({ key: KEY, port: 0, now: () => new Date(), log: (line) => lines.push({ ...line }), gateways });
    relays.push(made);
    return made;
  };
  before(async () => {
    upstream = await listen((seen, answer) => (seen.url.startsWith('/api/router/moved') ? answer(302, { location: 'http://127.0.0.1:1/' }, '') : answer(418, { date: 'Wed, 25 Nov 2026 01:02:03 GMT', 'content-type': 'text/weird; charset=gbk', 'retry-after': '7', 'set-cookie': 'a=b' }, Buffer.from([0, 255, 1, 254]))));
    relay = await start([{ host: 'gw-api.pinduoduo.com', origin: upstream.url, paths: ['/api/router'] }]);
    url = `http://127.0.0.1:${relay.port}/relay/gw-api.pinduoduo.com/api/router`;
  });
  after(async () => {
    for (const one of relays) await one.stop();
    await closed(upstream.server);
  });
  beforeEach(() => { now = Date.now(); });
  const faultOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'answered', (e: unknown) => (e instanceof RelayFault ? e.code : String(e)));
  const ask = (over: Partial<Parameters<typeof exchange>[0]> = {}) => exchange({ url, form: { type: 'x', 名: '值 &=' }, relay: relayKey, ...over });

  it('passes a call and its answer on unchanged, and adds nothing', async () => {
    const reply = await ask({ url: `${url}?a=%20b&c=1` });
    const seen = upstream.seen.at(-1)!;
    assert.deepEqual([seen.method, seen.url, seen.headers['content-type'], seen.body], ['POST', '/api/router?a=%20b&c=1', 'application/x-www-form-urlencoded;charset=utf-8', new URLSearchParams({ type: 'x', 名: '值 &=' }).toString()]);
    assert.deepEqual(Object.keys(seen.headers).filter((h) => h.startsWith('x-')), []);
    assert.deepEqual([reply.status, reply.headers.get('date'), reply.headers.get('content-type'), reply.headers.get('retry-after'), reply.headers.get('set-cookie')], [418, 'Wed, 25 Nov 2026 01:02:03 GMT', 'text/weird; charset=gbk', '7', null]);
    assert.deepEqual([...reply.bytes], [0, 255, 1, 254]);
  });

  it('serves who knows its key, and nobody else; what it refuses never reaches the platform', async () => {
    const before = upstream.seen.length;
    assert.equal(await faultOf(ask({ relay: { ...relayKey, key: OTHER } })), 'not_proved');
    assert.equal((await fetch(url, { method: 'POST', body: 'a=1' })).status, 401);
    now = Date.now() - 10 * 60_000;
    assert.equal(await faultOf(ask()), 'not_proved', 'too old');
    assert.equal(upstream.seen.length, before);
  });

  it('takes a call once, and none that was changed on the way', async () => {
    const kept = await listen((_seen, answer) => answer(200, {}, ''));
    await faultOf(ask({ url: `${kept.url}/relay/gw-api.pinduoduo.com/api/router` }));
    const caught = kept.seen[0]!;
    await closed(kept.server);
    const headers = Object.fromEntries(Object.entries(caught.headers).filter(([k]) => k.startsWith('x-relay') || k === 'content-type' || k === 'accept')) as Record<string, string>;
    const send = async (over: { body?: string; path?: string; headers?: Record<string, string> }): Promise<[number, string | null]> => {
      const reply = await fetch(`http://127.0.0.1:${relay.port}${over.path ?? caught.url}`, { method: 'POST', headers: { ...headers, ...over.headers }, body: over.body ?? caught.body });
      return [reply.status, reply.headers.get('x-relay-fault')];
    };
    const before = upstream.seen.length;
    assert.deepEqual(await send({ body: `${caught.body}&b=1` }), [401, 'not_proved']);
    assert.deepEqual(await send({ path: `${caught.url}?b=1` }), [401, 'not_proved']);
    assert.deepEqual(await send({ headers: { 'content-type': 'text/plain' } }), [401, 'not_proved']);
    assert.equal(upstream.seen.length, before);
    assert.deepEqual(await send({}), [418, null]);
    assert.deepEqual(await send({}), [401, 'used']);
    assert.equal(upstream.seen.length, before + 1);
  });

  it('leads to the platforms’ own gateways and nowhere else, and follows nobody who sends it on', async () => {
    const before = upstream.seen.length;
    for (const path of ['/relay/evil.example/api/router', '/relay/gw-api.pinduoduo.com/other', '/relay/gw-api.pinduoduo.com/api/routerx', '/relay/gw-api.pinduoduo.com/api/router/../../admin', '/relay/gw-api.pinduoduo.com/api/router/%2e%2e/admin', '/relay/gw-api.pinduoduo.com/api/router%2f..%2fadmin', '/relay/gw-api.pinduoduo.com:80/api/router', '/relay/gw-api.pinduoduo.com', '/', '/relay/127.0.0.1/api/router', '/relay/user@gw-api.pinduoduo.com/api/router']) {
      assert.equal(await faultOf(ask({ url: `http://127.0.0.1:${relay.port}${path}` })), 'not_a_gateway', path);
    }
    assert.equal(upstream.seen.length, before);
    assert.equal(await faultOf(ask({ url: `${url}/moved` })), 'redirected');
  });

  it('knows each platform’s address by its name, over TLS only, tokens on their own host', () => {
    const to = (path: string): string => upstreamOf(GATEWAYS, new URL(`https://relay.example/relay/${path}`))?.toString() ?? 'nowhere';
    assert.equal(to('eco.taobao.com/router/rest'), 'https://eco.taobao.com/router/rest');
    assert.equal(to('eco.taobao.com/token'), 'https://oauth.taobao.com/token');
    assert.equal(to('api.jd.com/oauth2/refresh_token?a=1'), 'https://open-oauth.jd.com/oauth2/refresh_token?a=1');
    assert.equal(to('api-cn.jd.com/rest/sp-order/v0/orders/1?a=1'), 'https://api-cn.jd.com/rest/sp-order/v0/orders/1?a=1');
    assert.equal(to('api.weixin.qq.com/channels/ec/order/get?access_token=t'), 'https://api.weixin.qq.com/channels/ec/order/get?access_token=t');
    assert.equal(to('api.weixin.qq.com/cgi-bin/user/get'), 'nowhere');
    assert.ok(GATEWAYS.every((g) => g.origin.startsWith('https://') && Object.values(g.elsewhere ?? {}).every((o) => o.startsWith('https://'))));
  });

  it('is itself proved: an answer that was changed, or that somebody else gave, is none', async () => {
    const middle = await listen((seen, answer) => void (async () => {
      const reply = await fetch(`http://127.0.0.1:${relay.port}${seen.url}`, { method: 'POST', headers: Object.fromEntries(Object.entries(seen.headers).filter(([k]) => k.startsWith('x-relay') || k === 'content-type' || k === 'accept')) as Record<string, string>, body: seen.body });
      const body = Buffer.from(await reply.arrayBuffer());
      body[0] = 9;
      answer(reply.status, Object.fromEntries([...reply.headers].filter(([k]) => !['connection', 'transfer-encoding', 'keep-alive'].includes(k))), body);
    })());
    assert.equal(await faultOf(ask({ url: `${middle.url}/relay/gw-api.pinduoduo.com/api/router` })), 'answer_not_proved');
    await closed(middle.server);
    const impostor = await listen((_seen, answer) => answer(200, { 'content-type': 'application/json' }, '{"order_info_get_response":{}}'));
    assert.equal(await faultOf(ask({ url: `${impostor.url}/relay/gw-api.pinduoduo.com/api/router` })), 'unreachable');
    await closed(impostor.server);
    const dead = await start([{ host: 'gw-api.pinduoduo.com', origin: 'http://127.0.0.1:1', paths: ['/api/router'] }]);
    assert.equal(await faultOf(ask({ url: `http://127.0.0.1:${dead.port}/relay/gw-api.pinduoduo.com/api/router` })), 'unreachable');
  });

  describe('between real connectors and the stand-ins', () => {
    let sandbox: TestSandbox;
    let live: Relay;
    const COURIER_HOSTS: Readonly<Record<string, string>> = { sf: 'sfapi.sf-express.com', cainiao: 'link.cainiao.com', kuaidi100: 'poll.kuaidi100.com' };
    const HOSTS: Readonly<Record<string, string>> = { taobao: 'eco.taobao.com', pinduoduo: 'gw-api.pinduoduo.com', 'wechat-shop': 'api.weixin.qq.com', jd: 'api.jd.com', douyin: 'openapi-fxg.jinritemai.com', kuaishou: 'openapi.kwaixiaodian.com' };
    before(async () => {
      sandbox = await startTestSandbox();
      live = await start([...Object.values({ ...HOSTS, ...COURIER_HOSTS }), 'api-cn.jd.com'].map((host) => ({ host, origin: sandbox.url, paths: ['/'] })));
    });
    after(() => sandbox.stop());

    for (const channel of Object.keys(shopChannels)) it(`${channel}: orders and a renewed token come through it as they come without it`, async () => {
      const { tid } = await sandbox.ask<{ tid: string }>('orders', { channel, merchantCode: 'LJ-100', quantity: 1 });
      const keys = sandbox.keysOf(channel);
      const path = new URL(keys.gateway);
      const saved: string[] = [];
      const context = (key: string): ChannelContext => ({
        credentials: { ...keys, extra: Object.fromEntries((shopChannels[channel]!.fields ?? []).map(({ name }) => [name, (keys as unknown as Record<string, string>)[name] ?? ''])) }, gateway: `http://127.0.0.1:${live.port}/relay/${HOSTS[channel]}${path.pathname}`, relay: { key, now: () => new Date() }, now: () => new Date(), saveCredentials: async (c) => void saved.push(c.accessToken), notice: async () => undefined,
      });
      await sandbox.ask('expire-tokens', { channel });
      const through = await shopChannels[channel]!.fetchOrder(context(KEY), tid);
      assert.ok(through.ok && through.value.platformOrderId === tid, JSON.stringify(through));
      assert.equal(saved.length, 1);
      const stranger = await shopChannels[channel]!.fetchOrder(context(OTHER), tid);
      assert.ok(!stranger.ok && (stranger.refusal.platformCode === 'relay_not_proved' || stranger.refusal.code === 'retry' || stranger.refusal.code === 'pause_shop'), JSON.stringify(stranger));
    });

    it('jd by SP-API: what is written with PUT goes through it, signature and all; a shop on the old gateway finds its bills behind it', async () => {
      const { tid } = await sandbox.ask<{ tid: string }>('orders', { channel: 'jd', merchantCode: 'LJ-100', quantity: 1 });
      const credentials = (await sandbox.ask<Record<string, ShopKeys>>('keys'))['jd']!;
      const context = (path: string): ChannelContext => ({ credentials, gateway: `http://127.0.0.1:${live.port}/relay/${path}`, relay: { key: KEY, now: () => new Date() }, now: () => new Date(), saveCredentials: async () => undefined, notice: async () => undefined });
      const [jd, sp] = [shopChannels['jd']!, context('api-cn.jd.com/jd/rest')];
      assert.deepEqual(await jd.pushMemo(sp, { platformOrderId: tid, memo: '多放一包', flag: 3 }), { ok: true, value: { again: false } });
      const read = await jd.fetchOrder(sp, tid);
      assert.ok(read.ok && read.value.sellerMemo === '多放一包', JSON.stringify(read));
      const noted = JSON.stringify(lines);
      assert.ok(noted.includes('/orders/…/vender-remarks') && !noted.includes(tid), 'of an order that a path names no number is kept');
      assert.deepEqual(await jd.fetchBill(context('api.jd.com/jd/routerjson'), '2020-01-01'), { ok: true, value: 'empty' });
    });

    for (const channel of Object.keys(courierChannels)) it(`${channel}: what a courier says of a number comes through it as without it, and it is a gateway of the relay`, async () => {
      const { gateway = '', ...account } = sandbox.keys[channel]!;
      const direct: CourierContext = { account, gateway, now: () => new Date(), notice: async () => undefined };
      const through = (key: string): CourierContext => ({ ...direct, gateway: `http://127.0.0.1:${live.port}/relay/${COURIER_HOSTS[channel]}${new URL(gateway).pathname}`, relay: { key, now: () => new Date() } });
      const courier = courierChannels[channel]!;
      const nobody = { key: 'nobody_1', courierCode: 'ZTO', trackingNumber: '75330000000000' };
      const look = (context: CourierContext) => (courier.capabilities.queryRoutes === true ? courier.queryRoutes(context, { ...nobody, phone: '13800138000' }) : courier.cancelWaybill(context, nobody));
      assert.deepEqual(await look(through(KEY)), await look(direct));
      const stranger = await look(through(OTHER));
      assert.ok(!stranger.ok && stranger.refusal.platformCode === 'relay_not_proved', JSON.stringify(stranger));
      const own = GATEWAYS.find((g) => g.host === COURIER_HOSTS[channel])!;
      assert.ok(own.paths.length === 1 && upstreamOf(GATEWAYS, new URL(`https://relay/relay/${own.host}${own.paths[0]!}`))?.host === own.host);
    });
  });

  it('has written down no body, no query, no header and no key', () => {
    assert.ok(lines.length > 20);
    const text = JSON.stringify(lines);
    for (const secret of [KEY, OTHER, 'access_token', 'session', 'app_secret', '值', 'x-relay', 'LJ-100', '龙井']) assert.ok(!text.includes(secret), secret);
    assert.deepEqual([...new Set(lines.flatMap((l) => Object.keys(l)))].sort(), ['at', 'bytesIn', 'bytesOut', 'fault', 'host', 'method', 'ms', 'path', 'status']);
  });

  it('starts from the command line: makes its key once, readable by nobody else, and does not listen in the open', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'suanpan-relay-'));
    const file = join(folder, 'relay.key');
    const child = await startChild(CLI, ['--key-file', file, '--port', '0'], () => undefined);
    const key = (await readFile(file, 'utf8')).trim();
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal(await faultOf(exchange({ url: `http://127.0.0.1:${String(child.ready['port'])}/relay/nowhere/`, relay: { key, now: () => new Date() } })), 'not_a_gateway');
    await child.stop();
    const open = spawnSync(process.execPath, ['--import', 'tsx', CLI, '--key-file', file, '--host', '0.0.0.0', '--port', '0'], { encoding: 'utf8' });
    assert.equal(open.status, 2);
    assert.match(open.stderr, /--tls-key/);
    assert.equal((await readFile(file, 'utf8')).trim(), key);
    await rm(folder, { recursive: true, force: true });
  });
});
