import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { SandboxWorld } from '../../api/channels/sandbox/make-world.ts';
import { taobaoProfile } from '../../api/channels/taobao/sandbox/profile.ts';
import { taobaoStandIn } from '../../api/channels/taobao/sandbox/stand-in.ts';
import { fileShop } from '../../api/shops/index.ts';
import { matchListing, openStock, upsertSkus, upsertWarehouses } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { sku } from '../support/world.ts';

/** A shop on a platform that sells only what it was told is there. */
type Shop = { readonly world: SandboxWorld; readonly server: Server; readonly keys: Readonly<Record<string, string>>; left: number; told: number[]; buy: (quantity: number) => boolean };
type Listing = { id: string; shopName: string; skuCode: string; wantedQuantity: number; pushedQuantity: number; pushState: string; formula: { zh: string }; revision: number; platformQuantity: number | null; rule: Record<string, unknown> };
const PIECES = 1_000;
const CODE = 'LJ-100';

async function openShop(seed: number): Promise<Shop> {
  const shop: { left: number; told: number[]; sku: string } = { left: 0, told: [], sku: '' };
  const world: SandboxWorld = new SandboxWorld({
    seed, since: new Date(), live: false, platforms: [taobaoProfile], clock: () => Date.now(), historyPerDay: 0, openPerDay: 0, livePerDay: 0,
    journal: (deed) => { if (deed.do === 'quantity') { shop.left = deed.quantity; shop.told.push(deed.quantity); } },
  });
  const mounted = taobaoStandIn.mount({ world, dataDir: tmpdir(), onTokens: () => undefined });
  const server = createServer((request, response) => void mounted.handle(request, response, new URL(request.url ?? '/', 'http://stand-in')));
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(shop, {
    world, server, keys: mounted.keys(origin),
    buy: (quantity: number): boolean => {
      if (quantity > shop.left) return false;
      shop.left -= quantity;
      world.apply({ do: 'place', input: { channel: 'taobao', merchantCode: CODE, quantity } });
      return true;
    },
  });
}

