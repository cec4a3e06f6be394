/** The only place that reads the time of day; everything else is handed a clock. */
export type Clock = { now(): Date };
export const systemClock: Clock = { now: () => new Date() };
