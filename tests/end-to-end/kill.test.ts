import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../house/source.ts';
import { startProduct, type Product } from '../support/product.ts';

/** Three in the suite; `KILLS=10 npx mocha tests/end-to-end/kill.test.ts` for the long run. The moments come from a seed. */
const KILLS = Number(process.env['KILLS'] ?? 3);
const DAYS = 10;
const SEED = Number(process.env['SEED'] ?? 7);

function* moments(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield 300 + (state % 4_000);
  }
}

type OrderRow = { platformOrderId: string; shopId: string };
async function everyOrder(product: Product): Promise<OrderRow[]> {
  const rows: OrderRow[] = [];
  for (let since = '', more = true; more;) {
    const { body } = await product.call<{ rows: OrderRow[]; cursor: string; more: boolean }>('GET', `/api/v1/orders?limit=2000${since ? `&since=${since}` : ''}`);
    rows.push(...body.rows);
    ({ cursor: since, more } = body);
  }
  return rows;
}

async function demoReady(product: Product): Promise<void> {
  for (;;) {
    const { body } = await product.call<{ state: string; error?: string }>('GET', '/api/v1/demo');
    if (body.state === 'ready') return;
    if (body.state === 'failed') throw new Error(body.error);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

describe('killed while the sandbox company loads', () => {
  let dataDir: string;
  let running: Product | undefined;
  before(async () => { dataDir = await mkdtemp(join(tmpdir(), 'suanpan-kill-')); });
  after(async () => {
    await running?.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  it(`${KILLS} times with kill -9 of every process: no order lost or doubled, the books and the stock agree`, async function () {
    this.timeout(600_000);
    const moment = moments(SEED);
    for (let i = 0; i < KILLS; i += 1) {
      const product = await startProduct(dataDir, ['--demo'], { DEMO_DAYS: String(DAYS) });
      await new Promise((resolve) => setTimeout(resolve, moment.next().value as number));
      await product.kill();
    }
    const product = await startProduct(dataDir, ['--demo'], { DEMO_DAYS: String(DAYS) });
    running = product;
    await demoReady(product);
    const ours = (await everyOrder(product)).map((o) => o.platformOrderId).sort();
    const { body } = await product.call<{ rows: { gateway: string; channel: string }[] }>('GET', '/api/v1/shops');
    const stand = new URL(body.rows.find((s) => s.gateway.includes('/router/'))!.gateway).origin;
    const truth = (await (await fetch(`${stand}/__sandbox/truth`)).json()) as { orders: { tid: string; channel: string; paidAt?: string }[] };
    const known = new Set(truth.orders.map((o) => o.tid));
    assert.equal(new Set(ours).size, ours.length, 'doubled');
    assert.deepEqual(ours.filter((tid) => !known.has(tid)), [], 'invented');
    // Every shop's paid orders of the time that it is pulled from (narrow windows: the last days only). Buyers go on buying:
    // what was paid after the last pull can still be missing.
    const [pulledLongest, pulledFrom, lastPull] = [Date.now() - (DAYS - 1) * 24 * 3_600_000, Date.now() - 36 * 3_600_000, Date.now() - 3 * 60_000];
    const paid = truth.orders.filter((o) => o.paidAt && Date.parse(o.paidAt) < lastPull && Date.parse(o.paidAt) > (o.channel === 'taobao' ? pulledLongest : pulledFrom));
    const have = new Set(ours);
    assert.ok(new Set(paid.map((o) => o.channel)).size >= 5, 'every platform has orders');
    assert.deepEqual(paid.filter((o) => !have.has(o.tid)).map((o) => `${o.channel} ${o.tid}`), [], 'lost');
    assert.equal(await product.stop(), 0);
    running = undefined;
    const audit = spawnSync(process.execPath, ['--import', 'tsx', 'api/cli/audit.ts'], { cwd: ROOT, env: { ...process.env, DATA_DIR: dataDir }, encoding: 'utf8' });
    assert.equal(audit.status, 0, audit.stdout + audit.stderr);
  });
});
