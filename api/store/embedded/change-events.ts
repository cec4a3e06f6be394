/** What a change stream shows of one write. Source: the manual, "Change Events" (7.0). */
import { Binary, Int32 } from 'bson';
import { documentKey } from './documents.ts';
import { MongoError } from './errors.ts';
import type { Ground } from './view.ts';
import { describedOf, placeBytes, placeFrom, timeOf, type ChangeOf, type Logged, type Place } from './oplog.ts';
import type { Storage } from './storage.ts';
import { decode, isDoc, type Doc, type Value } from './values.ts';

/** A token is the place of an event and what stands there: all up to here, the event itself, or the end that follows it. */
export type Kind = 'mark' | 'event' | 'end';
const KINDS: readonly Kind[] = ['mark', 'event', 'end'];
export const tokenOf = (place: Place, kind: Kind): Doc => ({ _data: Buffer.concat([Buffer.from([0x82]), placeBytes(place), Buffer.from([KINDS.indexOf(kind)])]).toString('hex').toUpperCase() });
export function readToken(token: Value, option: string): { readonly place: Place; readonly kind: Kind } {
  if (!isDoc(token)) throw new MongoError(14, 'TypeMismatch', `BSON field '$changeStream.${option}' is the wrong type, expected type 'object'`);
  const data = token['_data'];
  if (typeof data !== 'string') throw new MongoError(40647, 'Location40647', `Bad resume token: _data of missing or of wrong type: ${String(data)}`);
  if (!/^[0-9a-fA-F]*$/.test(data)) throw new MongoError(9, 'FailedToParse', 'resume token string was not a valid hex string');
  const bytes = Buffer.from(data, 'hex');
  const kind = bytes.length === 14 && bytes[0] === 0x82 ? KINDS[bytes[13]!] : undefined;
  if (!kind) throw new MongoError(260, 'InvalidResumeToken', 'Resume token is not one of this store');
  return { place: placeFrom(bytes, 1), kind };
}

export type Images = 'off' | 'whenAvailable' | 'required';
export type Shown = { readonly expanded: boolean; readonly after: 'default' | 'updateLookup' | Exclude<Images, 'off'>; readonly before: Images };

const nsOf = (ns: string): Doc => {
  const at = ns.indexOf('.');
  return at === ns.length - 1 ? { db: ns.slice(0, at) } : { db: ns.slice(0, at), coll: ns.slice(at + 1) };
};
/** Events that are shown only to those who ask for more. */
export const EXPANDED: ReadonlySet<string> = new Set(['create', 'createIndexes', 'dropIndexes', 'modify']);

export function eventOf(logged: Logged, shown: Shown, ground: Ground): Doc {
  const { place, change, wall, lsid, number } = logged;
  const head: Doc = { _id: tokenOf(place, 'event'), operationType: change.op, clusterTime: timeOf(place) };
  if (shown.expanded && change.uuid) head['collectionUUID'] = new Binary(change.uuid, 4);
  head['wallTime'] = wall;
  const about = 'id' in change ? ofDocument(change, shown, ground) : ofCollection(change, shown);
  return { ...head, ...about, ...(lsid === undefined ? {} : { lsid, txnNumber: number }) };
}
export const endEvent = ({ place, wall }: Logged): Doc => ({ _id: tokenOf(place, 'end'), operationType: 'invalidate', clusterTime: timeOf(place), wallTime: wall });

type DocumentChange = Extract<ChangeOf, { id: Value }>;
function ofDocument(change: DocumentChange, shown: Shown, ground: Ground): Doc {
  const out: Doc = {};
  if (change.op === 'insert' || change.op === 'replace') out['fullDocument'] = decode(change.after);
  if (change.op === 'update' && shown.after !== 'default') out['fullDocument'] = afterOf(change, shown, ground);
  out['ns'] = nsOf(change.ns);
  out['documentKey'] = { _id: change.id };
  if (change.op === 'update') {
    const { disambiguatedPaths, ...described } = describedOf(change);
    out['updateDescription'] = shown.expanded ? { ...described, disambiguatedPaths } : described;
  }
  if (shown.before !== 'off' && change.op !== 'insert') out['fullDocumentBeforeChange'] = beforeOf(change, shown);
  return out;
}
function afterOf(change: Extract<DocumentChange, { op: 'update' | 'replace' }>, shown: Shown, ground: Ground): Value {
  if (shown.after === 'updateLookup') return current(change, ground);
  if (change.images) return decode(change.after);
  if (shown.after === 'required') throw noImage('post-image');
  return null;
}
function beforeOf(change: DocumentChange, shown: Shown): Value {
  if (change.op === 'delete' && change.before) return change.before;
  if ((change.op === 'update' || change.op === 'replace') && change.images) return change.before;
  if (shown.before === 'required') throw noImage('pre-image');
  return null;
}
const noImage = (what: string): MongoError =>
  new MongoError(47, 'NoMatchingDocument', `Change stream was configured to require a ${what} for all update, delete and replace events, but the ${what} was not found`);

/** The document as it is now, as far as it has been flushed; null when it is gone. */
function current(change: DocumentChange, { storage, catalog }: Ground): Doc | null {
  const collection = catalog.list().find((c) => c.uuid.equals(change.uuid));
  if (!collection) return null;
  const bytes = flushedBytes(storage, documentKey(collection, change.id));
  return bytes ? decode(bytes) : null;
}
function flushedBytes(storage: Storage, key: Buffer): Buffer | undefined {
  const snapshot = storage.snapshot();
  try {
    const bytes = storage.get(key, snapshot);
    return bytes && Buffer.from(bytes);
  } finally {
    snapshot.done();
  }
}

function ofCollection(change: Exclude<ChangeOf, { id: Value }>, shown: Shown): Doc {
  const { to, ...detail } = change.detail ?? {};
  const out: Doc = { ns: nsOf(change.ns) };
  if (change.op === 'rename') out['to'] = nsOf(String(to));
  if (shown.expanded && (change.op === 'rename' || EXPANDED.has(change.op))) out['operationDescription'] = withInts(detail);
  return out;
}
/** Details are written with plain numbers; versions and directions are Int32 in MongoDB's events. */
function withInts(v: Value): Value {
  if (typeof v === 'number') return Number.isInteger(v) ? new Int32(v) : v;
  if (Array.isArray(v)) return (v as Value[]).map(withInts);
  return isDoc(v) ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, withInts(x)])) : v;
}
