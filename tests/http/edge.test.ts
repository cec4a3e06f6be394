import assert from 'node:assert/strict';
import ExcelJS from 'exceljs';
import { startTestService, type TestService } from '../support/service.ts';

type Page = { rows: { id: string; name: string; revision: number }[]; cursor: string; more: boolean };
type ProblemBody = { code: string; status: number; title: string; instance: string; errors: { column: string; message: string }[] };

const account = (name: string) => ({ channel: 'alipay', name, account: { appId: '2021000000000001', privateKey: 'not-a-key-but-a-secret' }, gateway: 'http://127.0.0.1:9/alipay' });

describe('the HTTP edge', () => {
  let service: TestService;
  before(async () => { service = await startTestService(); });
  after(() => service.stop());

  it('is live and, without the jobs role, ready', async () => {
    assert.deepEqual((await service.call('GET', '/health')).body, { status: 'ok' });
    assert.equal((await service.call('GET', '/ready')).status, 200);
  });

  it('describes itself: every route is in openapi.json with its schemas', async () => {
    const { body } = await service.call<{ openapi: string; paths: Record<string, Record<string, unknown>> }>('GET', '/openapi.json');
    assert.match(body.openapi, /^3\.1/);
    assert.ok(body.paths['/api/v1/shops']?.['post'] && body.paths['/api/v1/jobs/{name}/run']?.['post']);
  });

  it('asks for a token, in problem+json, in the reader’s language', async () => {
    const refused = await service.call<ProblemBody>('GET', '/api/v1/shops', undefined, { authorization: 'Bearer nobody-knows-this', 'accept-language': 'en' });
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('content-type') ?? '', /application\/problem\+json/);
    assert.equal(refused.body.code, 'not_signed_in');
    assert.match(refused.body.title, /Not signed in/);
    assert.equal(refused.body.instance, refused.headers.get('x-request-id'));
  });

  it('signs a token in', async () => {
    const { body } = await service.call<{ role: string; rights: string[] }>('POST', '/api/v1/session', { token: service.token });
    assert.equal(body.role, 'owner');
    assert.ok(body.rights.includes('orders:write'));
  });

  it('names every wrong field of a request', async () => {
    const refused = await service.call<ProblemBody>('POST', '/api/v1/shops', { channel: 'amazon', name: '' });
    assert.equal(refused.status, 400);
    assert.deepEqual(refused.body.errors.map((e) => e.column).sort(), ['channel', 'name']);
  });

  it('says not JSON to what is not JSON, and no such address to what is none', async () => {
    const raw = await fetch(`${service.url}/api/v1/shops`, { method: 'POST', body: '{"channel":', headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' } });
    assert.equal(raw.status, 400);
    assert.equal((await service.call<ProblemBody>('GET', '/api/v1/nothing')).body.code, 'no_such_route');
  });

  it('answers a repeat under one Idempotency-Key as it answered before, and refuses another body under it', async () => {
    const key = { 'idempotency-key': 'connect-1' };
    const first = await service.call<{ id: string }>('POST', '/api/v1/shops', account('支付宝 一'), key);
    const again = await service.call<{ id: string }>('POST', '/api/v1/shops', account('支付宝 一'), key);
    assert.equal(first.status, 200);
    assert.equal(again.body.id, first.body.id);
    assert.equal(again.headers.get('idempotent-replay'), 'true');
    assert.equal((await service.call<ProblemBody>('POST', '/api/v1/shops', account('支付宝 二'), key)).body.code, 'idempotency_mismatch');
    assert.equal((await service.call<ProblemBody>('POST', '/api/v1/shops', account('支付宝 一'))).body.code, 'command_refused');
  });

  it('never shows credentials', async () => {
    const text = JSON.stringify((await service.call('GET', '/api/v1/shops')).body);
    assert.ok(!text.includes('2021000000000001') && !text.includes('sealed'));
  });

  it('pages a list so that each row comes once, and after the end only what changed', async () => {
    for (const n of [3, 4, 5, 6]) await service.call('POST', '/api/v1/shops', account(`账户 ${n}`));
    const seen: string[] = [];
    let cursor = '';
    for (let more = true; more;) {
      const { body }: { body: Page } = await service.call<Page>('GET', `/api/v1/shops?limit=2${cursor ? `&since=${cursor}` : ''}`);
      seen.push(...body.rows.map((r) => r.id));
      ({ cursor, more } = body);
    }
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(seen.length, 5);
    assert.deepEqual((await service.call<Page>('GET', `/api/v1/shops?since=${cursor}`)).body.rows, []);
    await service.call('POST', `/api/v1/shops/${seen[0]}/status`, { status: 'paused' });
    assert.deepEqual((await service.call<Page>('GET', `/api/v1/shops?since=${cursor}`)).body.rows.map((r) => r.id), [seen[0]]);
    assert.equal((await service.call<ProblemBody>('GET', '/api/v1/shops?since=rubbish')).body.code, 'bad_cursor');
  });

  it('gives a list as CSV and XLSX in which no cell is a formula', async () => {
    await service.call('POST', '/api/v1/shops', account('=HYPERLINK("http://x")'));
    const csv = new TextDecoder().decode((await service.call<Uint8Array>('GET', '/api/v1/shops.csv')).body);
    assert.ok(csv.includes(`"'=HYPERLINK(""http://x"")"`), csv);
    const book = new ExcelJS.Workbook();
    await book.xlsx.load((await service.call<Uint8Array>('GET', '/api/v1/shops.xlsx')).body.buffer as never);
    const cells = book.worksheets[0]?.getSheetValues().flat() ?? [];
    assert.ok(cells.includes('=HYPERLINK("http://x")'));
    assert.ok(!cells.some((c) => c !== null && typeof c === 'object' && 'formula' in (c as object)));
  });

  it('keeps a workbook of a person', async () => {
    assert.deepEqual((await service.call('GET', '/api/v1/workbook')).body, { revision: 0, snapshot: {} });
    const snapshot = { sheets: ['订单'], cells: 'x'.repeat(100_000) };
    await service.call('PUT', '/api/v1/workbook', { revision: 0, snapshot });
    assert.deepEqual((await service.call<{ snapshot: unknown }>('GET', '/api/v1/workbook')).body.snapshot, snapshot);
  });
});
