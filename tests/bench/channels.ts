/**
 * Orders a second from a platform's stand-in into our store (pull, parse, upsert), against a floor that sends the same calls
 * again, as many at once, and only parses the answers. Both keep to the platform's rate, and both are measured twice: with stand-ins
 * that answer from next door, and with such that take as long as a platform over the internet (`LATENCY`, 100 ms where it is not
 * given: no platform's documents name one). `ORDERS=5000 npm run bench -- channels`; with `ONLY=douyin` for one.
 * `DAY=taobao ORDERS=100000` pulls one shop's day and says how near it came to that rate, and how long it stood idle.
 */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { businessDayOf, DAY_MS } from '../../api/contract/values/time.ts';
import { inParallel } from '../../api/channels/transport/throttle.ts';
import { makeLimits, spentOfLimits, type Spent } from '../../api/channels/transport/limits.ts';
import { connect, companyLists } from '../../api/demo/load-demo.ts';
import { Orders, syncChannels } from '../../api/orders/index.ts';
import { Raws } from '../../api/orders/store/models.ts';
import { Shops } from '../../api/shops/index.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { startSharedStore, stopSharedStore } from '../support/shared-store.ts';
import type { Bench, Measure } from './measure.ts';

const ONE_DAY = process.env['DAY'] ?? '';
const COUNT = Number(process.env['ORDERS'] ?? 600);
const SPAN_MS = ONE_DAY ? DAY_MS : 2 * 3_600_000;
const SHARE: Readonly<Record<string, number>> = { taobao: 1, pinduoduo: 0.4, jd: 0.35, douyin: 0.35, kuaishou: 0.3, 'wechat-shop': 0.3 };
/** How long the platform takes for an answer. */
const LATENCIES = process.env['LATENCY'] !== undefined ? [Number(process.env['LATENCY'])] : ONE_DAY ? [0] : [0, 100];

type Sent = { readonly url: string; readonly init: RequestInit; readonly at: number; until: number };
/** Notes every call to the stand-ins, and when it was under way. */
function listen(origin: string): { readonly sent: Sent[]; readonly stop: () => void; readonly bare: typeof fetch } {
  const bare = globalThis.fetch;
  const sent: Sent[] = [];
  globalThis.fetch = async (input, init) => {
    const url = String(input);
    if (!url.startsWith(origin) || url.includes('/__sandbox/')) return bare(input, init);
    const one: Sent = { url, init: { ...init, signal: null }, at: performance.now(), until: 0 };
    sent.push(one);
    return bare(input, init).finally(() => { one.until = performance.now(); });
  };
  return { sent, bare, stop: () => { globalThis.fetch = bare; } };
}

const spentSince = (before: readonly Spent[]): Spent[] => spentOfLimits().map((s) => {
  const was = before.find((b) => b.app === s.app && b.method === s.method);
  return { ...s, calls: s.calls - (was?.calls ?? 0), waitedMs: s.waitedMs - (was?.waitedMs ?? 0) };
}).filter((s) => s.calls > 0);

/** The same calls with nothing but HTTP and JSON.parse, inside the same rates. */
async function floorMs(sent: readonly Sent[], bare: typeof fetch, spent: readonly Spent[]): Promise<number> {
  const busiest = spent.reduce((a, b) => (b.calls / b.rate.perSecond > a.calls / a.rate.perSecond ? b : a));
  // Which call is whose in the bucket is not seen from outside: those of the busiest method are held to its rate.
  const limits = makeLimits(busiest.rate);
  const from = performance.now();
  let left = busiest.calls;
  await inParallel(sent, widthOf(sent), async ({ url, init }) => {
    if (left-- > 0) await limits.take('floor', 'floor', Infinity);
    JSON.parse(new TextDecoder().decode(await (await bare(url, init)).arrayBuffer()));
  });
  return performance.now() - from;
}

