import assert from 'node:assert/strict';
import { sources } from './source.ts';

const FILE_HARD = 500;
const FILE_P90 = 320;
const FUNCTION_HARD = 70;

/** Functions by their braces: a line that opens one at the start of a declaration, up to the line that closes it. */
function longFunctions(path: string, lines: readonly string[]): string[] {
  const found: string[] = [];
  lines.forEach((line, index) => {
    const head = /^(\s*)(?:export )?(?:async )?(?:function\*? ?\w+|(?:static |private |public |async |get |set )*\w+\([^)]*\)(?:: [^={]+)? \{$|const \w+[^=]*= (?:async )?(?:\([^)]*\)|\w+)(?:: [^=]+)? => \{$)/.exec(line);
    if (!head || /^\s*(if|for|while|switch|return|describe|it|before|after|beforeEach|afterEach)\b/.test(line)) return;
    const end = lines.findIndex((l, i) => i > index && (l === `${head[1]}}` || l === `${head[1]}};`));
    if (end > 0 && end - index + 1 > FUNCTION_HARD) found.push(`${path}:${index + 1} is ${end - index + 1} lines`);
  });
  return found;
}

describe('house: sizes', () => {
  const own = sources.filter((f) => !f.path.startsWith('tests/'));

  it(`no file is longer than ${FILE_HARD} lines`, () => {
    assert.deepEqual(sources.filter((f) => f.lines.length > FILE_HARD + 1).map((f) => `${f.path}: ${f.lines.length}`), []);
  });

  it(`nine of ten files stay below ${FILE_P90} lines`, () => {
    const sorted = own.map((f) => f.lines.length).sort((a, b) => a - b);
    const p90 = sorted[Math.floor(sorted.length * 0.9)] ?? 0;
    assert.ok(p90 <= FILE_P90, `p90 is ${p90}`);
  });

  it(`no function is longer than ${FUNCTION_HARD} lines`, () => {
    assert.deepEqual(own.flatMap((f) => longFunctions(f.path, f.lines)), []);
  });

  it('the measure sees a long function', () => {
    const text = ['export function long() {', ...Array.from({ length: 80 }, () => '  step();'), '}'];
    assert.equal(longFunctions('x.ts', text).length, 1);
  });
});
