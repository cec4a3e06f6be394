import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { ADMIN } from '../../api/store/embedded/commands/status.ts';
import { arrayOperators } from '../../api/store/embedded/expressions-array.ts';
import { convertOperators } from '../../api/store/embedded/expressions-convert.ts';
import { dateOperators } from '../../api/store/embedded/expressions-date.ts';
import { mathOperators } from '../../api/store/embedded/expressions-math.ts';
import { objectOperators } from '../../api/store/embedded/expressions-object.ts';
import { textOperators } from '../../api/store/embedded/expressions-text.ts';
import { ACCUMULATORS } from '../../api/store/embedded/group.ts';
import { MODIFIERS } from '../../api/store/embedded/modifiers.ts';
import { STAGES } from '../../api/store/embedded/stages.ts';

const ROOM = 'api/store/embedded/';
describe('the embedded store: its README', () => {
  const text = readFileSync(`${ROOM}README.md`, 'utf8');
  const listed = (title: string): string[] => {
    const from = text.indexOf(`**${title}**`);
    assert.ok(from >= 0, title);
    return [...text.slice(from, text.indexOf('\n\n', from)).matchAll(/`([^`]+)`/g)].map((m) => m[1]!).sort();
  };
  const names = (table: object): string[] => Object.keys(table).sort();

  it('lists the commands, stages and operators that there are', () => {
    assert.deepEqual(listed('Commands of the server and of collections:'), names(ADMIN));
    assert.deepEqual(listed('Updates:'), names(MODIFIERS));
    assert.deepEqual(listed('Stages:'), names(STAGES));
    assert.deepEqual(listed('Accumulators:'), names(ACCUMULATORS));
    assert.deepEqual(listed('Expressions:'), names({ ...arrayOperators, ...convertOperators, ...dateOperators, ...mathOperators, ...objectOperators, ...textOperators }));
  });

  it('is true that it imports nothing of the rest of the product', () => {
    for (const path of readdirSync(ROOM, { recursive: true, encoding: 'utf8' }).filter((p) => p.endsWith('.ts'))) {
      const up = path.includes('/') ? /from '\.\.\/\.\.\// : /from '\.\.\//;
      assert.doesNotMatch(readFileSync(`${ROOM}${path}`, 'utf8'), up, path);
    }
  });
});
