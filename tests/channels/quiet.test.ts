import assert from 'node:assert/strict';
import fc from 'fast-check';
import { businessDayOf } from '../../api/contract/values/time.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';

/** More with `RUNS=50 npx mocha tests/channels/quiet.test.ts`, one again with `SEED=…`. */
const RUNS = Number(process.env['RUNS'] ?? 4);
const SEED = process.env['SEED'] ? { seed: Number(process.env['SEED']) } : {};
type World = { tid: string; channel: string; state: string; paidAt?: string; paidFen: number; sellerMemo: string; buyerMessage: string; receiver: { address: string }; shipments: { trackingNumber: string }[]; refunds: { oid: string; state: string; refundFen: number }[]; lines: { oid: string; skuId: string; quantity: number; paidFen: number }[] };
type Row = { platformOrderId: string; channel: string; status: string; paidFen: number; sellerMemo: string; buyerMessage: string; lines: { platformLineId: string; quantity: number; paidFen: number; refundState: string }[] };
type Refund = { platformOrderId: string; platformLineId: string; state: string; refundFen: number };

const STATUS: Readonly<Record<string, string>> = { to_ship: 'to_ship', partly_shipped: 'partly_shipped', shipped: 'shipped', finished: 'completed', refunded: 'closed', cancelled: 'closed' };
/** Pinduoduo's order stays shipped when its money goes back after that: whether all of it, only the refunds say. */
const stateOf = (o: World): string => (o.channel === 'pinduoduo' && o.state === 'refunded' && o.shipments.length > 0 ? 'shipped' : STATUS[o.state] ?? o.state);
/** JD locks an order while a refund is asked for before it has left, and its refunds name the order and no line. */
const jdLocked = (o: World): boolean => o.channel === 'jd' && (o.state === 'to_ship' || o.state === 'partly_shipped') && o.refunds.some((r) => r.state === 'requested');
/** As on Kuaishou; JD's second gateway names it. */
const lineOfRefund = (o: World, oid: string, sp: boolean): string => ((o.channel === 'jd' && !sp) || o.channel === 'kuaishou' ? '' : oid);
/** Kuaishou has one state for an after-sale that ended without money, refused or withdrawn. */
const refundEnd = (o: World, state: string): string => (o.channel === 'kuaishou' && state === 'refused' ? 'withdrawn' : state);
const STATE: Readonly<Record<string, string>> = { requested: 'requested', refunded: 'refunded', refused: 'refused', withdrawn: 'closed' };
const DEEDS = ['place', 'place', 'place', 'refund', 'refund-done', 'refund-withdrawn', 'address', 'remark', 'ship', 'ship', 'confirm', 'pull', 'pull', 'end-token'] as const;
const FAULTS = [{}, { busyEvery: 5 }, { cutEvery: 6 }, { cutAfterEvery: 4 }, { brokenAfterEvery: 5 }, { repeat: true, shuffle: true, newField: true }, { arriving: 3, touching: 3 }, { slowEvery: 3, slowMs: 30, banEvery: 17 }] as const;
type Step = { readonly deed: (typeof DEEDS)[number]; readonly pick: number; readonly fault: number };

/** Whatever buyers and faults do, once it is quiet our orders are the platform's, and each parcel was told once. */
describe('after any morning, in the quiet', () => quietOf(['taobao', 'pinduoduo', 'wechat-shop', 'jd', 'douyin', 'kuaishou']));
describe('after any morning, in the quiet, by SP-API', () => quietOf(['jd'], true));

