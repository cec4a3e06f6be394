/** A change stream: a cursor that waits for writes, and can be opened again where it stood. Source: the manual, "Change Streams" (7.0). */
import { Timestamp } from 'bson';
import { chained, compileStages, namedStages, type Context } from './aggregate.ts';
import { endEvent, eventOf, EXPANDED, readToken, tokenOf, type Shown } from './change-events.ts';
import { MongoError } from './errors.ts';
import type { Operation } from './operations.ts';
import { before, type ChangeOf, type Logged, type Oplog, type Place } from './oplog.ts';
import { plain } from './rows.ts';
import { encode, identical, isDoc, truthy, type Doc, type Value } from './values.ts';
import type { Ground } from './view.ts';

/** Of which writes: one collection's, one database's (no name), all (neither). */
export type Scope = { readonly db: string | undefined; readonly name: string | undefined };
const BATCH_BYTES = 15 * 1024 * 1024;
/** How long a wait may not notice that it was killed. */
const NOTICE_MS = 200;
/** Source: the manual, "Modify Change Stream Output". */
const ALLOWED = new Set(['$addFields', '$match', '$project', '$replaceRoot', '$replaceWith', '$redact', '$set', '$unset']);
const OPTIONS = new Set(['resumeAfter', 'startAfter', 'startAtOperationTime', 'fullDocument', 'fullDocumentBeforeChange', 'allChangesForCluster', 'showExpandedEvents', 'showSystemEvents']);

export type StreamBatch = { readonly rows: Buffer[]; readonly token: Doc; readonly ended: boolean };

export class ChangeStream {
  private readonly oplog: Oplog;
  private readonly ground: Ground;
  private readonly scope: Scope;
  private readonly shown: Shown;
  private readonly work: (event: Doc) => Doc | undefined;
  private place: Place;
  private token: Doc;
  /** This event ends the stream, and the end is still to be told. */
  private ending: Logged | undefined;
  private ended = false;
  private stopped: () => void = () => undefined;

  constructor(ground: Ground, scope: Scope, spec: Doc, pipeline: readonly Doc[], context: Context) {
    this.ground = ground;
    this.oplog = ground.oplog;
    this.scope = scope;
    this.shown = shownOf(spec);
    this.work = worked(pipeline, context);
    this.oplog.startKeeping();
    this.place = this.startOf(spec);
    this.token = tokenOf(this.place, 'mark');
    if (!this.oplog.reaches(this.place)) throw historyLost();
  }

  private startOf(spec: Doc): Place {
    const given = ['resumeAfter', 'startAfter', 'startAtOperationTime'].filter((o) => spec[o] !== undefined);
    if (given.length > 1) throw new MongoError(40674, 'Location40674', `Only one type of resume option is allowed, but multiple were found: ${given.join(', ')}.`);
    const [option] = given;
    if (option === undefined) return this.oplog.now();
    const value = spec[option];
    if (option === 'startAtOperationTime') {
      if (!(value instanceof Timestamp)) throw new MongoError(14, 'TypeMismatch', "BSON field '$changeStream.startAtOperationTime' is the wrong type, expected type 'timestamp'");
      return before(value);
    }
    const { place, kind } = readToken(value, option);
    if (kind === 'end' && option === 'resumeAfter') throw new MongoError(260, 'InvalidResumeToken', 'Attempting to resume a change stream using \'resumeAfter\' is not allowed from an invalidate notification');
    if (kind === 'event') {
      const last = this.oplog.at(place);
      if (last && this.ends(last.change)) this.ending = last;
    }
    return place;
  }

  /** Events that are there, at most `size`; waits for the first of them, up to `waitMs`. */
  async batch(size: number, waitMs: number, op: Operation): Promise<StreamBatch> {
    const until = performance.now() + waitMs;
    const rows: Buffer[] = [];
    for (;;) {
      op.check();
      const changed = this.oplog.changed(Math.min(NOTICE_MS, Math.max(0, until - performance.now())));
      this.stopped = changed.stop;
      this.read(rows, size);
      if (rows.length > 0 || this.ended || size === 0 || performance.now() >= until) {
        changed.stop();
        return { rows, token: this.token, ended: this.ended };
      }
      await changed.done;
    }
  }
  stop(): void {
    this.stopped();
  }

