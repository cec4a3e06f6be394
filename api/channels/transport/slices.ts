import type { TimeWindow } from '../channel.ts';

/** A span as windows that a platform accepts, oldest first, in whole seconds; the second where two meet is in both. */
export function* slices(window: TimeWindow, widestMs: number): Generator<TimeWindow> {
  const second = (at: number): number => Math.floor(at / 1000) * 1000;
  const end = second(window.to.getTime());
  for (let from = second(window.from.getTime()); from < end;) {
    const to = Math.min(from + widestMs, end);
    yield { from: new Date(from), to: new Date(to) };
    from = to;
  }
}
