import assert from 'node:assert/strict';
import { inEnglish } from '../../addin/i18n/plural.ts';
import { wordsOf } from '../../addin/i18n/words.ts';

describe('English for one', () => {
  it('one is singular with its verb, everything else stays', () => {
    for (const [many, one] of [
      ['1 cells were not published', '1 cell was not published'], ['1 drafts discarded.', '1 draft discarded.'], ['Publish 1 changes', 'Publish 1 change'], ['1 changes in 1 rows', '1 change in 1 row'], ['Of 4 orders, 1 orders differ', 'Of 4 orders, 1 order differs'],
      ['11 cells were', '11 cells were'], ['2.1 days left', '2.1 days left'], ['1,001 orders', '1,001 orders'], ['0 drafts', '0 drafts'], ['1 cellsx', '1 cellsx'],
    ] as const) assert.equal(inEnglish(many), one);
    assert.equal(wordsOf('en')('problem.title', { n: 1 }), '1 cell was not published');
    assert.equal(wordsOf('zh')('problem.title', { n: 1 }), '1 格没能发布');
  });
});
