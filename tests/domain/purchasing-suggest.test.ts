import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inPacks, suggest, type SuggestInput } from '../../api/purchasing/domain/suggest.ts';

const given = (over: Partial<SuggestInput> = {}): SuggestInput => ({ sales: new Array<number>(90).fill(10), leadTimeDays: 7, available: 50, incoming: 0, ownSafety: 20, moq: 1, packSize: 1, ...over });
const anything = fc.record({
  sales: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })), { minLength: 1, maxLength: 90 }), leadTimeDays: fc.integer({ min: 0, max: 60 }), available: fc.integer({ min: -50, max: 5_000 }), incoming: fc.integer({ min: 0, max: 2_000 }),
  ownSafety: fc.integer({ min: 0, max: 500 }), moq: fc.integer({ min: 0, max: 300 }), packSize: fc.integer({ min: 1, max: 48 }),
});

describe('purchasing: how many to buy', () => {
  it('works a plain case out by hand: ten a day, seven days of lead, twenty kept', () => {
    const p = suggest(given());
    assert.deepEqual(
      [p.meanPerDay, p.demandInLead, p.demandToTarget, p.statisticalSafety, p.safetyStock, p.reorderPoint, p.target, p.rawQuantity, p.quantity, p.method, p.soldPieces, p.salesDays],
      [10, 70, 140, 0, 20, 90, 160, 110, 110, 'seasonal-ses', 900, 90],
    );
  });
  it('rounds up to whole packs and to the least that is sold', () => {
    assert.equal(suggest(given({ packSize: 24 })).quantity, 120);
    assert.equal(suggest(given({ packSize: 24, moq: 200 })).quantity, 216);
  });
  it('buys nothing above the reorder point, and up to the target at it', () => {
    assert.equal(suggest(given({ available: 91 })).quantity, 0);
    assert.equal(suggest(given({ available: 90 })).quantity, 70);
    assert.equal(suggest(given({ available: 50, incoming: 41 })).quantity, 0, 'what is on its way counts');
  });
  it('keeps more when sales swing more', () => {
    const swinging = Array.from({ length: 90 }, (_, i) => (i % 3 === 0 ? 28 : 1));
    const p = suggest(given({ sales: swinging }));
    assert.ok(p.statisticalSafety > 20 && p.safetyStock === p.statisticalSafety, JSON.stringify(p));
    assert.ok(p.forecastP90 > p.meanPerDay);
  });
  it('never suggests a negative, a broken pack, or less than the least', () => {
    fc.assert(fc.property(anything, (input) => {
      const { quantity, rawQuantity } = suggest(input);
      assert.ok(quantity >= 0 && Number.isInteger(quantity));
      assert.equal(quantity % input.packSize, 0);
      if (quantity > 0) assert.ok(quantity >= input.moq && quantity >= rawQuantity && quantity - Math.max(rawQuantity, input.moq) < input.packSize);
      assert.equal(inPacks(quantity, input.moq, input.packSize), quantity, 'rounding again changes nothing');
    }));
  });
  it('adds up: each figure follows from the ones shown beside it', () => {
    fc.assert(fc.property(anything, (input) => {
      const p = suggest(input);
      assert.equal(p.safetyStock, Math.max(p.ownSafety, p.statisticalSafety));
      assert.ok(Math.abs(p.reorderPoint - (p.demandInLead + p.safetyStock)) <= 1.05 && Math.abs(p.target - (p.demandToTarget + p.safetyStock)) <= 1.05);
      const there = p.available + p.incoming;
      assert.equal(p.rawQuantity, there > p.reorderPoint ? 0 : Math.max(0, p.target - there));
      assert.equal(p.quantity, inPacks(p.rawQuantity, p.moq, p.packSize));
    }));
  });
  it('a piece more in stock never asks for more', () => {
    fc.assert(fc.property(anything, fc.integer({ min: 1, max: 500 }), (input, more) => {
      assert.ok(suggest({ ...input, available: input.available + more }).quantity <= suggest(input).quantity);
    }));
  });
});