  private read(rows: Buffer[], size: number): void {
    if (!this.oplog.reaches(this.place)) throw historyLost();
    const room = { rows: size, bytes: BATCH_BYTES };
    const push = (event: Doc): void => {
      this.token = event['_id'] as Doc;
      const made = this.work(event);
      if (!made) return;
      const bytes = encode(made);
      rows.push(bytes);
      room.rows -= 1;
      room.bytes -= bytes.length;
    };
    if (size <= 0) return;
    if (this.ending) return this.end(this.ending, push);
    const seen = this.oplog.flushed();
    for (const logged of this.oplog.after(this.place)) {
      this.place = logged.place;
      if (!this.means(logged.change)) continue;
      push(eventOf(logged, this.shown, this.ground));
      if (this.ends(logged.change)) {
        this.ending = logged;
        if (room.rows > 0) this.end(logged, push);
        return;
      }
      if (room.rows <= 0 || room.bytes <= 0) return;
    }
    this.place = seen.t > this.place.t || (seen.t === this.place.t && seen.i >= this.place.i) ? seen : this.place;
    this.token = tokenOf(this.place, 'mark');
  }
  private end(logged: Logged, push: (event: Doc) => void): void {
    push(endEvent(logged));
    this.ended = true;
  }

  private means(change: ChangeOf): boolean {
    if (EXPANDED.has(change.op) && !this.shown.expanded) return false;
    const { db, name } = this.scope;
    if (db === undefined) return true;
    const to = change.op === 'rename' ? String(change.detail?.['to']) : '';
    if (name === undefined) return change.ns.startsWith(`${db}.`) || to.startsWith(`${db}.`);
    return change.ns === `${db}.${name}` || to === `${db}.${name}`;
  }
  /** Is the stream over after this? */
  private ends(change: ChangeOf): boolean {
    const { db, name } = this.scope;
    if (db === undefined || !this.means(change)) return false;
    return name === undefined ? change.op === 'dropDatabase' : change.op === 'drop' || change.op === 'rename';
  }
}

const historyLost = (): MongoError => new MongoError(286, 'ChangeStreamHistoryLost', 'Resume of change stream was not possible, as the resume point may no longer be in the oplog.', ['NonResumableChangeStreamError']);

function shownOf(spec: Doc): Shown {
  const unknown = Object.keys(spec).find((k) => !OPTIONS.has(k));
  if (unknown !== undefined) throw new MongoError(40415, 'Location40415', `BSON field '$changeStream.${unknown}' is an unknown field.`);
  const oneOf = <T extends string>(option: string, values: readonly T[], otherwise: T): T => {
    const v = spec[option];
    if (v === undefined) return otherwise;
    const found = values.find((x) => x === v);
    if (found === undefined) throw new MongoError(2, 'BadValue', `Enumeration value '${String(v)}' for field '$changeStream.${option}' is not a valid value.`);
    return found;
  };
  if (truthy(spec['showSystemEvents'])) throw new MongoError(303, 'NotImplemented', '$changeStream with showSystemEvents is not supported by this store');
  return {
    expanded: truthy(spec['showExpandedEvents']),
    after: oneOf('fullDocument', ['default', 'updateLookup', 'whenAvailable', 'required'] as const, 'default'),
    before: oneOf('fullDocumentBeforeChange', ['off', 'whenAvailable', 'required'] as const, 'off'),
  };
}

/** The stages after `$changeStream`: each event through all of them; its `_id` must come out as it was. */
function worked(pipeline: readonly Doc[], context: Context): (event: Doc) => Doc | undefined {
  const stages = namedStages(pipeline);
  const wrong = stages.find(([name]) => !ALLOWED.has(name));
  if (wrong) throw new MongoError(20, 'IllegalOperation', `${wrong[0]} is not permitted in a $changeStream pipeline`);
  const works = compileStages(stages, context);
  return (event) => {
    const [made] = plain<Doc>(chained([event], works));
    if (made && !identical(made['_id'], event['_id'])) throw fatal(event['_id'], made['_id']);
    return made;
  };
}
const shownId = (v: Value): string => (isDoc(v) ? JSON.stringify(v) : String(v));
const fatal = (expected: Value, found: Value): MongoError =>
  new MongoError(280, 'ChangeStreamFatalError', `Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. Modifying the _id field of an event makes it impossible to resume the stream from that point. Only transformations that retain the unmodified _id field are allowed. Expected: { _id: ${shownId(expected)} } but found: { _id: ${shownId(found)} }`, ['NonResumableChangeStreamError']);
