/**
 * A day of the sandbox company with every fault switched on: `npm run bench -- soak`. The world's clock and ours go `SPEED`
 * times as fast as the real one (60: the day takes 24 minutes; more is as good as this machine), `HOURS` long; with
 * `DOUBLE_ELEVEN=1` under twenty times the load. Jobs run once a minute of the world's, as the schedule would have them run.
 * Afterwards, in the quiet, the platforms' truth is asked and compared. Fails when anything is lost, doubled or told twice.
 */
import assert from 'node:assert/strict';
import { businessDayOf } from '../../api/contract/values/time.ts';
import { Orders, Parcels } from '../../api/orders/index.ts';
import { companyLists, connect } from '../../api/demo/load-demo.ts';
import { Notices, Shops } from '../../api/shops/index.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { startSharedStore, stopSharedStore } from '../support/shared-store.ts';
import type { Bench, Measure } from './measure.ts';

const SPEED = Number(process.env['SPEED'] ?? 60);
const HOURS = Number(process.env['HOURS'] ?? 24);
const PEAK = process.env['DOUBLE_ELEVEN'] === '1';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Every fault that the stand-ins know, at rates without a common divisor, so that each meets each. */
const FAULTS = { busyEvery: 29, cutEvery: 37, cutAfterEvery: 31, brokenAfterEvery: 43, slowEvery: 53, slowMs: 120, banEvery: 101, repeat: true, echo: true, shuffle: true, newField: true, lateMs: 4_000 };
const SHIPPED_AT_ONCE = 500;

type True = { channel: string; tid: string; state: string; paidAt?: string; paidFen: number; wrongFen: number; planted?: object; shipments: { trackingNumber: string; by: string }[]; refunds: { state: string }[] };
type Truth = { now: string; orders: True[]; calls: Record<string, number> };
type Seen = { lag: number[]; at: Map<string, number>; again: number; runs: number; failed: number; behindMs: number };

/** Orders that our store has not shown before, with how long after their payment it does. */
async function look(test: TestService, seen: Seen, since: Date): Promise<void> {
  const fresh = await Orders.find({ paidAt: { $gte: since } }, { platformOrderId: 1, paidAt: 1 }).sort({ changedAt: -1 }).limit(20_000).lean<{ platformOrderId: string; paidAt: Date }[]>();
  const now = test.rt.clock.now().getTime();
  for (const o of fresh) {
    if (seen.at.has(o.platformOrderId)) continue;
    seen.at.set(o.platformOrderId, now);
    seen.lag.push(now - o.paidAt.getTime());
  }
}

/** What the shop's people do: print and ship what is ready, and say yes again where a renewal's answer was lost. */
async function people(test: TestService, seen: Seen): Promise<void> {
  const ids = (await Parcels.find({ state: 'reserved' }, { _id: 1 }).limit(SHIPPED_AT_ONCE).lean()).map((p) => p._id);
  if (ids.length > 0) {
    await test.call('POST', '/api/v1/parcels/print', { ids });
    await test.call('POST', '/api/v1/parcels/ship', { ids });
  }
  for (const shop of await Shops.find({ kind: 'shop', status: 'paused' }).lean()) {
    seen.again += 1;
    const link = await test.call<{ state: string }>('POST', `/api/v1/shops/${shop._id}/authorise`, { redirectUri: 'https://erp.example' });
    const done = await test.call('POST', '/api/v1/shops/authorised', { state: link.body.state, code: 'sandbox-code' });
    assert.equal(done.status, 200, JSON.stringify([shop.name, shop.lastError, done.body]));
  }
}

async function minute(test: TestService, seen: Seen, since: Date, n: number): Promise<void> {
  const failed = await test.job('sync-channels').then((r) => Number(r['shopsFailed'] ?? 0));
  seen.failed += failed;
  seen.runs += 1;
  await look(test, seen, since);
  await test.job('push-shipments');
  if (n % 5 === 0) for (const job of ['review-orders', 'plan-parcels']) await test.job(job);
  if (n % 5 === 0) await people(test, seen);
  if (n % 30 === 7) await test.job('push-stock');
  if (n % 60 === 11) await test.job('renew-tokens');
}

