import mongoose, { Schema, type ClientSession } from 'mongoose';
import { SUBSCRIBERS, type EventPayloads, type Topic } from '../contract/events.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { insertAll, updateAll } from './bulk.ts';

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
): Promise<void> { await emitAll(rt, session, [event as NewEvent]); }

export type NewEvent = { [T in Topic]: { readonly topic: T; readonly key: string; readonly payload: EventPayloads[T] } }[Topic];
/** The same for many at once, in their order. `made`: of things made in this very transaction, of which nothing can have been said before. */
export async function emitAll(rt: Runtime, session: ClientSession, events: readonly NewEvent[], made: readonly NewEvent[] = []): Promise<void> {
  if (events.length + made.length === 0) return;
  const at = rt.clock.now();
  // The last word of a key stands. Most keys are new, and an insert costs a fraction of an upsert.
  const last = new Map(events.map((e) => [e.key, e]));
  const there = new Map(last.size === 0 ? [] : (await Outbox.find({ key: { $in: [...last.keys()] } }, { key: 1 }).session(session).lean()).map((d) => [d.key, d._id]));
  const said = (e: NewEvent): Pick<EventDoc, 'topic' | 'payload' | 'at' | 'pending'> => ({ topic: e.topic, payload: e.payload, at, pending: [...SUBSCRIBERS[e.topic]] });
  const fresh = [...last.values(), ...made].filter((e) => !there.has(e.key));
  await insertAll(Outbox, fresh.map((e): EventDoc => ({ _id: rt.newId('event'), key: e.key, ...said(e), tries: 0, lastError: '' })), session);
  await updateAll<EventDoc>(Outbox, [...last.values()].filter((e) => there.has(e.key)).map((e) => ({ filter: { _id: there.get(e.key)! }, update: { $set: said(e) } })), session);
}

export type WaitingEvent = Pick<EventDoc, '_id' | 'topic' | 'key' | 'payload' | 'at'>;
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

/**
 * The same, many at a time: the handler does a whole batch in one transaction. When a batch fails its events are tried one
 * by one, so that one bad event does not stop the others.
 */
export async function drainBatches(rt: Runtime, subscriber: string, handler: (events: readonly WaitingEvent[]) => Promise<void>, size = 100): Promise<{ handled: number; failed: number }> {
  const counts = { handled: 0, failed: 0 };
  let after = '';
  for (;;) {
    const events = await Outbox.find({ pending: subscriber, _id: { $gt: after } }).sort({ _id: 1 }).limit(size).lean<EventDoc[]>();
    if (events.length === 0) return counts;
    after = events.at(-1)!._id;
    try {
      await handler(events);
      await Outbox.bulkWrite(events.map((e) => ({ updateOne: { filter: { _id: e._id, at: e.at }, update: { $pull: { pending: subscriber } } } })));
      counts.handled += events.length;
    } catch (error) {
      rt.log.warn({ subscriber, err: error }, 'a batch of events was not handled; they are tried one by one');
      for (const event of events) {
        try {
          await handler([event]);
          await Outbox.updateOne({ _id: event._id, at: event.at }, { $pull: { pending: subscriber } });
          counts.handled += 1;
        } catch (one) {
          counts.failed += 1;
          const words = one instanceof Error ? one.message : String(one);
          await Outbox.updateOne({ _id: event._id }, { $inc: { tries: 1 }, $set: { lastError: words.slice(0, 500) } });
          rt.log.warn({ event: event._id, topic: event.topic, subscriber, error: words }, 'event not handled');
        }
      }
    }
  }
}
