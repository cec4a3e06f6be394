/** Bounds of an index walk as explain shows them: one list of intervals per field. */
import { ObjectId } from 'bson';
import type { Bound, Bounds } from './bounds.ts';
import type { Plan } from './plan.ts';
import { ORDER, orderOf, type Doc, type Value } from './values.ts';

export function describeBounds(plan: Plan): Doc {
  const { index } = plan;
  return Object.fromEntries(plan.used.map(({ path, bounds }, i) => [path, intervals(bounds, (index!.fields[i]!.direction === -1) !== plan.reverse, index!.multikey)]));
}

type Interval = { readonly low: string; readonly high: string; readonly from: boolean; readonly to: boolean };
function intervals(bounds: Bounds | undefined, backwards: boolean, multikey: boolean): string[] {
  const list = bounds ? intervalsOf(bounds, multikey) : [ALL];
  const written = list.map((i) => (backwards ? `${i.to ? '[' : '('}${i.high}, ${i.low}${i.from ? ']' : ')'}` : `${i.from ? '[' : '('}${i.low}, ${i.high}${i.to ? ']' : ')'}`));
  return backwards ? written.reverse() : written;
}
const ALL: Interval = { low: 'MinKey', high: 'MaxKey', from: true, to: true };

function intervalsOf({ points, low, high, joined }: Bounds, multikey: boolean): Interval[] {
  if (points) return points.map((v) => ({ low: shown(v), high: shown(v), from: true, to: true }));
  // On arrays both ends may be of different elements: one end is walked, the other is for the filter.
  const upper = multikey && low && !joined ? undefined : high;
  if (!low && !upper) return [ALL];
  const type = orderOf((low ?? upper)!.value);
  const [least, most] = ENDS[type] ?? [['MinKey', true], ['MaxKey', true]];
  const end = (b: Bound | undefined, otherwise: readonly [string, boolean]): readonly [string, boolean] => (b ? [shown(b.value), b.inclusive] : otherwise);
  const [from, to] = [end(low, least), end(upper, most)];
  return [{ low: from[0], high: to[0], from: from[1], to: to[1] }];
}
/** Where the values of a type begin and end. */
const ENDS: Readonly<Record<number, readonly [readonly [string, boolean], readonly [string, boolean]]>> = {
  [ORDER.number]: [['-inf', true], ['inf', true]], [ORDER.string]: [['""', true], ['{}', false]], [ORDER.bool]: [['false', true], ['true', true]],
  [ORDER.date]: [['new Date(-9223372036854775808)', true], ['new Date(9223372036854775807)', true]],
  [ORDER.objectId]: [["ObjectId('000000000000000000000000')", true], ["ObjectId('ffffffffffffffffffffffff')", true]],
  [ORDER.timestamp]: [['Timestamp(0, 0)', true], ['Timestamp(4294967295, 4294967295)', true]],
};
function shown(v: Value): string {
  if (typeof v === 'string') return JSON.stringify(v);
  if (v === null || v === undefined) return 'null';
  if (v instanceof Date) return `new Date(${v.getTime()})`;
  if (v instanceof ObjectId) return `ObjectId('${v.toHexString()}')`;
  return typeof v === 'object' && orderOf(v) === ORDER.object ? JSON.stringify(v) : String(v);
}
