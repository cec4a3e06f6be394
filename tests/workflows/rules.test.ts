import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { RIGHTS, type Role } from '../../api/access/roles.ts';
import { Users } from '../../api/access/users.ts';
import type { IncomingOrder } from '../../api/channels/channel.ts';
import { TABLES } from '../../api/contract/decision-tables/index.ts';
import { ingestOrders, ingestRefunds, Orders } from '../../api/orders/index.ts';
import { openStock } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, fen, order } from '../support/world.ts';

type RuleRow = { id: string; enabled: boolean; cells: Record<string, string> };
type Table = { version: number; rows: RuleRow[] };
type Row = { id: string; platformOrderId: string; reviewState: string; stage: string; paidFen: number; holds: { code: string; row: string; by: string; itself: boolean; how: { zh: string } }[]; tags: string[]; parcels: { id: string; state: string }[]; revision: number; why: { zh: string; en: string } };
type Sums = { orders: number; changed: number; released: number; releasedFen: number; held: number; heldFen: number };
type Trial = Sums & { passed: number; livePassed: number; freightFen: number; waiting: Sums; changes: { platformOrderId: string; rowBefore: string; rowAfter: string; before: string[]; after: string[]; was: { words: { zh: string } }; is: { words: { zh: string } } }[] };
type Refused = { code: string; errors: { id: string; column: string; base: string | null; mine: string | null; theirs: string | null; code: string; message: string }[] };
const PERIOD = { from: '2026-11-01', to: '2026-11-30' };

