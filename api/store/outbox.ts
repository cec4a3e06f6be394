import mongoose, { Schema, type ClientSession } from 'mongoose';
import { SUBSCRIBERS, type EventPayloads, type Topic } from '../contract/events.ts';
import type { Runtime } from '../runtime/runtime.ts';

type EventDoc = {
  _id: string; topic: Topic; key: string; payload: EventPayloads[Topic]; at: Date;
  /** Subscribers that have not handled it yet. */
  pending: string[];
  tries: number; lastError: string;
};
const schema = new Schema<EventDoc>({
  _id: { type: String, required: true }, topic: { type: String, required: true }, key: { type: String, required: true },
  payload: { type: Schema.Types.Mixed, required: true }, at: { type: Date, required: true }, pending: { type: [String], required: true },
  tries: { type: Number, default: 0 }, lastError: { type: String, default: '' },
}, { strict: 'throw', versionKey: false, autoIndex: false });
schema.index({ key: 1 }, { unique: true });
schema.index({ pending: 1, _id: 1 });
export const Outbox = mongoose.model('outbox', schema, 'outbox');

/** Says, inside the transaction that did it, that something happened. The same key again says it anew to all subscribers. */
export async function emit<T extends Topic>(
  rt: Runtime, session: ClientSession, event: { topic: T; key: string; payload: EventPayloads[T] },
): Promise<void> {
  await Outbox.updateOne(
    { key: event.key },
    { $set: { topic: event.topic, payload: event.payload, at: rt.clock.now(), pending: [...SUBSCRIBERS[event.topic]] }, $setOnInsert: { _id: rt.newId('event'), tries: 0, lastError: '' } },
    { upsert: true, session },
  );
}

export type EventHandler = (event: { topic: Topic; key: string; payload: EventPayloads[Topic]; at: Date }) => Promise<void>;

/**
 * Hands waiting events to one subscriber, oldest first. The handler is idempotent by a natural key: an event whose handling
 * was cut off comes again. A failing event is kept, counted, and does not stop the ones behind it.
 */
export async function drain(rt: Runtime, subscriber: string, handler: EventHandler, limit = 500): Promise<{ handled: number; failed: number }> {
  let handled = 0;
  let failed = 0;
  const events = await Outbox.find({ pending: subscriber }).sort({ _id: 1 }).limit(limit).lean();
  for (const event of events) {
    try {
      await handler(event);
      // The filter on `at` keeps the event when it was said anew meanwhile.
      await Outbox.updateOne({ _id: event._id, at: event.at }, { $pull: { pending: subscriber } });
      handled += 1;
    } catch (error) {
      failed += 1;
      const words = error instanceof Error ? error.message : String(error);
      await Outbox.updateOne({ _id: event._id }, { $inc: { tries: 1 }, $set: { lastError: words.slice(0, 500) } });
      rt.log.warn({ event: event._id, topic: event.topic, subscriber, error: words }, 'event not handled');
    }
  }
  return { handled, failed };
}
