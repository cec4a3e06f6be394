import assert from 'node:assert/strict';
import fc from 'fast-check';
import { forecastSeries } from '../../api/purchasing/domain/forecast.ts';

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
/** Repeatable noise between 0 and 1 (Lehmer). */
const noise = (seed: number): (() => number) => () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
const WEEKDAYS = [1.4, 1.1, 1, 0.9, 0.8, 0.5, 1.3];

describe('purchasing: forecasts', () => {
  it('answers a period for each of the horizon, never below zero, p50 not above p90, whatever was sold', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 500 })), { minLength: 1, maxLength: 200 }), fc.constantFrom('day' as const, 'week' as const), fc.integer({ min: 1, max: 60 }), (values, freq, horizon) => {
      const f = forecastSeries(values, freq, horizon);
      for (const list of [f.mean, f.p50, f.p90]) assert.ok(list.length === horizon && list.every((n) => Number.isFinite(n) && n >= 0));
      assert.ok(f.p50.every((p, i) => p <= f.p90[i]!));
    }));
  });
  it('is a matter of scale: ten times the sales, ten times the forecast', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 120 }), (values) => {
      const [one, ten] = [forecastSeries(values, 'day', 14), forecastSeries(values.map((v) => v * 10), 'day', 14)];
      assert.equal(one.method, ten.method);
      assert.ok(Math.abs(sum(one.mean) * 10 - sum(ten.mean)) < 1e-6 * (1 + sum(ten.mean)));
    }));
  });
  it('names its method', () => {
    const sparse = Array.from({ length: 70 }, (_, i) => (i % 6 === 0 ? 3 : 0));
    assert.equal(forecastSeries([0, 0, 0], 'day', 3).method, 'none');
    assert.equal(forecastSeries([0, 4, 6], 'day', 3).method, 'moving-average');
    assert.deepEqual(forecastSeries([0, 4, 6], 'day', 3).mean, [5, 5, 5]);
    assert.equal(forecastSeries(new Array<number>(70).fill(5), 'day', 3).method, 'seasonal-ses');
    assert.equal(forecastSeries(sparse, 'day', 3).method, 'adida');
    assert.equal(forecastSeries(sparse, 'week', 3).method, 'sba');
    assert.equal(forecastSeries(new Array<number>(30).fill(5), 'week', 3).method, 'ses');
  });
  it('keeps a steady series where it is', () => {
    assert.deepEqual(forecastSeries(new Array<number>(70).fill(5), 'day', 7).mean.map((n) => Math.round(n * 1e6)), new Array<number>(7).fill(5_000_000));
  });
  it('finds the weekday, whichever day the series ends on', () => {
    for (const length of [84, 85, 90]) {
      const f = forecastSeries(Array.from({ length }, (_, i) => WEEKDAYS[i % 7]! * 100), 'day', 7);
      f.mean.forEach((m, h) => assert.ok(Math.abs(m - WEEKDAYS[(length + h) % 7]! * 100) < 8, `day ${h}: ${m}`));
    }
  });
  it('fades what has stopped selling', () => {
    const sold = new Array<number>(60).fill(4);
    assert.ok(sum(forecastSeries([...sold, ...new Array<number>(42).fill(0)], 'day', 14).mean) < 14 * 4 * 0.1);
    const weekly = forecastSeries([5, 0, 5, 0, 5, 0, 5, 0, 5, ...new Array<number>(40).fill(0)], 'week', 1).mean[0]!;
    assert.ok(weekly < 0.5, `${weekly}`);
  });
  it('beats the same day of last week on days kept aside, and p90 holds about nine of ten days', () => {
    let [ours, naive, sold, below, days] = [0, 0, 0, 0, 0];
    for (let s = 1; s <= 60; s += 1) {
      const next = noise(s * 7919);
      const level = 1 + next() * 20;
      const values = Array.from({ length: 118 }, (_, i) => Math.floor(level * WEEKDAYS[i % 7]! * (next() + next() + next()) * (2 / 3)));
      const [known, kept] = [values.slice(0, 90), values.slice(90)];
      const f = forecastSeries(known, 'day', 28);
      ours += sum(kept.map((v, i) => Math.abs(v - f.mean[i]!)));
      naive += sum(kept.map((v, i) => Math.abs(v - known[83 + (i % 7)]!)));
      sold += sum(kept);
      below += kept.filter((v, i) => v <= f.p90[i]!).length;
      days += kept.length;
    }
    assert.ok(ours / sold < (naive / sold) * 0.85, `${ours / sold} against ${naive / sold}`);
    assert.ok(below / days > 0.85 && below / days < 0.95, `${below / days}`);
  });
});
