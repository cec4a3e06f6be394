/**
 * Bytes to values. Own reader: the official one makes DBRef objects of documents, which paths cannot enter, and reads all of
 * a document where a filter names two fields. Writing is the official library's. Source: bsonspec.org, version 1.1.
 */
import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, serialize, Timestamp } from 'bson';
import { badValue, MongoError } from './errors.ts';

export type Value = unknown;
export type Doc = { [key: string]: Value };
export const MAX_DOC_BYTES = 16 * 1024 * 1024;
/** Deeper documents are refused, as MongoDB does (its limit is 200 for users' documents). */
const MAX_DEPTH = 200;

export function encode(doc: Doc, limit = MAX_DOC_BYTES): Buffer {
  const bytes = serialize(doc, { ignoreUndefined: false, serializeFunctions: false, checkKeys: false });
  return sized(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), limit);
}
function sized(bytes: Buffer, limit: number): Buffer {
  if (bytes.length > limit) throw new MongoError(10334, 'BSONObjectTooLarge', `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and 16793600(16MB)`);
  return bytes;
}

const MIN_KEY = new MinKey();
const MAX_KEY = new MaxKey();
const corrupt = (): MongoError => new MongoError(22, 'InvalidBSON', 'invalid BSON: a length leaves its document');

class Reader {
  at = 0;
  bytes: Buffer;
  /** How many of the bytes are the document's. */
  size: number;
  /** The bytes will not stay: what is taken out of them is copied. */
  readonly passing: boolean;
  private view: DataView;
  constructor(bytes: Buffer, passing = false) {
    this.bytes = bytes;
    this.size = bytes.length;
    this.passing = passing;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  /** Reads other bytes; those that come through one buffer share its view. */
  over(bytes: Buffer): void {
    const { buffer, byteOffset } = bytes;
    if (this.view.buffer !== buffer || this.view.byteOffset !== byteOffset) this.view = new DataView(buffer, byteOffset);
    this.bytes = bytes;
    this.at = 0;
    this.size = bytes.length;
  }
  int32(): number {
    const n = this.view.getInt32(this.at, true);
    this.at += 4;
    return n;
  }
  double(): number {
    const n = this.view.getFloat64(this.at, true);
    this.at += 8;
    return n;
  }
  take(length: number): Buffer {
    if (length < 0 || this.at + length > this.size) throw corrupt();
    const inside = this.bytes.subarray(this.at, this.at + length);
    const part = this.passing ? Buffer.from(inside) : inside;
    this.at += length;
    return part;
  }
  cstring(): string {
    const { bytes } = this;
    const from = this.at;
    let end = from;
    let ascii = true;
    for (; bytes[end] !== 0; end += 1) {
      if (end >= this.size) throw corrupt();
      if (bytes[end]! > 127) ascii = false;
    }
    this.at = end + 1;
    return ascii && end - from < 24 ? shortText(bytes, from, end) : bytes.toString('utf8', from, end);
  }
  skipCstring(): void {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw corrupt();
    this.at = end + 1;
  }
  string(): string {
    const length = this.int32();
    const from = this.at;
    if (length < 1 || from + length > this.size) throw corrupt();
    this.at = from + length;
    return textOf(this.bytes, from, from + length - 1);
  }
}

const SHORT = 24;
function textOf(bytes: Buffer, from: number, end: number): string {
  if (end - from > SHORT) return bytes.toString('utf8', from, end);
  for (let i = from; i < end; i += 1) if (bytes[i]! > 127) return bytes.toString('utf8', from, end);
  return shortText(bytes, from, end);
}
/** Short ASCII names are made faster one by one than by a call out of the engine. */
function shortText(bytes: Buffer, from: number, end: number): string {
  let text = '';
  for (let i = from; i < end; i += 1) text += String.fromCharCode(bytes[i]!);
  return text;
}

export function decode(bytes: Uint8Array): Doc {
  const reader = new Reader(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return documentOf(reader, 0);
}

export type Decoded = { readonly doc: Doc; /** The documents of its field `documents`, as they came. */ readonly raw: readonly (Buffer | undefined)[] | undefined };
/** A command; the documents of an insert are also given as bytes, so that they need not be written anew. */
export function decodeCommand(bytes: Buffer): Decoded {
  const reader = new Reader(bytes);
  const end = endOf(reader);
  const doc: Doc = {};
  let raw: (Buffer | undefined)[] | undefined;
  for (;;) {
    const type = bytes[reader.at++];
    if (!type) break;
    const key = fieldName(reader);
    if (key !== 'documents' || type !== 0x04) doc[key] = valueOf(reader, type, 0);
    else {
      raw = [];
      doc[key] = arrayOf(reader, 1, raw);
    }
  }
  if (reader.at !== end) throw corrupt();
  return { doc, raw };
}
/** A document's own bytes, when they say what was read of it: a name that comes twice is kept once. */
export const ownBytes = (bytes: Buffer, doc: Doc): Buffer | undefined => (fieldCount(bytes) === Object.keys(doc).length ? Buffer.from(bytes) : undefined);
function fieldCount(bytes: Buffer): number {
  const reader = new Reader(bytes);
  reader.at = 4;
  let n = 0;
  for (let type = bytes[reader.at++]; type; type = bytes[reader.at++]) {
    reader.at = afterValue(bytes, type, afterName(bytes, reader.at));
    n += 1;
  }
  return n;
}

function endOf(reader: Reader): number {
  const from = reader.at;
  const size = reader.int32();
  if (size < 5 || from + size > reader.size) throw corrupt();
  return from + size;
}

function documentOf(reader: Reader, depth: number): Doc {
  if (depth > MAX_DEPTH) throw new MongoError(15, 'Overflow', `Maximum recursion depth (${MAX_DEPTH}) exceeded`);
  const end = endOf(reader);
  const doc: Doc = {};
  for (;;) {
    const type = reader.bytes[reader.at++];
    if (!type) break;
    const key = fieldName(reader);
    doc[key] = valueOf(reader, type, depth);
  }
  if (reader.at !== end) throw corrupt();
  return doc;
}

function fieldName(reader: Reader): string {
  const key = reader.cstring();
  if (key === '__proto__' || key === '_bsontype') throw badValue(`the field name '${key}' is not supported by this store`);
  return key;
}

function arrayOf(reader: Reader, depth: number, raw?: (Buffer | undefined)[]): Value[] {
  if (depth > MAX_DEPTH) throw new MongoError(15, 'Overflow', `Maximum recursion depth (${MAX_DEPTH}) exceeded`);
  const end = endOf(reader);
  const list: Value[] = [];
  for (;;) {
    const type = reader.bytes[reader.at++];
    if (!type) break;
    reader.skipCstring();
    const from = reader.at;
    const value = valueOf(reader, type, depth);
    list.push(value);
    raw?.push(type === 0x03 ? ownBytes(reader.bytes.subarray(from, reader.at), value as Doc) : undefined);
  }
  if (reader.at !== end) throw corrupt();
  return list;
}

function valueOf(reader: Reader, type: number, depth: number): Value {
  switch (type) {
    case 0x01: return new Double(reader.double());
    case 0x02: return reader.string();
    case 0x03: return documentOf(reader, depth + 1);
    case 0x04: return arrayOf(reader, depth + 1);
    case 0x05: return binaryOf(reader);
    case 0x07: return new ObjectId(reader.take(12));
    case 0x08: return reader.take(1)[0] !== 0;
    case 0x09: { const low = reader.int32() >>> 0; return new Date(reader.int32() * 2 ** 32 + low); }
    case 0x0a: return null;
    case 0x0b: { const pattern = reader.cstring(); return new BSONRegExp(pattern, reader.cstring()); }
    case 0x0d: return new Code(reader.string());
    case 0x0e: return new BSONSymbol(reader.string());
    case 0x0f: { reader.int32(); const code = reader.string(); return new Code(code, documentOf(reader, depth + 1)); }
    case 0x10: return new Int32(reader.int32());
    case 0x11: { const low = reader.int32(); return new Timestamp(new Long(low, reader.int32(), true)); }
    case 0x12: { const low = reader.int32(); return new Long(low, reader.int32()); }
    case 0x13: return new Decimal128(reader.take(16));
    case 0xff: return MIN_KEY;
    case 0x7f: return MAX_KEY;
    // Undefined (6) and DBPointer (12) have been deprecated for ten years; no driver of today writes them.
    default: throw new MongoError(22, 'InvalidBSON', `BSON type ${type} is not supported by this store`);
  }
}

function binaryOf(reader: Reader): Binary {
  const length = reader.int32();
  const sub = reader.take(1)[0]!;
  // Subtype 2 holds its length a second time.
  if (sub === 2) return new Binary(reader.take(reader.int32()), 2);
  return new Binary(reader.take(length), sub);
}

const int32At = (bytes: Buffer, at: number): number => bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
/** Where a cstring that begins at `at` ends, its 0 included. */
export function afterName(bytes: Buffer, at: number): number {
  let end = at;
  while (bytes[end] !== 0) {
    if (end >= bytes.length) throw corrupt();
    end += 1;
  }
  return end + 1;
}
/** Where a value that begins at `at` ends, for values that are passed over. */
export function afterValue(bytes: Buffer, type: number, at: number): number {
  switch (type) {
    case 0x08: return at + 1;
    case 0x10: return at + 4;
    case 0x01: case 0x09: case 0x11: case 0x12: return at + 8;
    case 0x02: case 0x0d: case 0x0e: return at + 4 + int32At(bytes, at);
    case 0x03: case 0x04: case 0x0f: return at + int32At(bytes, at);
    case 0x05: return at + 5 + int32At(bytes, at);
    case 0x07: return at + 12;
    case 0x0a: case 0xff: case 0x7f: return at;
    case 0x0b: return afterName(bytes, afterName(bytes, at));
    case 0x13: return at + 16;
    default: throw new MongoError(22, 'InvalidBSON', `BSON type ${type} is not supported by this store`);
  }
}

/** In: a document's bytes, and another's. Out: the document with one more field at its end, which holds the other as it lies. */
export function withDocument(bytes: Buffer, name: string, inner: Buffer): Buffer {
  const field = Buffer.from(` ${name}\0`);
  field[0] = 0x03;
  const size = inner.readInt32LE(0);
  const out = Buffer.concat([bytes.subarray(0, -1), field, inner.subarray(0, size), bytes.subarray(-1)]);
  out.writeInt32LE(out.length, 0);
  return out;
}
/** The top fields in which two documents differ, as each has them; what is alike is not decoded. */
export function differing(before: Buffer, after: Buffer): { readonly before: Doc; readonly after: Doc } {
  const had = new Map<string, Buffer>();
  for (const { name, field } of topFields(before)) had.set(name, field);
  const made: { before: Doc; after: Doc } = { before: {}, after: {} };
  for (const { name, field } of topFields(after)) {
    const old = had.get(name);
    had.delete(name);
    if (old?.equals(field)) continue;
    if (old) made.before[name] = valueIn(old);
    made.after[name] = valueIn(field);
  }
  for (const [name, field] of had) made.before[name] = valueIn(field);
  return made;
}
/** A field: its type, its name, 0, its value. */
function* topFields(bytes: Buffer): Generator<{ readonly name: string; readonly field: Buffer }> {
  const end = bytes.readInt32LE(0) - 1;
  for (let at = 4; at < end;) {
    const value = afterName(bytes, at + 1);
    const next = afterValue(bytes, bytes[at]!, value);
    yield { name: textOf(bytes, at + 1, value - 1), field: bytes.subarray(at, next) };
    at = next;
  }
}
function valueIn(field: Buffer): Value {
  const reader = new Reader(field);
  reader.at = afterName(field, 1);
  return valueOf(reader, field[0]!, 0);
}

export type FieldSet = { readonly names: readonly string[]; readonly bytes: readonly Buffer[] };
export const fieldSet = (names: Iterable<string>): FieldSet => {
  const list = [...new Set(names)];
  return { names: list, bytes: list.map((n) => Buffer.from(`${n}\0`)) };
};

/** Reads only the named top fields of a document; all else is passed over by its length. */
export function decodeFields(bytes: Buffer, wanted: FieldSet): Doc {
  return fieldsFrom(new Reader(bytes), wanted);
}
/** The same of bytes that will not stay. */
export function decodePassing(bytes: Buffer, wanted: FieldSet | undefined): Doc {
  passer.over(bytes);
  return wanted ? fieldsFrom(passer, wanted) : documentOf(passer, 0);
}
const passer = new Reader(Buffer.alloc(0), true);

/** `slices` takes where each of them lies. */
function fieldsFrom(reader: Reader, wanted: FieldSet, slices?: Slice[]): Doc {
  const { bytes } = reader;
  const size = reader.int32();
  if (size !== reader.size) throw corrupt();
  const doc: Doc = {};
  let left = wanted.names.length;
  while (left > 0) {
    const from = reader.at;
    const type = bytes[reader.at++];
    if (!type) break;
    const hit = nameAt(bytes, reader.at, wanted);
    if (hit < 0) {
      reader.at = afterValue(bytes, type, afterName(bytes, reader.at));
      continue;
    }
    reader.at += wanted.bytes[hit]!.length;
    const name = wanted.names[hit]!;
    doc[name] = valueOf(reader, type, 0);
    slices?.push({ name, from, end: reader.at });
    left -= 1;
  }
  return doc;
}

function nameAt(bytes: Buffer, at: number, wanted: FieldSet): number {
  outer: for (let n = 0; n < wanted.bytes.length; n += 1) {
    const name = wanted.bytes[n]!;
    for (let i = 0; i < name.length; i += 1) if (bytes[at + i] !== name[i]) continue outer;
    return n;
  }
  return -1;
}

/** A top field in a document's bytes: from its type to the end of its value. */
export type Slice = { readonly name: string; readonly from: number; readonly end: number };
/** The wanted top fields that are there, with where they lie, in the document's order. */
export function fieldSlices(bytes: Buffer, wanted: FieldSet): { readonly doc: Doc; readonly slices: readonly Slice[] } {
  const slices: Slice[] = [];
  return { doc: fieldsFrom(new Reader(bytes), wanted, slices), slices };
}

/** A document with some of its top fields in new words: `made` has what those are now; what is in none of them is gone. */
export function spliced(bytes: Buffer, slices: readonly Slice[], made: Doc): Buffer {
  const fresh = new Map([...topFields(encode(made, Infinity))].map((f) => [f.name, f.field]));
  const parts: Buffer[] = [Buffer.alloc(4)];
  let at = 4;
  for (const { name, from, end } of slices) {
    if (from > at) parts.push(bytes.subarray(at, from));
    const now = fresh.get(name);
    if (now) parts.push(now);
    fresh.delete(name);
    at = end;
  }
  const out = Buffer.concat([...parts, bytes.subarray(at, bytes.length - 1), ...fresh.values(), END]);
  out.writeInt32LE(out.length, 0);
  return sized(out, MAX_DOC_BYTES);
}
const END = Buffer.from([0]);