/** The most calls that were under way at once. */
function widthOf(sent: readonly Sent[]): number {
  const turns = sent.flatMap(({ at, until }) => [[at, 1], [until, -1]] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let [now, most] = [0, 1];
  for (const [, by] of turns) most = Math.max(most, (now += by));
  return most;
}

/** How long a call was under way; the rest is our own work, and waiting. */
function underWayMs(sent: readonly Sent[]): number {
  let [total, end] = [0, -Infinity];
  for (const { at, until } of sent) {
    total += Math.max(0, until - Math.max(at, end));
    end = Math.max(end, until);
  }
  return total;
}

async function pulled(test: TestService): Promise<void> {
  for (let windows = 1; windows > 0;) {
    // Not by HTTP, whose caller would not wait for a day's orders.
    const r = await syncChannels(test.rt, new AbortController().signal);
    assert.equal(r.shopsFailed, 0, JSON.stringify(r));
    windows = r.orders + r.changed;
  }
}

/** The least that keeping them costs: the same orders and bodies, into empty collections with the same indexes, by the driver alone. */
async function bareWrites(channel: string): Promise<number> {
  const orders = await Orders.collection.find({ channel }).toArray();
  const copies = await Promise.all([[Orders, orders], [Raws, await Raws.collection.find({ platformId: { $in: orders.map((o) => String(o['platformOrderId'])) } }).toArray()]].map(async ([model, docs]) => {
    const from = (model as typeof Orders).collection;
    const to = Orders.db.collection(`bench_${from.collectionName}_${channel}`);
    for (const { key, unique, sparse } of (await from.indexes()).filter((i) => i.name !== '_id_')) await to.createIndex(key, { ...(unique ? { unique } : {}), ...(sparse ? { sparse } : {}) });
    return { to, docs: docs as typeof orders };
  }));
  const from = performance.now();
  for (const { to, docs } of copies) for (let i = 0; i < docs.length; i += 200) await to.insertMany(docs.slice(i, i + 200));
  return (orders.length * 1000) / (performance.now() - from);
}

type Run = { readonly ours: number; readonly floor: number; readonly writes: number; readonly orders: number };
async function oneChannel(test: TestService, sandbox: TestSandbox, channel: string): Promise<Run> {
  await Shops.updateMany({ kind: 'shop' }, { $set: { status: 'paused' } });
  await Shops.updateOne({ kind: 'shop', channel }, { $set: { status: 'active' } });
  const calls = listen(sandbox.url);
  const before = spentOfLimits();
  const loop = performance.eventLoopUtilization();
  const from = performance.now();
  await pulled(test);
  const took = performance.now() - from;
  const busy = performance.eventLoopUtilization(loop).utilization;
  calls.stop();
  const orders = await Orders.countDocuments({ channel });
  const theirs = (await sandbox.ask<{ orders: { channel: string; tid: string }[] }>('truth')).orders.filter((o) => o.channel === channel);
  assert.ok(orders > 0 && orders <= theirs.length, `${orders} of ${theirs.length}`);
  const spent = spentSince(before);
  const busiest = spent.reduce((a, b) => (b.calls > a.calls ? b : a));
  const underWay = underWayMs(calls.sent);
  const rate = (busiest.calls * 1000) / took;
  process.stdout.write(`  ${channel}: ${orders} orders, ${calls.sent.length} calls in ${(took / 1000).toFixed(1)} s; ${busiest.method} ${rate.toFixed(0)} a second of ${busiest.rate.perSecond} allowed, ${(busiest.waitedMs / 1000).toFixed(1)} s of waiting for a turn in it; a call under way ${((100 * underWay) / took).toFixed(0)} %, our process busy ${(100 * busy).toFixed(0)} % of the time\n`);
  return { ours: (orders * 1000) / took, floor: ONE_DAY ? 0 : (orders * 1000) / (await floorMs(calls.sent, calls.bare, spent)), writes: ONE_DAY ? 0 : await bareWrites(channel), orders };
}

async function run(latencyMs: number): Promise<Measure[]> {
  const since = new Date(Date.now() - SPAN_MS);
  const least = ONE_DAY ? SHARE[ONE_DAY] ?? 1 : Math.min(...Object.values(SHARE));
  await startSharedStore();
  const sandbox = await startTestSandbox(['--since', since.toISOString(), '--live', '--per-day', '0', '--open-per-day', '0', '--live-per-day', String(Math.ceil((COUNT * DAY_MS) / SPAN_MS / least))]);
  const test = await startTestService();
  try {
    await companyLists(test.rt);
    await connect(test.rt, sandbox.url, 1);
    await Shops.updateMany({ kind: 'shop' }, { $set: { pullFrom: new Date(Math.max(since.getTime(), Date.parse(`${businessDayOf(since)}T00:00:00+08:00`))) } });
    // The stand-ins' own ceiling is far above what a connector may ask for; the floor would meet it.
    await sandbox.ask('unfriendly', { channel: '*', perSecond: 1e9, ...(latencyMs > 0 ? { slowEvery: 1, slowMs: latencyMs } : {}) });
    const measures: Measure[] = [];
    for (const channel of process.env['ONLY'] ? [process.env['ONLY']] : ONE_DAY ? [ONE_DAY] : Object.keys(SHARE)) {
      const { ours, floor, writes, orders } = await oneChannel(test, sandbox, channel);
      measures.push({ name: `channels: ${channel}, pull, parse, upsert (${orders}${latencyMs > 0 ? `, answers in ${latencyMs} ms` : ''})`, unit: 'orders/s', ours, beside: ONE_DAY ? ours : floor, besideName: ONE_DAY ? 'itself' : 'HTTP and JSON.parse' });
      if (!ONE_DAY && latencyMs === 0) measures.push({ name: `channels: ${channel}, the same beside bare writes`, unit: 'orders/s', ours, beside: writes, besideName: 'insertMany of the same, same indexes' });
    }
    return measures;
  } finally {
    await test.stop();
    await sandbox.stop();
    await stopSharedStore();
  }
}
export const channels: Bench = {
  name: 'channels', alone: true,
  run: async () => {
    const measures: Measure[] = [];
    for (const latencyMs of LATENCIES) measures.push(...await run(latencyMs));
    return measures;
  },
};
