import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { FORMULA_FUNCTIONS, parseFormula, textOf } from '../../api/contract/formula.ts';
import type { OwnField } from '../../api/contract/own-fields.ts';
import { Users } from '../../api/access/users.ts';
import { ingestOrders } from '../../api/orders/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, order } from '../support/world.ts';

type Row = { id: string; code: string; platformOrderId: string; reviewState: string; revision: number; own?: Record<string, unknown> };
type Page = { rows: Row[]; cursor: string; more: boolean };
const SERVICE = 'a-token-of-the-service-desk-0001';

describe('own fields', function () {
  this.timeout(120_000);
  let test: TestService;
  let shopId: string;
  const fields: Record<string, OwnField> = {};
  before(async () => {
    test = await startTestService();
    ({ shopId } = await company(test.rt, { 'TEA-1': 100, 'TEA-2': 5, 'TEA-3': 7 }));
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'file', orders: [order('A1'), order('A2'), order('A3', { quantity: 9 })] });
    await Users.create({ _id: 'usr_service', name: '客服', role: 'service', tokenHashes: [createHash('sha256').update(SERVICE).digest('base64url')], disabled: false, createdAt: test.rt.clock.now() });
  });
  after(() => test?.stop());
  const make = async (body: Record<string, unknown>): Promise<OwnField> => {
    const answer = await test.call<OwnField>('POST', '/api/v1/own-fields', body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const list = async (path: string, headers: Record<string, string> = {}): Promise<Page> => (await test.call<Page>('GET', path, undefined, headers)).body;
  const skus = async (query = ''): Promise<Map<string, Row>> => new Map((await list(`/api/v1/skus?limit=5000${query}`)).rows.map((r) => [r.code, r]));
  let batches = 0;
  const publish = (sheet: string, rows: unknown[], headers: Record<string, string> = {}) => test.call<{ rows?: { revision: number }[]; code?: string; errors?: { column: string; code: string; theirs?: unknown; text: { zh: string } }[] }>('POST', `/api/v1/sheets/${sheet}/publish`, { batchId: `own-batch-${(batches += 1)}`, rows }, headers);

  it('is made once, whatever is wrong is said, and a title is never there twice', async () => {
    fields['season'] = await make({ noun: 'skus', key: 'season', zh: '季节', en: 'Season', type: 'choice', choices: ['春茶', '秋茶'] });
    fields['shelf'] = await make({ noun: 'skus', key: 'shelf', zh: '保质期', type: 'number' });
    fields['deposit'] = await make({ noun: 'skus', key: 'deposit', zh: '押金', type: 'money', roles: ['finance'] });
    fields['markup'] = await make({ noun: 'skus', key: 'markup', zh: '含押金成本', type: 'money', formula: '=ROUND([参考成本]*1.1+[押金],2)' });
    assert.equal((await make({ noun: 'skus', key: 'season', zh: '季节', en: 'Season', type: 'choice', choices: ['春茶', '秋茶'] })).id, fields['season']!.id, 'the same asked twice is one field');
    for (const [body, says] of [
      [{ noun: 'skus', zh: '名称', type: 'text' }, '名称'], [{ noun: 'skus', zh: '季节', type: 'text' }, '季节'], [{ noun: 'skus', zh: '坏公式', type: 'number', formula: '=[没有这列]+1' }, '没有这列'],
      [{ noun: 'skus', zh: '坏公式', type: 'number', formula: '=SYSTEM("rm")' }, 'SYSTEM'], [{ noun: 'skus', zh: '圈', type: 'number', formula: '=[含押金成本]' }, '含押金成本'], [{ noun: 'skus', zh: '空选项', type: 'choice' }, '选项'],
    ] as const) {
      const refused = await test.call<{ status: number; text: { zh: string } }>('POST', '/api/v1/own-fields', body);
      assert.ok(refused.status >= 400 && refused.body.text.zh.includes(says), JSON.stringify(refused.body));
    }
    assert.equal((await test.call('POST', '/api/v1/own-fields', { noun: 'skus', zh: '客服的', type: 'text' }, { authorization: `Bearer ${SERVICE}` })).status, 403);
  });

  it('is kept like every other cell: checked, published with the row, merged by cell, in its history', async () => {
    const before = (await skus()).get('TEA-1')!;
    const cursor = (await list('/api/v1/skus?limit=5000')).cursor;
    const wrong = await publish('skus', [{ id: before.id, revision: before.revision, cells: { 'own.season': '夏茶', 'own.shelf': '十八', 'own.markup': 3 } }]);
    assert.deepEqual(wrong.body.errors?.map((e) => [e.column, e.code]), [['own.season', 'not_a_choice'], ['own.shelf', 'not_a_number'], ['own.markup', 'not_editable']]);
    const done = await publish('skus', [{ id: before.id, revision: before.revision, cells: { 'own.season': '春茶', 'own.shelf': '547.5', 'own.deposit': 12.5, name: '明前龙井' } }]);
    assert.equal(done.status, 200, JSON.stringify(done.body));
    const [delta] = (await list(`/api/v1/skus?since=${cursor}`)).rows;
    assert.deepEqual(delta?.own, { season: '春茶', shelf: 547.5, deposit: 1250, markup: 2350 }, 'the change comes in the feed, the formula with it');
    // Somebody else, on the revision of before: another cell merges, the same one conflicts with both values.
    const other = await publish('skus', [{ id: before.id, revision: before.revision, base: { 'own.shelf': '' }, cells: { 'own.shelf': 180 } }]);
    assert.equal(other.status, 409);
    assert.deepEqual(other.body.errors?.map((e) => [e.column, e.theirs]), [['own.shelf', 547.5]]);
    const alone = await publish('skus', [{ id: before.id, revision: before.revision, cells: { 'own.season': '秋茶' }, base: { 'own.season': '春茶' } }]);
    assert.equal(alone.status, 200);
    const { entries } = (await test.call<{ entries: { key: string; before: unknown; after: unknown; by: string }[] }>('GET', `/api/v1/own-fields/history?noun=skus&id=${before.id}`)).body;
    assert.deepEqual(entries.filter((e) => e.key === 'season').map((e) => [e.before, e.after]), [['春茶', '秋茶'], [null, '春茶']]);
    assert.ok(entries.every((e) => e.by !== ''));
  });

  it('the same batch sent twice is written once', async () => {
    const row = (await skus()).get('TEA-2')!;
    const body = { batchId: 'twice-the-same', rows: [{ id: row.id, revision: row.revision, cells: { 'own.season': '秋茶' } }] };
    const answers = [await test.call('POST', '/api/v1/sheets/skus/publish', body, { 'idempotency-key': 'twice' }), await test.call('POST', '/api/v1/sheets/skus/publish', body, { 'idempotency-key': 'twice' })];
    assert.deepEqual(answers.map((a) => a.status), [200, 200]);
    assert.equal((await skus()).get('TEA-2')!.revision, row.revision + 1);
  });

  it('filters lists in the language of rules, and stands in both files', async () => {
    assert.deepEqual([...(await skus('&own.season=秋茶')).keys()].sort(), ['TEA-1', 'TEA-2']);
    assert.deepEqual([...(await skus(`&own.season=秋茶&own.shelf=${encodeURIComponent('>=500')}`)).keys()], ['TEA-1']);
    assert.deepEqual([...(await skus(`&own.deposit=${encodeURIComponent('空')}`)).keys()].sort(), ['TEA-2', 'TEA-3']);
    assert.equal((await test.call('GET', '/api/v1/skus?own.nothing=1')).status, 400);
    assert.equal((await test.call('GET', `/api/v1/skus?own.shelf=${encodeURIComponent('>十')}`)).status, 400);
    const csv = Buffer.from((await test.call<Uint8Array>('GET', '/api/v1/skus.csv?own.season=秋茶', undefined, { 'accept-language': 'zh-CN' })).body).toString('utf8');
    const [head = '', ...lines] = csv.replace('\uFEFF', '').trim().split('\r\n');
    assert.ok(head.endsWith('季节,保质期,押金,含押金成本'), head);
    assert.equal(lines.length, 2);
    assert.ok(lines.some((l) => l.endsWith('秋茶,547.5,12.50,23.50')), csv);
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(Buffer.from((await test.call<Uint8Array>('GET', '/api/v1/skus.xlsx')).body) as never);
    assert.equal((book.worksheets[0]!.getRow(1).values as string[]).at(-1), '含押金成本');
  });

  it('is seen by its roles only: row, sheet, file, filter, function and history', async () => {
    const as = { authorization: `Bearer ${SERVICE}` };
    const row = (await list('/api/v1/skus?limit=5000', as)).rows.find((r) => r.code === 'TEA-1')!;
    assert.deepEqual(Object.keys(row.own ?? {}), ['season', 'shelf', 'markup']);
    const { columns } = (await test.call<{ columns: Record<string, { key: string }[]> }>('GET', '/api/v1/own-fields', undefined, as)).body;
    assert.ok(!columns['skus']!.some((c) => c.key === 'own.deposit'));
    assert.ok(!Buffer.from((await test.call<Uint8Array>('GET', '/api/v1/skus.csv', undefined, as)).body).toString().includes('押金,'));
    assert.equal((await test.call('GET', '/api/v1/skus?own.deposit=1', undefined, as)).status, 400);
    assert.equal((await publish('skus', [{ id: row.id, revision: row.revision, cells: { 'own.deposit': 1 } }], as)).status, 422);
    const { entries } = (await test.call<{ entries: { key: string }[] }>('GET', `/api/v1/own-fields/history?noun=skus&id=${row.id}`, undefined, as)).body;
    assert.ok(entries.length > 0 && !entries.some((e) => e.key === 'deposit'));
    const call = (args: unknown[]) => ({ name: 'FIELD', args });
    const ask = async (headers: Record<string, string>) => (await test.call<{ results: ({ value: unknown } | { error: { code: string } })[] }>('POST', '/api/v1/functions', { calls: [call(['货品', 'TEA-1', '季节']), call(['skus', 'TEA-1', 'deposit']), call(['skus', 'TEA-1', '含押金成本']), call(['skus', 'TEA-9', 'season']), call(['skus', 'TEA-3', 'season'])] }, headers)).body.results.map((r) => ('value' in r ? r.value : r.error.code));
    assert.deepEqual(await ask({}), ['秋茶', 12.5, 23.5, 'unknown_row', '']);
    assert.deepEqual(await ask(as), ['秋茶', 'unknown_field', 23.5, 'unknown_row', '']);
  });

  it('is a word of rules: typed, by formula, of the goods; the sheet of rules has its column', async () => {
    const vip = await make({ noun: 'orders', key: 'vip', zh: '大客户', type: 'flag' });
    const big = await make({ noun: 'orders', key: 'size', zh: '单子大小', type: 'choice', choices: ['大', '小'], formula: '=IF([实付]>=200,"大","小")' });
    const kinds = (await test.call<{ fields: { key: string; zh: string }[] }>('GET', '/api/v1/rules/order-review')).body.fields.filter((f) => f.key.startsWith('own_'));
    assert.deepEqual(kinds.map((f) => f.zh), ['货品·季节', '大客户', '单子大小']);
    assert.ok((await test.call<{ columns: Record<string, { key: string }[]> }>('GET', '/api/v1/own-fields')).body.columns['order-review']!.some((c) => c.key === 'own_orders_vip'));
    const find = async (id: string): Promise<Row> => (await list('/api/v1/orders?limit=5000')).rows.find((r) => r.platformOrderId === id)!;
    const a1 = await find('A1');
    assert.equal((await publish('orders', [{ id: a1.id, revision: a1.revision, cells: { 'own.vip': '是' } }])).status, 200);
    const rows = [{ id: 'R1', enabled: true, cells: { own_orders_vip: '是', hold: 'test_order', note: '大客户先看' } }, { id: 'R2', enabled: true, cells: { own_orders_size: '大', hold: 'by_hand' } }];
    const bad = await test.call('POST', '/api/v1/rules/order-review/publish', { rows: [{ id: 'R1', enabled: true, cells: { own_orders_vip: '也许', hold: 'by_hand' } }], base: 0, note: '' });
    assert.equal(bad.status, 422);
    const done = await test.call('POST', '/api/v1/rules/order-review/publish', { rows, base: 0, note: '' });
    assert.equal(done.status, 200, JSON.stringify(done.body));
    await test.job('review-orders');
    assert.deepEqual(await Promise.all(['A1', 'A2', 'A3'].map(async (id) => (await find(id)).reviewState)), ['held', 'passed', 'held'], 'typed, neither, by formula');
    const refused = await test.call<{ text: { zh: string } }>('PATCH', `/api/v1/own-fields/${vip.id}`, { revision: 1, retired: true });
    assert.ok(refused.status === 422 && refused.body.text.zh.includes('R1'), 'a rule looks at it still');
    assert.equal((await find('A3')).own!['size'], '大');
    assert.ok(big.id);
    const why = (await test.call<{ sentence: { zh: string; en: string }; rows: { lookedText: { zh: string } }[] }>('GET', `/api/v1/orders/${a1.id}/why`)).body;
    assert.ok(why.sentence.zh.includes('看到大客户 是') && !JSON.stringify([why.sentence, why.rows[0]!.lookedText]).includes('own_'), 'why calls the field by its title');
  });

  it('changed where a live rule reads it, the order is reviewed again like after a changed remark, unless it has left', async () => {
    const find = async (id: string): Promise<Row & { why: { zh: string }; parcels: { id: string; state: string }[] }> => (await list('/api/v1/orders?limit=5000')).rows.find((r) => r.platformOrderId === id)! as never;
    const set = async (id: string, cells: Record<string, unknown>) => { const row = await find(id); return publish('orders', [{ id: row.id, revision: row.revision, cells }]) as unknown as Promise<{ status: number; body: { effects: { zh: string }[] } }>; };
    await test.job('plan-parcels');
    const [parcel] = (await find('A2')).parcels;
    assert.equal(parcel?.state, 'reserved');
    await make({ noun: 'orders', key: 'idle', zh: '没人看', type: 'text' });
    assert.equal((await set('A2', { 'own.idle': '随便' })).status, 200);
    assert.equal((await find('A2')).reviewState, 'passed', 'what no rule reads changes nothing');
    assert.ok((await set('A2', { 'own.vip': '是' })).body.effects.some((e) => e.zh.includes('1 单重审')));
    assert.deepEqual([(await find('A2')).reviewState, (await find('A2')).parcels.length], ['pending', 0], 'it waits for review, and its plan is taken apart');
    await test.job('review-orders');
    assert.equal((await find('A2')).reviewState, 'held');
    assert.equal((await set('A2', { 'own.vip': '否' })).status, 200);
    await test.job('review-orders');
    await test.job('plan-parcels');
    const [again] = (await find('A2')).parcels;
    await test.call('POST', '/api/v1/parcels/ship', { ids: [again!.id] });
    assert.equal((await find('A2')).parcels[0]!.state, 'shipped', JSON.stringify(await find('A2')));
    assert.equal((await set('A2', { 'own.vip': '是' })).status, 200);
    assert.equal((await find('A2')).reviewState, 'passed', 'what the courier has is not reviewed any more');
  });

  it('is a word of stock alerts, fees, freight, after-sales and releases too; what few may see is not told to all', async () => {
    const titles = async (table: string): Promise<string[]> => (await test.call<{ fields: { key: string; zh: string }[] }>('GET', `/api/v1/rules/${table}`)).body.fields.filter((f) => f.key.startsWith('own_')).map((f) => f.zh);
    assert.deepEqual(await titles('stock-alert'), ['季节', '保质期', '押金', '含押金成本'].map((t) => `货品·${t}`));
    for (const table of ['fee', 'freight-price', 'after-sales', 'hold-release']) assert.ok((await titles(table)).includes('大客户'), table);
    assert.deepEqual(await titles('approval'), [], 'a command has no row');
    const live = async (table: string, rows: unknown[], base = 0): Promise<void> => { const done = await test.call('POST', `/api/v1/rules/${table}/publish`, { rows, base, note: '' }); assert.equal(done.status, 200, JSON.stringify(done.body)); };
    await live('stock-alert', [{ id: 'S1', enabled: true, cells: { own_skus_shelf: '>=500', alert: 'over', note: '放得久' } }]);
    await test.job('stock-alerts');
    assert.deepEqual((await list('/api/v1/alerts?limit=500')).rows.filter((a) => (a as unknown as { kind: string }).kind === 'overstock').map((a) => (a as unknown as { subject: string }).subject), ['TEA-1']);
    const tried = await test.call<{ changed: number; changes: { platformOrderId: string }[] }>('POST', '/api/v1/rules/stock-alert/dry-run', { rows: [{ id: 'S1', enabled: true, cells: { own_skus_season: '秋茶', alert: 'over' } }], from: '2026-11-01', to: '2026-11-30' });
    assert.ok(tried.body.changes.some((c) => c.platformOrderId.endsWith('TEA-2')), 'a trial sees the field like the table itself');
    await live('stock-alert', [{ id: 'S1', enabled: true, cells: { available: '<=0', alert: 'out' } }], 1);
    await make({ noun: 'orders', key: 'margin', zh: '底价', type: 'money', roles: ['finance'] });
    await live('hold-release', [{ id: 'H1', enabled: true, cells: { hold: 'test_order', own_orders_vip: '是', by: 'owner' } }, { id: 'H2', enabled: true, cells: { hold: 'test_order', by: 'service' } }]);
    const rows = [{ id: 'R1', enabled: true, cells: { own_orders_vip: '是', hold: 'test_order', note: '大客户先看' } }, { id: 'R3', enabled: true, cells: { own_orders_margin: '>=5', hold: 'amount_unusual' } }];
    const base = (await test.call<{ version: number }>('GET', '/api/v1/rules/order-review')).body.version;
    assert.equal((await test.call('POST', '/api/v1/rules/order-review/publish', { rows, base, note: '', waitingToo: true })).status, 200);
    const a1 = (await list('/api/v1/orders?limit=5000')).rows.find((r) => r.platformOrderId === 'A1')!;
    assert.equal((await publish('orders', [{ id: a1.id, revision: a1.revision, cells: { 'own.margin': 9.99 } }])).status, 200);
    await test.job('review-orders');
    const why = (await test.call<{ sentence: { zh: string }; rows: { hold: string; lookedText: { zh: string }; clear: { zh: string }; looked: unknown }[] }>('GET', `/api/v1/orders/${a1.id}/why`)).body;
    assert.ok(why.sentence.zh.includes('底价 ***') && !JSON.stringify(why).includes('9.99') && !JSON.stringify(why).includes('999'), JSON.stringify(why));
    assert.ok(why.rows.find((r) => r.hold === 'test_order')!.clear.zh.startsWith('店主'), 'who may release it is asked of the release table with the own field');
  });

  it('is renamed and retired with its history, and comes back with its values', async () => {
    const { id } = fields['shelf']!;
    const renamed = await test.call<OwnField>('PATCH', `/api/v1/own-fields/${id}`, { revision: 1, zh: '保质天数' });
    assert.deepEqual([renamed.body.title.zh, renamed.body.formerly.map((t) => t.zh), renamed.body.key], ['保质天数', ['保质期'], 'shelf']);
    assert.equal((await test.call('PATCH', `/api/v1/own-fields/${id}`, { revision: 1, zh: '晚了' })).status, 409);
    const inUse = await test.call<{ text: { zh: string } }>('PATCH', `/api/v1/own-fields/${fields['season']!.id}`, { revision: 1, choices: ['春茶'] });
    assert.ok(inUse.status === 422 && inUse.body.text.zh.includes('秋茶'));
    assert.equal((await test.call('PATCH', `/api/v1/own-fields/${fields['deposit']!.id}`, { revision: 1, retired: true })).status, 422, 'a formula reads it');
    assert.equal((await test.call('PATCH', `/api/v1/own-fields/${id}`, { revision: 2, retired: true })).status, 200);
    assert.ok(!('shelf' in (await skus()).get('TEA-1')!.own!));
    assert.equal((await test.call('PATCH', `/api/v1/own-fields/${id}`, { revision: 3, retired: false })).status, 200);
    assert.equal((await skus()).get('TEA-1')!.own!['shelf'], 547.5);
    const { entries } = (await test.call<{ entries: { command: string }[] }>('GET', `/api/v1/own-fields/history?noun=own-fields&id=${id}`)).body;
    assert.deepEqual(entries.map((e) => e.command), ['restore-own-field', 'retire-own-field', 'change-own-field', 'make-own-field']);
  });

  it('a noun with nothing else to edit takes own fields too', async () => {
    await make({ noun: 'warehouses', key: 'dock', zh: '月台', type: 'text' });
    const row = (await list('/api/v1/warehouses')).rows[0]!;
    assert.equal((await publish('warehouses', [{ id: row.id, revision: row.revision, cells: { 'own.dock': '=3号' } }])).status, 200);
    assert.equal((await list('/api/v1/warehouses')).rows.find((r) => r.id === row.id)!.own!['dock'], '=3号');
    assert.ok(Buffer.from((await test.call<Uint8Array>('GET', '/api/v1/warehouses.csv')).body).toString().includes("'=3号"), 'no formula in the file');
  });

  it('a formula ends, whatever is written: a value or a problem, never a throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(fc.constantFrom('(', ')', '+', '-', '*', '/', '^', '&', '=', '<>', ',', '[实付]', '"a"', '1', '0', '50%', ...FORMULA_FUNCTIONS), { maxLength: 40 }).map((parts) => parts.join(''))), (text) => {
      const read = parseFormula(text);
      if (read.ok) assert.equal(typeof textOf(read.value.run(() => 3)), 'string');
      else assert.ok(read.refusal.message.zh !== '' && read.refusal.message.en !== '');
    }), { numRuns: 300 });
    const value = (text: string): unknown => { const read = parseFormula(text); assert.ok(read.ok, text); return read.value.run((name) => (name === '实付' ? 0.1 : name === '审单' ? { value: 'held', words: ['挂起', 'held'] } : null)); };
    for (const [text, is] of [['=1+2*3^2', 19], ['=-2^2', 4], ['=(1+2)*3', 9], ['=[实付]+0.2=0.3', false], ['=ROUND([实付]+0.2,2)=0.3', true], ['=1/0', null], ['=[审单]="挂起"', true], ['=[审单]="Held"', true], ['=ROUND(-2.5)', -3], ['="a"&1&[没有]', 'a1'], ['=IF([没有]="","空","有")', '空'], ['=SUM(1,"2",[没有])', 3], ['=IF(FALSE,1/0,2)', 2], ['=LEFT("茶叶𠮷",3)', '茶叶𠮷']] as const) assert.equal(value(text), is, text);
  });
});