describe('stock told to the shops', () => {
  let test: TestService;
  let shops: Shop[];
  /** The platform's times have whole seconds: a window must have passed an order's. */
  let shift = 0;
  const sold = (): number => shops.reduce((n, s) => n + s.world.orders().reduce((m, o) => m + o.lines.reduce((k, l) => k + l.quantity, 0), 0), 0);
  const listings = async (): Promise<Listing[]> => (await test.call<{ rows: Listing[] }>('GET', '/api/v1/listings?limit=100')).body.rows.filter((l) => l.shopName.startsWith('店 '));
  before(async function () {
    this.timeout(180_000);
    test = await startTestService({ clock: { now: () => new Date(Date.now() + shift) } });
    await upsertWarehouses(test.rt, [{ code: 'HZ', name: '杭州仓', priority: 1 }]);
    await upsertSkus(test.rt, [sku(CODE)]);
    await openStock(test.rt, [{ warehouseCode: 'HZ', skuCode: CODE, quantity: PIECES, unitCostFen: 5_800 }]);
    shops = await Promise.all([1, 2, 3, 4, 5, 6].map(openShop));
    for (const [i, s] of shops.entries()) {
      const made = await test.call('POST', '/api/v1/shops', { channel: 'taobao', name: `店 ${i + 1}`, ...s.keys });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      s.left = 1;
      assert.ok(s.buy(1));
    }
    shift += 2_000;
    await test.job('sync-channels');
    await test.job('push-stock');
  });
  after(async () => {
    await test.stop();
    for (const s of shops) { s.server.closeAllConnections(); s.server.close(); }
  });

  it('each shop is told what is left after every shop’s sales, held orders included, by one formula', async () => {
    assert.deepEqual(shops.map((s) => s.left), shops.map(() => PIECES - 6));
    for (const l of await listings()) {
      assert.deepEqual([l.wantedQuantity, l.pushedQuantity, l.pushState], [PIECES - 6, PIECES - 6, 'told']);
      assert.equal(l.formula.zh, `可用 ${PIECES} − 已卖待占用 6 = ${PIECES - 6}`);
    }
  });

  it('a run in which nothing has changed tells nobody, nor is a shop without a door told anything', async () => {
    const filed = await fileShop(test.rt, 'jd');
    await matchListing(test.rt, { shopId: filed._id, platformItemId: '77', platformSkuId: '', merchantCode: CODE, title: 'x' });
    await test.job('push-stock');
    const before = shops.map((s) => s.told.length);
    assert.deepEqual(await test.job('push-stock'), { pushed: 0, refused: 0, later: 0 });
    assert.deepEqual(shops.map((s) => s.told.length), before);
  });

  it('a rule is one formula of its own: kept back, share, cap, off below, presale, fixed, off', async () => {
    const [first] = await listings();
    const rule = async (set: Record<string, unknown>): Promise<Listing> => {
      assert.equal((await test.call('POST', '/api/v1/listings/rules', { ids: [first!.id], rule: { mode: 'auto', shareRate: 10_000, keepBack: 0, offBelow: 0, cap: null, fixed: 0, presale: 0, ...set } })).status, 200);
      await test.job('push-stock');
      return (await listings()).find((l) => l.id === first!.id)!;
    };
    const left = PIECES - 6;
    const shown = await rule({ keepBack: 94, shareRate: 5_000, cap: 400, presale: 7 });
    assert.deepEqual([shown.wantedQuantity, shown.pushedQuantity], [407, 407]);
    assert.equal(shown.formula.zh, `可用 ${PIECES} − 已卖待占用 6 − 预留 94，× 50% → 450，封顶 400 + 预售 7 = 407`);
    assert.equal((await rule({ offBelow: left + 1 })).pushedQuantity, 0);
    assert.equal((await rule({ mode: 'fixed', fixed: 33 })).pushedQuantity, 33);
    const off = await rule({ mode: 'off' });
    assert.deepEqual([off.pushState, off.pushedQuantity], ['off', 33]);
    const edited = await test.call('POST', '/api/v1/sheets/listings/publish', { batchId: 'batch-rule-1', rows: [{ id: off.id, revision: off.revision, cells: { mode: '自动', keepBack: 4 } }] });
    assert.equal(edited.status, 200, JSON.stringify(edited.body));
    await test.job('push-stock');
    assert.equal((await listings()).find((l) => l.id === first!.id)!.pushedQuantity, left - 4);
    await rule({});
  });

  it('the nightly comparison finds what the platform shows wrongly, says so, and mends it', async () => {
    const [shop] = shops;
    const wrong = Object.keys(shop!.world.quantities())[0]!;
    shop!.world.apply({ do: 'quantity', sku: wrong, quantity: 5_000 });
    const done = await test.job('compare-stock');
    assert.deepEqual([done['drifted'], done['told']], [1, 1]);
    assert.equal(shop!.left, PIECES - 6);
    const notices = async (): Promise<string[]> => (await test.call<{ rows: { kind: string; closedAt?: string }[] }>('GET', '/api/v1/notices?limit=100')).body.rows.filter((n) => !n.closedAt).map((n) => n.kind);
    assert.ok((await notices()).includes('stock_drift'));
    await test.job('compare-stock');
    assert.ok(!(await notices()).includes('stock_drift'), 'it closes itself');
  });

  it('a flag that a rule puts on an order is told to its platform once; the seller’s words stay', async () => {
    // One buyer has ordered in all six: of whom nobody knew the order was reviewed as it came in, wherever that was first; the others wait.
    const waits = (await test.call<{ rows: { shopName: string; reviewState: string }[] }>('GET', '/api/v1/orders?limit=100')).body.rows.find((o) => o.reviewState === 'pending')!;
    const shop = shops[Number(waits.shopName.slice(2)) - 1]!;
    const theirs = () => shop.world.orders()[0]!;
    await test.call('POST', '/api/v1/rules/order-review/publish', { base: 0, note: '', rows: [{ id: 'R1', enabled: true, cells: { shop: waits.shopName, setFlag: '绿旗' } }] });
    await test.job('review-orders');
    shop.world.apply({ do: 'memo', tid: theirs().tid, memo: '轻拿轻放', flag: 0 });
    assert.deepEqual(await test.job('push-shipments'), { accepted: 0, refused: 0, retry: 0, flags: 1, flagsRefused: 0 });
    assert.deepEqual([theirs().sellerMemo, theirs().sellerFlag], ['轻拿轻放', 3]);
    assert.deepEqual(shops.filter((s) => s !== shop).map((s) => s.world.orders()[0]!.sellerFlag), [0, 0, 0, 0, 0], 'no other shop’s');
    assert.deepEqual(await test.job('push-shipments'), { accepted: 0, refused: 0, retry: 0 });
  });

  it('six shops sell the same thousand pieces at once: what was told is never sold twice, and what was on its way is measured', async function () {
    this.timeout(180_000);
    let beyond = 0;
    for (let round = 0; round < 40 && shops.some((s) => s.left > 0); round += 1) {
      const [before, there] = [sold(), PIECES - sold()];
      assert.deepEqual(shops.map((s) => s.left), shops.map(() => Math.max(0, there)), `every shop shows what is left, round ${round}`);
      // Three buyers a shop, in all six at once, until one of them finds too little.
      for (const s of shops) for (let i = 0; i < 3; i += 1) s.buy(7 + ((round + i) % 5)) || s.buy(s.left);
      beyond += Math.max(0, sold() - before - there);
      shift += 2_000;
      await test.job('sync-channels');
      await test.job('push-stock');
    }
    assert.deepEqual(shops.map((s) => s.left), [0, 0, 0, 0, 0, 0]);
    assert.equal(sold() - PIECES, beyond, 'nothing is oversold but what the platforms accepted before the push');
    const { body } = await test.call<{ oversold: { skuCode: string; pieces: number }[] }>('GET', '/api/v1/stock/summary');
    assert.deepEqual(body.oversold.map((o) => [o.skuCode, o.pieces]), beyond > 0 ? [[CODE, beyond]] : []);
    // Planned and shipped, the thousand pieces are promised once.
    await test.job('review-orders');
    await test.job('plan-parcels');
    const position = (await test.call<{ rows: { onHand: number; reserved: number; available: number }[] }>('GET', '/api/v1/positions?limit=10')).body.rows[0]!;
    assert.ok(position.reserved <= PIECES && position.available >= 0);
  });
});
