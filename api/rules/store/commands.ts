import mongoose, { Schema } from 'mongoose';
import { FEED_INDEX } from '../../store/feed.ts';

/** A command that the approval table looked at: `free` went through at once; the others waited as they were asked for. */
export type CommandDoc = {
  _id: string; command: string; route: string; params: Record<string, unknown>; query: Record<string, unknown>; body: unknown; askedBy: string; askedName: string; role: string; amountFen: number; quantity: number; needs: string; version: number; row: string;
  state: 'free' | 'waiting' | 'running' | 'done' | 'refused' | 'failed'; at: Date; decidedBy: string; decidedAt: Date | null; note: string; revision: number; changedAt: Date;
};
const must = { type: String, required: true };
const text = { type: String, default: '' };
const whole = { type: Number, required: true };
const schema = new Schema<CommandDoc>({
  _id: must, command: must, route: must, params: { type: Schema.Types.Mixed, default: {} }, query: { type: Schema.Types.Mixed, default: {} }, body: { type: Schema.Types.Mixed, default: null }, askedBy: must, askedName: text, role: must, amountFen: whole, quantity: whole, needs: text, version: whole, row: text,
  state: must, at: { type: Date, required: true }, decidedBy: text, decidedAt: { type: Date, default: null }, note: text, revision: whole, changedAt: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false, minimize: false });
schema.index({ at: 1 }).index({ state: 1, at: 1 }).index(FEED_INDEX);
export const Commands = mongoose.model('command', schema, 'commands');