/** Without faults, until a pull went well in every shop and no push waits. Buyers go on coming: answers when the last pull began, of which all before must be ours. */
async function quiet(test: TestService, sandbox: TestSandbox, seen: Seen, since: Date): Promise<Date> {
  let begun = test.rt.clock.now();
  await sandbox.ask('unfriendly', { channel: '*' });
  for (let tries = 0, calm = 0; calm < 1; tries += 1) {
    assert.ok(tries < 400, 'never quiet');
    begun = test.rt.clock.now();
    const r = await test.job('sync-channels');
    await look(test, seen, since);
    const waiting = await Parcels.countDocuments({ pushState: 'waiting' });
    if (waiting > 0) await test.job('push-shipments');
    await people(test, seen);
    calm = waiting === 0 && Number(r['windows']) > 0 && r['shopsFailed'] === 0 ? calm + 1 : 0;
  }
  return begun;
}

const percentile = (list: readonly number[], p: number): number => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))] ?? 0;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

type Verdict = { late: number; lateOurs: number; shops: number; theirs: number; ours: number; lost: string[]; doubled: string[]; different: string[]; told: number; twice: string[]; untold: string[] };
async function compare(sandbox: TestSandbox, from: Date, until: Date): Promise<Verdict> {
  const paidSince = (await sandbox.ask<Truth>('truth')).orders.filter((o) => o.paidAt && Date.parse(o.paidAt) >= from.getTime());
  const [truth, late] = [paidSince.filter((o) => Date.parse(o.paidAt!) <= until.getTime()), paidSince.filter((o) => Date.parse(o.paidAt!) > until.getTime())];
  const rows = await Orders.find({}, { channel: 1, platformOrderId: 1, paidFen: 1 }).lean<{ channel: string; platformOrderId: string; paidFen: number }[]>();
  const count = new Map<string, number>();
  const paid = new Map<string, number>();
  for (const r of rows) {
    count.set(r.platformOrderId, (count.get(r.platformOrderId) ?? 0) + 1);
    paid.set(r.platformOrderId, r.paidFen);
  }
  const byApi = truth.map((o) => ({ o, numbers: o.shipments.filter((s) => s.by === 'api').map((s) => s.trackingNumber) }));
  const accepted = new Set((await Parcels.find({ state: { $in: ['shipped', 'delivered'] } }, { pushes: 1, trackingNumber: 1 }).lean<{ pushes: { platformOrderId: string; state: string }[]; trackingNumber: string }[]>())
    .flatMap((p) => p.pushes.filter((x) => x.state === 'accepted').map((x) => `${x.platformOrderId} ${p.trackingNumber}`)));
  const there = new Set(byApi.flatMap(({ o, numbers }) => numbers.map((n) => `${o.tid} ${n}`)));
  return {
    late: late.length, lateOurs: late.filter((o) => count.has(o.tid)).length, shops: new Set(truth.map((o) => o.channel)).size, theirs: truth.length, ours: truth.filter((o) => count.has(o.tid)).length, lost: truth.filter((o) => !count.has(o.tid)).map((o) => `${o.channel} ${o.tid}`),
    doubled: [...count].filter(([, n]) => n > 1).map(([id]) => id), different: truth.filter((o) => count.has(o.tid) && paid.get(o.tid) !== o.paidFen + o.wrongFen && !o.planted).map((o) => `${o.channel} ${o.tid} ${String(paid.get(o.tid))} ${o.paidFen}`),
    told: there.size, twice: byApi.filter(({ numbers }) => new Set(numbers).size !== numbers.length).map(({ o }) => o.tid), untold: [...accepted].filter((x) => !there.has(x)),
  };
}

