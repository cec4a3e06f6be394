import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addDays, businessDay, businessDayOf, daysBetween, instantFromLocalText, isBusinessDay, localTimeText, startOfDay } from '../../api/contract/values/time.ts';

describe('time', () => {
  it('keeps 23:59:59 of Beijing on its day, under any zone of the server', () => {
    assert.equal(businessDayOf(new Date('2026-11-11T15:59:59Z')), '2026-11-11');
    assert.equal(businessDayOf(new Date('2026-11-11T16:00:00Z')), '2026-11-12');
  });

  it('reads platform time as Beijing time', () => {
    assert.equal(instantFromLocalText('2026-11-23 08:31:05')?.toISOString(), '2026-11-23T00:31:05.000Z');
    assert.equal(instantFromLocalText('2026/1/3 8:05')?.toISOString(), '2026-01-03T00:05:00.000Z');
    assert.equal(instantFromLocalText('2026-02-30 00:00:00'), undefined);
    assert.equal(instantFromLocalText('yesterday'), undefined);
  });

  it('minds the summer time of another zone', () => {
    assert.equal(instantFromLocalText('2026-07-01 00:00:00', 'Europe/Berlin')?.toISOString(), '2026-06-30T22:00:00.000Z');
    assert.equal(startOfDay(businessDay('2026-10-25'), 'Europe/Berlin').toISOString(), '2026-10-24T22:00:00.000Z');
  });

  it('local text and instant are each other’s inverse', () => {
    fc.assert(fc.property(fc.date({ min: new Date('1992-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }), (d) => {
      const whole = new Date(Math.floor(d.getTime() / 1000) * 1000);
      assert.equal(instantFromLocalText(localTimeText(whole))?.getTime(), whole.getTime());
    }));
  });

  it('shows any instant as the calendar of its zone does, however often it was asked', () => {
    const zones = ['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Monrovia'];
    const asked = zones.map((timeZone) => new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }));
    fc.assert(fc.property(fc.date({ min: new Date('1965-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }), fc.nat(zones.length - 1), (d, i) => {
      assert.equal(localTimeText(d, zones[i]), asked[i]!.format(d));
    }), { examples: [[new Date('1972-01-07T00:44:29Z'), 5], [new Date('1972-01-07T00:44:31Z'), 5], [new Date('1986-05-03T18:00:00Z'), 0], [new Date('1986-05-03T17:59:59Z'), 0]] });
  });

  it('counts days', () => {
    assert.equal(addDays(businessDay('2026-02-27'), 3), '2026-03-02');
    assert.equal(daysBetween(businessDay('2026-01-01'), businessDay('2026-12-31')), 364);
    assert.equal(isBusinessDay('2026-02-29'), false);
  });
});
