import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fenFromInteger, fenFromYuanText, rateOfFen, shareOut, sumFen, yuanText, type Fen } from '../../api/contract/values/money.ts';

const amount = fc.integer({ min: -(10 ** 12), max: 10 ** 12 }).map((n) => fenFromInteger(n));

describe('money', () => {
  const read: readonly [string, number | string][] = [
    ['0', 0], ['0.00', 0], ['-0.00', 0], ['88', 8800], ['1,234.5', 123450], ['-0.07', -7], ['.5', 50], ['+3', 300], ['0.00000', 0], ['1.10', 110],
    ['19.99', 1999], ['1.005', 'too_many_decimals'], ['1,23', 'not_an_amount'], ['', 'not_an_amount'], ['1e3', 'not_an_amount'], ['12箱', 'not_an_amount'],
    ['999999999999999', 'amount_out_of_range'], ['١', 'not_an_amount'], ['--1', 'not_an_amount'],
  ];
  for (const [text, expected] of read) {
    it(`reads “${text}” as ${expected}`, () => {
      const parsed = fenFromYuanText(text);
      assert.equal(parsed.ok ? parsed.value : parsed.refusal.code, expected);
    });
  }

  it('writes what it reads', () => {
    fc.assert(fc.property(amount, (fen) => {
      const parsed = fenFromYuanText(yuanText(fen));
      assert.ok(parsed.ok && Object.is(parsed.value, fen));
    }));
  });

  it('refuses a fraction of a fen', () => {
    assert.throws(() => fenFromInteger(0.5), /whole number of fen/);
    assert.throws(() => fenFromInteger(2 ** 51), /whole number of fen/);
  });

  it('shares out so that the parts are the whole, none off by more than a fen, signs kept', () => {
    fc.assert(fc.property(amount, fc.array(fc.integer({ min: 0, max: 10 ** 9 }), { minLength: 1, maxLength: 30 }), (total, weights) => {
      const parts = shareOut(total, weights);
      assert.equal(sumFen(parts), total);
      const sum = weights.reduce((a, b) => a + b, 0);
      parts.forEach((part, i) => {
        const exact = sum === 0 ? total / weights.length : (total * weights[i]!) / sum;
        assert.ok(Math.abs(part - exact) <= 1 + Math.abs(exact) * 1e-9, `${part} for ${exact}`);
        assert.ok(part === 0 || Math.sign(part) === Math.sign(total));
      });
    }));
  });

  it('gives an equal rest to the earlier part', () => {
    assert.deepEqual(shareOut(100 as Fen, [1, 1, 1]), [34, 33, 33]);
    assert.deepEqual(shareOut(-100 as Fen, [1, 1, 1]), [-34, -33, -33]);
    assert.deepEqual(shareOut(7 as Fen, [0, 0]), [4, 3]);
  });

  it('rounds a rate half away from zero', () => {
    assert.equal(rateOfFen(10_050 as Fen, 50), 50);
    assert.equal(rateOfFen(10_100 as Fen, 50), 51);
    assert.equal(rateOfFen(-10_100 as Fen, 50), -51);
  });
});