async function run(): Promise<Measure[]> {
  const since = new Date();
  const at = (real: number): Date => new Date(since.getTime() + (real - since.getTime()) * SPEED);
  await startSharedStore();
  const sandbox = await startTestSandbox(['--since', since.toISOString(), '--speed', String(SPEED), '--per-day', '0', '--open-per-day', '0', ...(PEAK ? ['--double-eleven'] : [])]);
  const test = await startTestService({ clock: { now: () => at(Date.now()) } });
  const seen: Seen = { lag: [], at: new Map(), again: 0, runs: 0, failed: 0, behindMs: 0 };
  try {
    await companyLists(test.rt);
    await connect(test.rt, sandbox.url, 0);
    const begun = test.rt.clock.now();
    const end = begun.getTime() + HOURS * HOUR;
    await sandbox.ask('unfriendly', { channel: '*', ...FAULTS });
    let expiry = begun.getTime() + HOUR;
    for (let n = 0; test.rt.clock.now().getTime() < end; n += 1) {
      const due = begun.getTime() + n * MINUTE;
      const early = due - test.rt.clock.now().getTime();
      seen.behindMs = Math.max(seen.behindMs, -early);
      // Minutes that are over already are not made up for, as a schedule would not.
      if (early < -MINUTE) n += Math.floor(-early / MINUTE);
      if (early > 0) await new Promise((resolve) => { setTimeout(resolve, early / SPEED); });
      await minute(test, seen, begun, n);
      if (test.rt.clock.now().getTime() >= expiry) {
        await sandbox.ask('expire-tokens', { channel: '*' });
        expiry += 6 * HOUR;
      }
      if (seen.runs % 60 === 0) say(`  ${test.rt.clock.now().toISOString()} ${seen.at.size} orders seen, lag median ${(percentile(seen.lag, 0.5) / 1000).toFixed(0)} s, ${seen.failed} windows refused, ${seen.again} times authorised again`);
    }
    const v = await compare(sandbox, since, new Date((await quiet(test, sandbox, seen, begun)).getTime() - FAULTS.lateMs));
    const { calls } = await sandbox.ask<Truth>('truth');
    say(`a day from ${businessDayOf(begun)} on, ${HOURS} h at speed ${SPEED}${PEAK ? ', double eleven' : ''}: ${v.shops} shops, ${Object.values(calls).reduce((a, b) => a + b, 0)} calls, ${seen.runs} pulls of which ${seen.failed} windows were refused and tried again, ${seen.again} times authorised again`);
    say(`orders: theirs ${v.theirs}, ours ${v.ours}, lost ${v.lost.length}, doubled ${v.doubled.length}, with another amount ${v.different.length}; buyers who paid after the last pull began: ${v.late}, of whom ${v.lateOurs} are here already`);
    say(`shipments: told and accepted ${v.told}, twice ${v.twice.length}, said to be accepted and not there ${v.untold.length}, refused ${await Notices.countDocuments({ kind: 'push_refused' })}`);
    say(`lag from payment to our store: median ${(percentile(seen.lag, 0.5) / 1000).toFixed(0)} s, p99 ${(percentile(seen.lag, 0.99) / 1000).toFixed(0)} s, most ${(percentile(seen.lag, 1) / 1000).toFixed(0)} s of the world's time (${seen.lag.length} orders; most that the pulls were behind their minute ${(seen.behindMs / 1000).toFixed(0)} s)`);
    for (const list of [v.lost, v.doubled, v.different, v.twice, v.untold]) if (list.length > 0) say(`  ${list.slice(0, 10).join('; ')}`);
    assert.deepEqual([v.lost, v.doubled, v.different, v.twice, v.untold], [[], [], [], [], []]);
    return [{ name: `soak: orders of a day, ours against theirs`, unit: 'orders', besideName: 'truth', ours: v.ours, beside: v.theirs }];
  } finally {
    await test.stop();
    await sandbox.stop();
    await stopSharedStore();
  }
}
export const soak: Bench = { name: 'soak', run, alone: true };
