import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../house/source.ts';
import { shelf } from '../support/files.ts';
import { startProduct } from '../support/product.ts';

type Said = { readonly code: number | null; readonly out: string; readonly err: string };
/** What `npm run import -- …` runs, without npm's own second. */
function run(dataDir: string, args: readonly string[]): Promise<Said> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'api/cli/import.ts', ...args], { cwd: ROOT, env: { ...process.env, DATA_DIR: dataDir, OWNER_TOKEN: '', PORT: '0' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => { said.out += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { said.err += chunk.toString(); });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}

describe('npm run import', function () {
  this.timeout(180_000);
  let dataDir: string;
  before(async () => { dataDir = await mkdtemp(join(tmpdir(), 'suanpan-import-')); });
  after(() => rm(dataDir, { recursive: true, force: true }));

  it('works before the first start, beside the running service, and after it; the same files only once', async () => {
    const first = await run(dataDir, [shelf('taobao_orders.csv'), shelf('taobao_items.csv')]);
    assert.deepEqual([first.code, first.out.split('\n').filter(Boolean).map((l) => l.replace(/\s+/g, ' '))], [0, ['taobao_orders.csv 淘宝订单报表 new 3 changed 0 same 0 bad 0', 'taobao_items.csv 淘宝宝贝报表 new 0 changed 3 same 0 bad 0']], first.err);

    const product = await startProduct(dataDir);
    try {
      const seen = async (): Promise<string[]> => (await product.call<{ rows: { platformOrderId: string }[] }>('GET', '/api/v1/orders')).body.rows.map((o) => o.platformOrderId).sort();
      const taobao = ['3190000000000000001', '3190000000000000002', '3190000000000000003'];
      assert.deepEqual(await seen(), taobao, 'what came before the start is there');
      const beside = await run(dataDir, [shelf('douyin_orders.csv'), shelf('taobao_orders.csv'), shelf('taobao_items.csv')]);
      assert.equal(beside.code, 0, beside.err);
      assert.match(beside.out, /douyin_orders\.csv .*new 3 {2}changed 0/);
      assert.match(beside.out, /taobao_orders\.csv .*new 0 {2}changed 0 {2}same 3/);
      assert.deepEqual(await seen(), [...taobao, '6917926768823600001', '6917926768823600002', '6917926768823600003'], 'the running service shows it at once');
    } finally {
      await product.stop();
    }
    const preview = await run(dataDir, ['--preview', shelf('douyin_orders.csv'), shelf('wechat_trade_all.csv')]);
    assert.deepEqual([preview.code, /douyin_orders\.csv .*new 0 {2}changed 0 {2}same 3/.test(preview.out), /wechat_trade_all\.csv .*new 3/.test(preview.out)], [0, true, true], preview.err);
  });
  it('a refusal ends with 1 and says what is wrong; no file at all ends with 2', async () => {
    const refused = await run(dataDir, [shelf('README.md')]);
    assert.deepEqual([refused.code, refused.out], [1, '']);
    assert.match(refused.err, /README\.md/);
    assert.equal((await run(dataDir, [])).code, 2);
  });
});