describe('rules: tried, published, merged, taken back', () => {
  let test: TestService;
  let shopId: string;
  let now = Date.parse('2026-11-20T04:00:00Z');
  before(async () => {
    test = await startTestService({ clock: { now: () => new Date(now += 7) } });
    ({ shopId } = await company(test.rt, { 'TEA-1': 5_000, 'TEA-2': 0 }));
  });
  after(() => test.stop());

  const take = (...orders: IncomingOrder[]) => ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'file', orders });
  const all = async (): Promise<Row[]> => (await test.call<{ rows: Row[] }>('GET', '/api/v1/orders?limit=5000')).body.rows;
  const row = async (platformOrderId: string): Promise<Row> => (await all()).find((r) => r.platformOrderId === platformOrderId)!;
  const table = async (name = 'order-review'): Promise<Table> => (await test.call<Table>('GET', `/api/v1/rules/${name}`)).body;
  const publish = <T = { version: number; merged: boolean; reviewedAgain: number }>(name: string, body: Record<string, unknown>, as = test.token) => test.call<T>('POST', `/api/v1/rules/${name}/publish`, body, { authorization: `Bearer ${as}` });
  const tryOut = async (rows: RuleRow[], name = 'order-review'): Promise<Trial> => { const t = await test.call<Trial>('POST', `/api/v1/rules/${name}/dry-run`, { rows, ...PERIOD }); assert.equal(t.status, 200, JSON.stringify(t.body)); return t.body; };
  const later = (minutes: number): Date => new Date(Date.parse('2026-11-20T02:00:00Z') + minutes * 60_000);
  const set = (rows: RuleRow[], id: string, cells: Record<string, string>): RuleRow[] => rows.map((r) => (r.id === id ? { ...r, cells: { ...r.cells, ...cells } } : r));
  const person = async (role: Role): Promise<string> => {
    const token = `token-of-${role}-0123456789`;
    await Users.create({ _id: `usr_${role}`, name: `${role} 小王`, role, tokenHashes: [createHash('sha256').update(token).digest('base64url')], disabled: false, createdAt: new Date(now) });
    assert.ok(RIGHTS[role].length > 0);
    return token;
  };

  it('holds an order for several reasons at once, each with its row, who can clear it and how', async () => {
    await take(order('two', { quantity: 60, buyerMessage: '麻烦改地址' }));
    await test.job('review-orders');
    const found = await row('two');
    assert.deepEqual(found.holds.map((h) => [h.code, h.by, h.itself]), [['buyer_asks_change', 'service', false], ['quantity_unusual', 'anyone', false]]);
    assert.match(found.holds[0]!.how.zh, /客服可以放行/);
    const why = await test.call<{ sentence: { zh: string; en: string }; version: number; rows: { row: string; version: number; table: string; lookedText: { zh: string } }[] }>('GET', `/api/v1/orders/${found.id}/why`);
    assert.match(why.body.sentence.zh, /审单规则版本 0 第 2 行 R02.*看到买家留言 麻烦改地址.*第 7 行 R07.*件数 60/);
    assert.match(why.body.sentence.en, /Order review version 0, row 2 R02.*it saw Buyer message.*row 7 R07.*Pieces 60/);
    assert.deepEqual(why.body.rows.map((r) => [r.table, r.version, r.row]), [['order-review', 0, 'R02'], ['order-review', 0, 'R07']]);
  });

  it('sees a wish for an invoice in the platform’s own field as in words, and looks again when it comes later', async () => {
    await take(order('inv-1', { invoiceWanted: true }), order('inv-2', { buyerMessage: '要开票' }), order('inv-3', { invoiceWanted: false }), order('inv-4'));
    await test.job('review-orders');
    const tags = async (): Promise<string[][]> => Promise.all(['inv-1', 'inv-2', 'inv-3', 'inv-4'].map(async (id) => (await row(id)).tags));
    assert.deepEqual(await tags(), [['要发票'], ['要发票'], [], []]);
    await take(order('inv-3', { invoiceWanted: true, modifiedAt: later(3) }));
    await test.job('review-orders');
    assert.deepEqual(await tags(), [['要发票'], ['要发票'], ['要发票'], []]);
  });

  it('a flag that the platform is still to be told outlives a change that asks for no new review', async () => {
    const { rows, version } = await table();
    await publish('order-review', { rows: [{ id: 'RF', enabled: true, cells: { buyerMessage: '*插旗*', setFlag: '绿旗' } }, ...rows], base: version, waitingToo: false });
    await take(order('flagged', { buyerMessage: '插旗' }));
    await test.job('review-orders');
    await take(order('flagged', { buyerMessage: '插旗', modifiedAt: later(9), shipByAt: later(600) }));
    const kept = await Orders.findOne({ platformOrderId: 'flagged' }).lean();
    assert.deepEqual([kept?.shipByAt, kept?.reviewState, kept?.flagDue], [later(600), 'passed', true]);
    await publish('order-review', { rows, base: (await table()).version, waitingToo: false });
  });

  it('ends one reason and keeps the other; what was ended counts again when it changes', async () => {
    const { id } = await row('two');
    await test.call('POST', `/api/v1/orders/${id}/release`, { note: '问过了', codes: ['quantity_unusual'] });
    assert.deepEqual((await row('two')).holds.map((h) => h.code), ['buyer_asks_change']);
    await test.call('POST', `/api/v1/orders/${id}/release`, { note: '地址改好' });
    assert.equal((await row('two')).reviewState, 'passed');
    assert.match((await row('two')).why.zh, /人工放行：店主 Owner，地址改好/);
    await take(order('two', { quantity: 60, buyerMessage: '麻烦改地址', modifiedAt: later(5), sellerMemo: '送小样' }));
    await test.job('review-orders');
    assert.equal((await row('two')).reviewState, 'passed', 'neither message nor quantity changed');
    await take(order('two', { quantity: 60, buyerMessage: '再改地址到学校', modifiedAt: later(6), sellerMemo: '送小样' }));
    await test.job('review-orders');
    assert.deepEqual((await row('two')).holds.map((h) => h.code), ['buyer_asks_change'], 'a new message is a new question');
  });

  it('sees a test order, a phone that is none and an address without a number behind the masks', async () => {
    await take(order('t1', { receiver: { name: '测试' } }), order('t2', { receiver: { phone: '12345' } }), order('t3', { receiver: { address: '幸福路' } }), order('t4', { receiver: { phone: '', token: 'oaid' } }), order('t5', { receiver: { phone: '138****5678', address: '幸福小区' } }));
    await test.job('review-orders');
    assert.deepEqual(await Promise.all(['t1', 't2', 't3', 't4', 't5'].map(async (id) => (await row(id)).holds.map((h) => h.code).join())), ['test_order', 'phone_invalid', 'address_incomplete', '', '']);
  });

  it('re-opens after a change until the courier has it, and releases by itself when the reason is gone', async () => {
    await take(order('re'), order('gone'));
    await test.job('review-orders');
    await test.job('plan-parcels');
    const refund = (id: string, state: 'requested' | 'closed', minutes: number) => ({ platformRefundId: `r-${id}`, platformOrderId: id, platformLineId: `${id}-1`, platformStatus: state, state, refundFen: fen(3000), reason: '拍错', hasGoodsReturn: false, createdAt: later(3), modifiedAt: later(minutes), raw: '{}' });
    const [parcel] = (await row('gone')).parcels;
    assert.equal((await test.call('POST', '/api/v1/parcels/ship', { ids: [parcel!.id] })).status, 200);
    await ingestRefunds(test.rt, shopId, [refund('re', 'requested', 3), refund('gone', 'requested', 3)]);
    await test.job('review-orders');
    assert.deepEqual([(await row('re')).reviewState, (await row('re')).parcels.length], ['held', 0]);
    assert.equal((await row('gone')).reviewState, 'passed', 'with the courier: after-sales, not review');
    const doc = await test.rt.transact(async () => row('re'));
    assert.deepEqual(doc.holds.map((h) => [h.code, h.itself]), [['refund_in_flight', true]]);
    await ingestRefunds(test.rt, shopId, [refund('re', 'closed', 9)]);
    await test.job('review-orders');
    await test.job('plan-parcels');
    assert.deepEqual([(await row('re')).reviewState, (await row('re')).parcels.map((p) => p.state)], ['passed', ['reserved']]);
  });

  it('releases by itself what waited for stock, and leaves what only a person may end', async () => {
    const live = await table();
    const rows = [...live.rows, { id: 'R17', enabled: true, cells: { stock: '没有', hold: 'short_stock' } }, { id: 'R18', enabled: true, cells: { stock: '没有', skus: 'TEA-2', hold: 'amount_unusual' } }];
    assert.equal((await publish('order-review', { rows, base: live.version })).status, 200);
    await take(order('wait', { skuCode: 'TEA-2' }), order('full'));
    await test.job('review-orders');
    assert.deepEqual((await row('wait')).holds.map((h) => h.code), ['short_stock', 'amount_unusual']);
    assert.equal((await row('full')).reviewState, 'passed');
    await openStock(test.rt, [{ warehouseCode: 'GZ', skuCode: 'TEA-2', quantity: 50, unitCostFen: 1000 }]);
    await test.job('review-orders');
    assert.deepEqual((await row('wait')).holds.map((h) => h.code), ['amount_unusual'], 'stock came; the supervisor still has to look');
    await publish('order-review', { rows: (await table()).rows.filter((r) => r.id !== 'R18'), base: (await table()).version, waitingToo: false });
    await test.job('review-orders');
    assert.equal((await row('wait')).reviewState, 'held', 'published from now on: what waits keeps waiting');
  });

  it('merges two editors of one table cell by cell', async () => {
    const base = await table();
    const mine = [...set(base.rows, 'R08', { paid: '>=8000' }), { id: 'R40', enabled: true, cells: { paid: '>=90000', hold: 'amount_unusual', note: '我的' } }];
    const theirs = [...set(base.rows, 'R08', { note: '八千起' }), { id: 'R40', enabled: true, cells: { quantity: '>=500', hold: 'quantity_unusual', note: '对方的' } }];
    assert.equal((await publish('order-review', { rows: theirs, base: base.version })).body.merged, false);
    const done = await publish('order-review', { rows: mine, base: base.version });
    assert.deepEqual([done.status, done.body.merged], [200, true]);
    const both = await table();
    assert.deepEqual(both.rows.find((r) => r.id === 'R08')!.cells, { ...base.rows.find((r) => r.id === 'R08')!.cells, paid: '>=8000', note: '八千起' });
    assert.deepEqual(both.rows.filter((r) => ['我的', '对方的'].includes(r.cells['note'] ?? '')).map((r) => r.id).sort(), ['R40', 'R41'], 'two new rows of one id are two rows');
  });

  it('shows a real conflict with what was, what I wrote, what they wrote and who, and writes nothing', async () => {
    const base = await table();
    await publish('order-review', { rows: set(base.rows, 'R07', { quantity: '>=80' }), base: base.version });
    const late = await publish<Refused>('order-review', { rows: set(base.rows, 'R07', { quantity: '>=70', note: '七十' }), base: base.version });
    assert.equal(late.status, 409);
    assert.deepEqual(late.body.errors.map((e) => [e.id, e.column, e.base, e.mine, e.theirs]), [['R07', 'quantity', '>=50', '>=70', '>=80']]);
    assert.equal((await table()).version, base.version + 1);
  });

  it('a bad cell refuses the draft with its row and column, in a dry run as in publishing', async () => {
    const base = await table();
    const rows = set(base.rows, 'R08', { paid: '五千以上' });
    for (const answer of [await publish<Refused>('order-review', { rows, base: base.version }), await test.call<Refused>('POST', '/api/v1/rules/order-review/dry-run', { rows, ...PERIOD })]) {
      assert.equal(answer.status, 422);
      assert.deepEqual(answer.body.errors.map((e) => [e.id, e.column, e.code]), [['R08', 'paid', 'bad_condition']]);
    }
  });

  it('what is published for those that wait does exactly what the dry run said', async () => {
    const many = Array.from({ length: 24 }, (_x, i) => order(`p${i}`, { quantity: 1 + (i % 5) * 20, sellerMemo: i % 3 === 0 ? '加急' : '', receiver: { province: ['浙江省', '新疆维吾尔自治区', '广东省'][i % 3]! } }));
    await take(...many);
    await test.job('review-orders');
    const cell = fc.record({ quantity: fc.constantFrom('', '>40', '!1', '21..61'), province: fc.constantFrom('', '新疆,西藏', '!广东'), sellerMemo: fc.constantFrom('', '*急*', '空'), paid: fc.constantFrom('', '>=1000', '<500'), hold: fc.constantFrom('amount_unusual', 'quantity_unusual', 'hold_remote', 'pass') });
    await fc.assert(fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 5 }), async (cells) => {
      const base = await table();
      const rows: RuleRow[] = cells.map((c, i) => ({ id: `P${i}`, enabled: true, cells: c }));
      const before = new Map((await all()).map((r) => [r.platformOrderId, r]));
      const said = await tryOut(rows);
      assert.equal((await publish('order-review', { rows, base: base.version, waitingToo: true })).status, 200);
      await test.job('review-orders');
      const waited = [...before.values()].filter((r) => r.reviewState === 'held');
      const changed = new Map(said.changes.map((c) => [c.platformOrderId, c]));
      let released = 0;
      for (const w of waited) {
        const is = await row(w.platformOrderId);
        const want = changed.get(w.platformOrderId)?.after ?? changed.get(w.platformOrderId)?.before ?? undefined;
        if (want) assert.deepEqual(is.holds.map((h) => h.code), want, w.platformOrderId);
        if (is.reviewState === 'passed') released += 1;
      }
      assert.equal(released, said.waiting.released, 'the difference that publishing was shown with');
    }), { numRuns: 4 });
  }).timeout(60_000);

  it('rolls back: the rows of before are the next version', async () => {
    const before = await table();
    const back = await test.call<{ version: number }>('POST', '/api/v1/rules/order-review/rollback', { version: 1 });
    assert.equal(back.body.version, before.version + 1);
    assert.deepEqual((await table()).rows, (await test.call<Table>('GET', '/api/v1/rules/order-review?version=1')).body.rows);
    assert.equal((await test.call('POST', '/api/v1/rules/order-review/rollback', { version: 0 })).status, 200, 'also to the product’s own');
  });

  it('every table lists its rows, is tried on what the company has, and published', async () => {
    for (const t of TABLES) {
      const live = await table(t.name);
      const draft = live.rows.map((r, i) => (i === 0 ? { ...r, enabled: !r.enabled } : r));
      const tried = await tryOut(draft, t.name);
      if (['courier', 'tag', 'freight-price', 'stock-alert'].includes(t.name)) assert.ok(tried.orders > 0, t.name);
      assert.equal((await publish(t.name, { rows: draft, base: live.version })).status, 200, t.name);
      const noun = t.name === 'order-review' ? 'review-rules' : `${t.name}-rules`;
      const sheet = await test.call<{ rows: { id: string; revision: number; cells: Record<string, string> }[] }>('GET', `/api/v1/${noun}`);
      assert.equal(sheet.body.rows.length, live.rows.length + 3, `${t.name} has room for new rules`);
      await publish(t.name, { rows: live.rows, base: live.version + 1 });
    }
  });

  it('a freight table’s draft says what it costs, and the row of each order', async () => {
    const live = await table('freight-price');
    const trial = await tryOut(live.rows.map((r) => (r.id === 'R07' ? { ...r, cells: { ...r.cells, first: '4.20' } } : r)), 'freight-price');
    assert.ok(trial.changed > 0);
    assert.equal(trial.freightFen, trial.changed * 100);
    assert.deepEqual([...new Set(trial.changes.map((c) => `${c.rowBefore} ${c.rowAfter}`))], ['R07 R07']);
  });

  it('a new rule typed into an empty row of the sheet is published with the others', async () => {
    const sheet = await test.call<{ rows: { id: string; revision: number; place: number; cells: Record<string, string> }[] }>('GET', '/api/v1/tag-rules');
    const spare = sheet.body.rows.at(-3)!;
    const sent = { batchId: 'tag-batch-1', rows: [{ id: spare.id, revision: spare.revision, cells: { tag: '新疆单', province: '新疆', place: 1 } }] };
    const done = await test.call('POST', '/api/v1/sheets/tag/publish', sent);
    assert.equal(done.status, 200, JSON.stringify(done.body));
    assert.deepEqual((await table('tag')).rows[0], { id: spare.id, enabled: true, cells: { tag: '新疆单', province: '新疆' } });
    await take(order('far', { receiver: { province: '新疆维吾尔自治区' } }));
    await test.job('review-orders');
    assert.deepEqual((await row('far')).tags, ['新疆单']);
  });

  it('a command above its limit waits in the inbox and runs with its check again when the yes comes', async () => {
    const [reviewer, service] = [await person('reviewer'), await person('service')];
    await take(order('rich', { quantity: 200 }));
    await test.job('review-orders');
    const { id } = await row('rich');
    const as = (token: string, method: string, path: string, body?: unknown) => test.call<Record<string, unknown>>(method, path, body, { authorization: `Bearer ${token}` });
    const asked = await as(reviewer, 'POST', `/api/v1/orders/${id}/release`, { note: '客户确认' });
    assert.equal(asked.status, 409);
    assert.equal(asked.body['code'], 'needs_approval', JSON.stringify(asked.body));
    assert.equal((await row('rich')).reviewState, 'held');
    const inbox = await test.call<{ rows: { id: string; command: string; amountFen: number; needs: string; state: string }[] }>('GET', '/api/v1/approvals?state=waiting');
    assert.deepEqual(inbox.body.rows.map((r) => [r.command, r.amountFen, r.needs]), [['release-order', 600_000, 'owner']]);
    const key = inbox.body.rows[0]!.id;
    assert.equal((await as(service, 'POST', `/api/v1/approvals/${key}/approve`)).status, 403, 'not theirs to say');
    const yes = await as(test.token, 'POST', `/api/v1/approvals/${key}/approve`);
    assert.equal(yes.body['state'], 'done', JSON.stringify(yes.body));
    assert.equal((await row('rich')).reviewState, 'passed');
    assert.match((await row('rich')).why.zh, /reviewer 小王/, 'as the one who asked');
    assert.equal((await as(test.token, 'POST', `/api/v1/approvals/${key}/approve`)).status, 422, 'once');
    await take(order('rich2', { quantity: 200 }));
    await test.job('review-orders');
    const second = await row('rich2');
    await as(reviewer, 'POST', `/api/v1/orders/${second.id}/release`, { note: '' });
    await take(order('rich2', { quantity: 200, status: 'closed', platformStatus: 'CLOSED', modifiedAt: later(30) }));
    const [waiting] = (await test.call<typeof inbox.body>('GET', '/api/v1/approvals?state=waiting')).body.rows;
    const failed = await as(test.token, 'POST', `/api/v1/approvals/${waiting!.id}/approve`);
    assert.equal(failed.body['state'], 'failed', 'the order was closed meanwhile');
    assert.notEqual((await row('rich2')).reviewState, 'passed');
  });

  it('says of each refund that is asked for whether it may be agreed to, or who looks at it; and anew when the table has changed', async () => {
    const refund = (id: string, over: object = {}) => ({ platformRefundId: `a-${id}`, platformOrderId: id, platformLineId: `${id}-1`, platformStatus: 'requested', state: 'requested' as const, refundFen: fen(3000), reason: '拍错', hasGoodsReturn: false, createdAt: later(3), modifiedAt: later(3), raw: '{}', ...over });
    const said = async (): Promise<string[][]> => { const { rows } = (await test.call<{ rows: { platformRefundId: string; answer: string; answerWho: string; answerRow: string }[] }>('GET', '/api/v1/after-sales?limit=500')).body; return rows.filter((r) => r.platformRefundId.startsWith('a-ask-')).map((r) => [r.platformRefundId, r.answer, r.answerWho, r.answerRow]).sort(); };
    await take(order('ask-1'));
    await ingestRefunds(test.rt, shopId, [refund('ask-1'), refund('ask-2', { hasGoodsReturn: true })]);
    await test.job('review-orders');
    assert.deepEqual(await said(), [['a-ask-1', 'agree', '', 'R02'], ['a-ask-2', 'ask', 'service', 'R04']]);
    // Its order comes after it: the refund is the order's from then on, and holds it.
    await take(order('ask-2'));
    await test.job('review-orders');
    assert.deepEqual((await row('ask-2')).holds.map((h) => h.code), ['refund_in_flight']);
    const live = await table('after-sales');
    assert.equal((await publish('after-sales', { rows: set(live.rows, 'R02', { answer: 'ask', who: 'reviewer' }), base: live.version })).status, 200);
    await test.job('review-orders');
    assert.deepEqual(await said(), [['a-ask-1', 'ask', 'reviewer', 'R02'], ['a-ask-2', 'ask', 'service', 'R04']]);
  });

  it('finds a rule in what people decided, proves it on the weeks held back, and is silent when they disagree', async () => {
    const day = 86_400_000;
    const start = now;
    const decideMany = async (tag: string, count: number, memo: (i: number) => string, pass: (i: number) => boolean): Promise<void> => {
      const made = Array.from({ length: count }, (_x, i) => order(`${tag}-${i}`, { quantity: 55, sellerMemo: memo(i) }));
      await take(...made);
      await test.job('review-orders');
      const rows = await all();
      for (let i = 0; i < count; i += 1) {
        const found = rows.find((r) => r.platformOrderId === `${tag}-${i}`)!;
        if (pass(i)) await test.call('POST', `/api/v1/orders/${found.id}/release`, { note: '' });
        else await test.call('POST', `/api/v1/orders/${found.id}/hold`, { note: '' });
      }
    };
    await decideMany('f1', 30, (i) => (i % 2 === 0 ? '批发客户' : '散客'), (i) => i % 2 === 0);
    now = start + 8 * day * 5;
    await decideMany('f2', 16, (i) => (i % 2 === 0 ? '批发客户' : '散客'), (i) => i % 2 === 0);
    const found = await test.call<{ proposals: { cells: Record<string, string>; coverage: number; mistakes: number; agreement: number }[] }>('POST', '/api/v1/rules/order-review/find', { weeks: 8 });
    const [best] = found.body.proposals;
    assert.ok(best, JSON.stringify(found.body));
    assert.equal(best.cells['hold'], 'pass');
    assert.match(best.cells['sellerMemo'] ?? '', /批发|发客|客户/);
    assert.deepEqual([best.coverage, best.mistakes, best.agreement], [8, 0, 10_000]);
    await decideMany('f3', 16, () => '批发客户', (i) => i % 4 !== 0);
    const silent = await test.call<typeof found.body>('POST', '/api/v1/rules/order-review/find', { weeks: 8 });
    assert.deepEqual(silent.body.proposals, [], 'below 99 %: silence');
  }).timeout(60_000);
});
