import mongoose, { Schema } from 'mongoose';
import { FEED_INDEX } from '../../store/feed.ts';

/** One shop and business day of the promise ledger: what the platform counts, and where each of its orders is with us. */
export type PromiseDoc = {
  _id: string; shopId: string; day: string;
  /** What the platform listed at the re-count; absent: not counted again yet. */ listed?: number; listedAt?: Date; /** Listed, and not with us when it was counted. */ absent?: string[]; /** With us, and not listed. */ unlisted?: string[];
  platform: number; ours: number; unpaid: number; waiting: number; held: number; holds: { code: string; count: number }[]; shipped: number; pushed: number; refused: number; closed: number; elsewhere: number;
  differences: { kind: DifferenceKind; ids: string[] }[]; revision: number; changedAt: Date;
};
/** `not_here` the platform has it and we have not; `not_there` we have it and the platform does not list it; `refused` shipped, and the platform does not take it. */
export type DifferenceKind = 'not_here' | 'not_there' | 'refused';
const must = { type: String, required: true };
const count = { type: Number, default: 0 };
const promise = new Schema<PromiseDoc>({
  _id: must, shopId: must, day: must, listed: Number, listedAt: Date, absent: { type: [String], default: undefined } as never, unlisted: { type: [String], default: undefined } as never, platform: count, ours: count, unpaid: count, waiting: count, held: count, holds: { type: [Schema.Types.Mixed], default: [] } as never,
  shipped: count, pushed: count, refused: count, closed: count, elsewhere: count, differences: { type: [Schema.Types.Mixed], default: [] } as never, revision: { type: Number, required: true }, changedAt: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false });
promise.index({ shopId: 1, day: 1 }, { unique: true }).index(FEED_INDEX);
export const Promises = mongoose.model('promise', promise, 'promises');

/** Up to when changes are counted. */
const marked = new Schema<{ _id: string; at: Date }>({ _id: must, at: { type: Date, required: true } }, { strict: 'throw', versionKey: false, autoIndex: false });
export const PromiseMarks = mongoose.model('promise-mark', marked, 'promise_marks');
