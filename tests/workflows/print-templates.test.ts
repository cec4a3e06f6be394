import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { deflateSync, inflateSync } from 'node:zlib';
import { paper } from '../../api/printing/paper.ts';
import { ingestOrders } from '../../api/orders/index.ts';
import { pdfText } from '../support/pdf.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { upsertSkus } from '../../api/stock/index.ts';
import { company, order, sku } from '../support/world.ts';

type Row = { id: string; document: string; field: string; position: number; shown: boolean; zh: string; size: number; revision: number };
type Problem = { errors: { column: string; code: string }[]; title: string };

/** A grey picture of w × h points, as a PNG; `cut` takes bytes off its pixels. */
function png(w: number, h: number, cut = 0): Uint8Array {
  const pixels = deflateSync(Buffer.alloc((w + 1) * h - cut, 128));
  const chunk = (type: string, data: Buffer): Buffer => { const head = Buffer.alloc(8); head.writeUInt32BE(data.length); head.write(type, 4, 'latin1'); return Buffer.concat([head, data, Buffer.alloc(4)]); };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(w, 0);
  size.writeUInt32BE(h, 4);
  size[8] = 8;
  return new Uint8Array(Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', size), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]));
}

const MM = 72 / 25.4;
/** The bars of each page, from left to right, in mm; `modules`: light and dark, of the width of the thinnest bar. */
function barsOf(pdf: Uint8Array): { page: [number, number]; left: number; width: number; height: number; module: number; modules: string }[] {
  const raw = Buffer.from(pdf).toString('latin1');
  const pages = [...raw.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map((m): [number, number] => [Number(m[1]) / MM, Number(m[2]) / MM]);
  const streams = [...raw.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map((m) => { try { return inflateSync(Buffer.from(m[1]!, 'latin1')).toString('latin1'); } catch { return ''; } }).filter((s) => s.includes(' re\n'));
  return streams.map((stream, i) => {
    const bars = [...stream.matchAll(/([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re/g)].map((m) => m.slice(1).map((n) => Number(n) / MM)) as number[][];
    const [first, last, module] = [bars[0]!, bars.at(-1)!, Math.min(...bars.map((b) => b[2]!))];
    const modules = bars.map((b, k) => '1'.repeat(Math.round(b[2]! / module)) + '0'.repeat(k + 1 < bars.length ? Math.round((bars[k + 1]![0]! - b[0]! - b[2]!) / module) : 0)).join('');
    return { page: pages[i]!, left: first[0]!, width: last[0]! + last[2]! - first[0]!, height: first[3]!, module, modules };
  });
}

describe('paper as the company wants it', () => {
  let test: TestService;
  let parcel: string;
  before(async () => {
    test = await startTestService();
    const { shopId } = await company(test.rt, { 'TEA-1': 100 });
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [order('p1', { buyerMessage: '请尽快' })] });
    for (const job of ['review-orders', 'plan-parcels']) await test.job(job);
    parcel = (await test.call<{ rows: { id: string }[] }>('GET', '/api/v1/parcels')).body.rows[0]!.id;
  });
  after(() => test.stop());
  const rows = async (document: string): Promise<Row[]> => (await test.call<{ rows: Row[] }>('GET', '/api/v1/print-templates?limit=500')).body.rows.filter((r) => r.document === document).sort((a, b) => a.position - b.position);
  let batches = 0;
  const publish = async (cells: Record<string, Record<string, unknown>>) => {
    const all = new Map([...(await rows('slip')), ...(await rows('label')), ...(await rows('pick-list')), ...(await rows('sku-label'))].map((r) => [r.id, r]));
    return test.call<Problem>('POST', '/api/v1/sheets/print-templates/publish', { batchId: `batch-paper-${(batches += 1)}`, rows: Object.entries(cells).map(([id, c]) => ({ id, revision: all.get(id)!.revision, cells: c })) });
  };
  const print = async (what: 'print' | 'labels' = 'print'): Promise<string> => pdfText((await test.call<Uint8Array>('POST', `/api/v1/parcels/${what}`, { ids: [parcel] })).body);
  const preview = async (document: string, draft: object[] = []): Promise<Uint8Array> => (await test.call<Uint8Array>('POST', '/api/v1/print-templates/preview', { document, draft })).body;
  const logo = (bytes?: Uint8Array) => { const form = new FormData(); if (bytes) form.append('file', new Blob([bytes as never]), 'logo.png'); return test.call<{ bytes?: number; title?: string }>('POST', '/api/v1/print-templates/logo', form); };

  it('a field per row, as it has always been printed', async () => {
    assert.deepEqual((await rows('slip')).filter((r) => r.shown).map((r) => r.field), ['language', 'title', 'courier', 'shop', 'orders', 'receiver', 'address', 'lines', 'total', 'message', 'memo', 'reprint', 'parcel', 'printed']);
    const text = await print();
    assert.match(text, /^发货单\n/);
    for (const words of ['订单 p1', '张三 {2}13800000000', '买家留言：请尽快', '共 1 种 1 件']) assert.match(text, new RegExp(words));
  });

  it('a draft is seen on paper first; published, it is what is printed next: words, order, language, hidden fields', async () => {
    const draft = [{ id: 'slip/title', zh: '云栖茶事' }, { id: 'slip/note1', shown: true, zh: '七天无理由退换', position: 5 }];
    assert.match(pdfText(await preview('slip', draft)), /^七天无理由退换\n云栖茶事/);
    assert.match(await print(), /^发货单\n/, 'a preview changes nothing');
    assert.equal((await publish({ 'slip/title': { zh: '云栖茶事' }, 'slip/note1': { shown: true, zh: '七天无理由退换', position: 5 }, 'slip/shop': { shown: false }, 'slip/message': { position: 15 } })).status, 200);
    const text = await print();
    assert.match(text, /^七天无理由退换\n买家留言：请尽快\n云栖茶事/);
    assert.doesNotMatch(text, /杭州仓/);
    assert.match(text, /补打 第 3 次/, 'the reprint mark stands on what was printed before');
    assert.equal((await publish({ 'slip/language': { zh: 'both' } })).status, 200);
    assert.match(await print(), /共 1 种 1 件 1 kinds, 1 pieces/);
  });

  it('what paper is of no use without cannot be hidden; sizes and languages that make no sense are named', async () => {
    const no = await publish({ 'slip/reprint': { shown: false }, 'label/number': { shown: false }, 'slip/title': { size: 60 }, 'label/language': { zh: 'fr' } });
    assert.deepEqual([no.status, no.body.errors.map((e) => e.code)], [422, ['must_stand', 'must_stand', 'bad_size', 'bad_language']]);
  });

  it('a logo stands on a slip once in the file; one that cannot be opened is refused before it stops a print', async () => {
    for (const bad of [new TextEncoder().encode('not a picture'), png(40, 20, 100), png(5_000, 1), new Uint8Array([0xff, 0xd8, 0xff, 1, 2, 3])]) assert.equal((await logo(bad)).status, 422);
    assert.equal((await logo(png(40, 20))).status, 200);
    assert.equal((await publish({ 'slip/logo': { shown: true, position: 1 }, 'label/logo': { shown: true } })).status, 200);
    for (const document of ['slip', 'label']) assert.match(Buffer.from(await preview(document)).toString('latin1'), /\/Subtype \/Image/);
    assert.equal((await logo()).status, 200);
    assert.doesNotMatch(Buffer.from(await preview('slip')).toString('latin1'), /\/Subtype \/Image/);
  });

  it('a label of goods: fields, order, words and paper of its own, and bars that a scanner reads', async () => {
    await upsertSkus(test.rt, [sku('MUG', { name: '马克杯', barcode: '6901234567892' }), sku('LONG', { barcode: 'ABCDEFGHIJKL' })]);
    const goods = (labels: object[], paper?: string) => test.call<Uint8Array>('POST', '/api/v1/stock/labels', { labels, ...(paper ? { paper } : {}) });
    const near = (is: number, wanted: number, what: string): void => assert.ok(Math.abs(is - wanted) < 0.05, `${what}: ${is}, not ${wanted} mm`);
    const first = (await goods([{ skuCode: 'MUG', copies: 2, bin: 'A-1' }])).body;
    assert.equal(pdfText(first), '马克杯\n6901234567892\nMUG  库位 A-1\n'.repeat(2).trim());
    const scannable = (bars: ReturnType<typeof barsOf>[number], wide: number, high: number, tall: number): void => {
      near(bars.page[0], wide, 'paper, width');
      near(bars.page[1], high, 'paper, height');
      near(bars.height, tall, 'bars');
      assert.ok(bars.module >= 0.24 && bars.left >= 10 * bars.module - 0.01 && bars.left + bars.width + 10 * bars.module <= wide + 0.01, `module ${bars.module}, light on the left ${bars.left}`);
      // Start A, B or C; the stop. Source: ISO/IEC 15417.
      assert.match(bars.modules, /^(11010000100|11010010000|11010011100)([01]{11})+1100011101011$/);
    };
    assert.equal(barsOf(first).length, 2);
    scannable(barsOf(first)[0]!, 50, 30, 9);
    scannable(barsOf((await goods([{ skuCode: 'MUG' }], '60x40')).body)[0]!, 60, 40, 9);
    const draft = [{ id: 'sku-label/price', shown: true, zh: '售价 ￥', position: 1 }, { id: 'sku-label/note1', shown: true, zh: '云栖茶事', position: 900 }, { id: 'sku-label/paper', zh: '60*40' }];
    assert.match(pdfText(await preview('sku-label', draft)), /^售价 ￥128\.00\n龙井 100 克[\s\S]*云栖茶事$/);
    assert.equal((await publish({ 'sku-label/paper': { zh: '40×30' }, 'sku-label/barcode': { size: 12, position: 15 }, 'sku-label/bin': { shown: false }, 'sku-label/sku': { zh: '货号：' }, 'sku-label/price': { shown: true, size: 7 } })).status, 200);
    const changed = (await goods([{ skuCode: 'MUG', bin: 'A-1' }])).body;
    assert.equal(pdfText(changed), '马克杯\n6901234567892\n货号：MUG\n￥30.00');
    scannable(barsOf(changed)[0]!, 40, 30, 12);
    const no = await publish({ 'sku-label/paper': { zh: '一卷' }, 'sku-label/barcode': { shown: false } });
    assert.deepEqual([no.status, no.body.errors.map((e) => e.code)], [422, ['bad_paper', 'must_stand']]);
    // Too long for 40 mm, and not for 60.
    assert.deepEqual([(await goods([{ skuCode: 'LONG' }])).status, (await goods([{ skuCode: 'LONG' }], '60x40')).status], [422, 200]);
  });

  it('columns of a pick list change places and names; a document goes back to how it was', async () => {
    assert.equal((await publish({ 'pick-list/name': { shown: false }, 'pick-list/quantity': { position: 1, zh: '几件' }, 'label/goods': { position: 1 }, 'label/sender': { shown: false } })).status, 200);
    const list = pdfText(await preview('pick-list'));
    assert.match(list, /几件\n库位\n货品\n分到（格×件）/);
    assert.doesNotMatch(list, /品茗杯/);
    assert.match(await print('labels'), /收 张三[\s\S]*TEA-1×1[\s\S]*订单 p1/);
    for (const document of ['slip', 'label', 'pick-list', 'sku-label']) assert.equal((await test.call('POST', '/api/v1/print-templates/reset', { document })).status, 200);
    assert.match(await print(), /^发货单\n/);
    assert.match(pdfText(await preview('pick-list')), /库位\n货品\n名称\n件数\n分到（格×件）/);
  });

  it('a long batch is drawn in pieces: others are heard between its pages', async () => {
    let heard = 0;
    let drawing = true;
    const others = (async () => { while (drawing) { await turn(); heard += 1; } })();
    const seen: number[] = [];
    await paper('x', [200, 200], 10, function* (doc) {
      for (let page = 0; page < 30; page += 1) {
        doc.addPage();
        for (const from = performance.now(); performance.now() - from < 3;);
        seen.push(heard);
        yield page;
      }
    });
    drawing = false;
    await others;
    assert.ok(seen.at(-1)! > seen[0]!, seen.join());
  });
});
