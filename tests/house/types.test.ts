import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './source.ts';

describe('house: types', () => {
  it('the whole compiles under strict', function () {
    this.timeout(300_000);
    const done = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', ROOT], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stdout.slice(0, 4000));
  });
});
