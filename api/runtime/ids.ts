import { monotonicFactory } from 'ulid';
import { PREFIXES, type Id, type Noun } from '../contract/values/ids.ts';
import type { Clock } from './clock.ts';

export type NewId = <N extends Noun>(noun: N) => Id<N>;

/** Ids that sort by the time of their making, also inside one millisecond. */
export const idMaker = (clock: Clock): NewId => {
  const next = monotonicFactory();
  return (noun) => `${PREFIXES[noun]}_${next(clock.now().getTime())}` as Id<typeof noun>;
};
