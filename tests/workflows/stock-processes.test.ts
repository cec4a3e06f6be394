import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import { checkCosts, rebuildPositions } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { sharedStore } from '../support/shared-store.ts';
import { company } from '../support/world.ts';

const CHILD = fileURLToPath(new URL('../support/stock-child.ts', import.meta.url));
type Seller = { go: () => void; got: Promise<number> };

describe('stock: two processes on one store', () => {
  let test: TestService;
  let dataDir: string;
  before(async () => {
    test = await startTestService();
    dataDir = await mkdtemp(join(tmpdir(), 'suanpan-two-'));
    await company(test.rt, { 'TEA-1': 15 });
  });
  after(async () => {
    await test.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function seller(uri: string, name: string): Promise<Seller> {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, uri, mongoose.connection.name, dataDir, 'TEA-1', name, '20'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    const word = (pattern: RegExp): Promise<RegExpExecArray> => new Promise((resolve, reject) => {
      const look = (): void => { const found = pattern.exec(said); if (found) resolve(found); };
      child.stdout.on('data', (chunk: Buffer) => { said += chunk.toString(); look(); });
      child.once('exit', () => reject(new Error(`ended: ${said}`)));
      look();
    });
    await word(/ready/);
    return { go: () => void child.stdin.write('go\n'), got: word(/got (\d+)/).then((m) => Number(m[1])) };
  }

  it('forty ask for fifteen pieces: fifteen are promised, none twice, and the ledger agrees', async function () {
    this.timeout(300_000);
    const { uri } = sharedStore();
    const sellers = await Promise.all([seller(uri, 'a'), seller(uri, 'b')]);
    for (const s of sellers) s.go();
    const got = await Promise.all(sellers.map((s) => s.got));
    assert.equal(got[0]! + got[1]!, 15, String(got));
    assert.deepEqual((await rebuildPositions()).differences, []);
    assert.deepEqual((await checkCosts()).differences, []);
  });
});