function quietOf(channels: readonly string[], sp = false): void {
  let sandbox: TestSandbox;
  let test: TestService;
  before(async () => {
    sandbox = await startTestSandbox();
    test = await startTestService();
  });
  after(async () => {
    await test.stop();
    await sandbox.stop();
  });

  const ownFields = (channel: string): object => {
    const names = test.rt.channels.shop(channel)?.fields ?? [];
    return names.length > 0 ? { account: Object.fromEntries(names.map(({ name }) => [name, sandbox.keys[channel]![name] ?? ''])) } : {};
  };
  for (const channel of channels) it(`${channel}: our orders and after-sales are the platform’s, each effect once`, async () => {
    const made = await test.call<{ id: string }>('POST', '/api/v1/shops', { channel, name: channel, pullFrom: businessDayOf(new Date()), ...sandbox.keysOf(channel), ...(sp ? { gateway: sandbox.keysOf(channel).gateway.replace(/routerjson$/, 'rest') } : {}), ...ownFields(channel) });
    assert.equal(made.status, 200);
    const told = new Map<string, string>();
    let numbers = 0;
    const mine = async (): Promise<World[]> => (await sandbox.ask<{ orders: World[] }>('truth')).orders.filter((o) => o.channel === channel);
    const ship = async (order: World | undefined): Promise<void> => {
      if (!order || (order.state !== 'to_ship' && !told.has(order.tid))) return;
      // The same parcel may be told again at any time; a number is chosen once.
      if (!told.has(order.tid)) told.set(order.tid, `Q${channel.length}${String((numbers += 1)).padStart(10, '0')}`);
      await test.rt.channels.shop(channel)!.pushShipment(await test.rt.channels.contextFor(made.body.id), { platformOrderId: order.tid, courierCode: 'ZTO', trackingNumber: told.get(order.tid)! });
    };
    const take = async (step: Step): Promise<void> => {
      const orders = await mine();
      const order = orders[step.pick % Math.max(1, orders.length)];
      if (step.deed === 'place') await sandbox.ask('orders', { channel, merchantCode: step.pick % 2 === 0 ? 'LJ-100' : 'TGY-125', quantity: 1 + (step.pick % 3) });
      else if (step.deed === 'pull') await test.job('sync-channels');
      else if (step.deed === 'end-token') await sandbox.ask('expire-tokens', { channel });
      else if (step.deed === 'ship') await ship(order);
      else if (order) await sandbox.ask(step.deed, { tid: order.tid });
      await sandbox.ask('unfriendly', { channel, ...FAULTS[step.fault] });
    };
    /** A renewal that the platform did and whose answer was lost leaves us with a token that is worth nothing: the seller says yes again. */
    const authorised = async (): Promise<void> => {
      const { body } = await test.call<{ rows: { id: string; status: string }[] }>('GET', '/api/v1/shops');
      if (body.rows.find((s) => s.id === made.body.id)!.status === 'active') return;
      const link = await test.call<{ state: string }>('POST', `/api/v1/shops/${made.body.id}/authorise`, { redirectUri: 'https://erp.example' });
      assert.equal((await test.call('POST', '/api/v1/shops/authorised', { state: link.body.state, code: 'sandbox-code' })).status, 200);
    };
    const quiet = async (): Promise<void> => {
      await sandbox.ask('unfriendly', { channel });
      let retold = false;
      // Until a pull finds nothing. A window that failed waits for its time first, however often it is asked for meanwhile.
      for (let tries = 0, done = false; !done;) {
        assert.ok(tries < 200, 'never quiet');
        await authorised();
        const { shops } = await test.job('sync-channels') as unknown as { shops: Record<string, { windows: number; failed?: boolean; orders: number; changed: number; refunds: number }> };
        const one = shops[channel]!;
        if (one.failed || one.windows > 0) tries += 1;
        if (one.failed || one.windows === 0) continue;
        if (!retold) for (const tid of told.keys()) await ship((await mine()).find((o) => o.tid === tid));
        done = retold && one.orders + one.changed + one.refunds === 0;
        retold = true;
      }
    };
    const equal = async (): Promise<void> => {
      const truth = await mine();
      const rows = (await test.call<{ rows: Row[] }>('GET', '/api/v1/orders?limit=5000')).body.rows.filter((o) => o.channel === channel);
      const facts = (o: { paidFen: number; sellerMemo: string; buyerMessage: string }, id: string, status: string, lines: readonly string[]) => [id, status, o.paidFen, o.sellerMemo, o.buyerMessage, ...lines];
      assert.deepEqual(
        rows.map((o) => facts(o, o.platformOrderId, o.status, o.lines.map((l) => `${l.platformLineId} ${l.quantity} ${l.paidFen}`))).sort(),
        truth.map((o) => facts(o, o.tid, jdLocked(o) ? 'paid_not_shippable' : stateOf(o), o.lines.map((l) => `${l.oid} ${l.quantity} ${l.paidFen}`))).sort(),
      );
      const refunds = (await test.call<{ rows: Refund[] }>('GET', '/api/v1/after-sales?limit=5000')).body.rows.filter((r) => truth.some((o) => o.tid === r.platformOrderId));
      assert.deepEqual(
        refunds.map((r) => `${r.platformOrderId} ${r.platformLineId} ${r.state} ${r.refundFen}`).sort(),
        truth.flatMap((o) => o.refunds.map((r) => `${o.tid} ${lineOfRefund(o, r.oid, sp)} ${STATE[refundEnd(o, r.state)]} ${r.refundFen}`)).sort(),
      );
      const shipped = new Map(truth.filter((o) => o.shipments.length > 0).map((o) => [o.tid, o.shipments.map((s) => s.trackingNumber)]));
      for (const [tid, list] of shipped) assert.deepEqual(list, [told.get(tid)], 'told once');
      const mayStay = (o: World | undefined): boolean => o?.state !== 'to_ship' || o.refunds.some((r) => r.state === 'requested');
      for (const [tid] of told) assert.ok(shipped.has(tid) || mayStay(truth.find((o) => o.tid === tid)), `${tid} is shipped, or a refund came first`);
    };
    const step = fc.record({ deed: fc.constantFrom(...DEEDS), pick: fc.nat(30), fault: fc.nat(FAULTS.length - 1) });
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 30 }), async (steps) => {
      for (const one of steps) await take(one);
      await quiet();
      await equal();
    }), { numRuns: RUNS, endOnFailure: true, ...SEED });
  }).timeout(120_000 + RUNS * 20_000);
}
