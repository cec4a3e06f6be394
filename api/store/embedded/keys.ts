/**
 * Values as bytes whose plain byte order is MongoDB's order: a type byte, then an order-preserving payload.
 * Numbers: the double's bits (sign-adjusted), then an exact remainder for what a double cannot hold. Strings: UTF-8 with
 * 0x00 escaped as 00 FF, ended by 00 00. Descending fields have all bits inverted.
 */
import { createHash } from 'node:crypto';
import { Binary, BSONRegExp, Code, Decimal128, Int32, Long, ObjectId, Timestamp } from 'bson';
import { addDecimals, isSpecial, negated, partsOfDouble } from './decimal.ts';
import { ORDER, orderOf, partsOf, toDouble, type Doc, type Value } from './values.ts';

/** LMDB takes keys of 1,978 bytes; longer ones are cut and end in a digest. Then order past the cut is checked on the documents. */
export const MAX_KEY = 1_800;

/** Types start at 0x10 so that the ends of type brackets can be written as type + 1. */
const TYPE_BASE = 0x10;

/** Grows as it is written to. One is enough: nothing below calls out while a key is being written. */
class Writer {
  private bytes = Buffer.allocUnsafe(1024);
  private at = 0;
  private room(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const next = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + more));
    this.bytes.copy(next, 0, 0, this.at);
    this.bytes = next;
  }
  byte(b: number): void {
    this.room(1);
    this.bytes[this.at++] = b;
  }
  raw(part: Uint8Array): void {
    this.room(part.length);
    this.bytes.set(part, this.at);
    this.at += part.length;
  }
  text(value: string): void {
    const longest = value.length * 3 + 2;
    this.room(longest);
    if (!value.includes('\0')) this.at += this.bytes.write(value, this.at, 'utf8');
    else for (const b of Buffer.from(value)) { this.byte(b); if (b === 0) this.byte(0xff); }
    this.byte(0);
    this.byte(0);
  }
  double(n: number): void {
    this.room(8);
    const { bytes, at } = this;
    bytes.writeDoubleBE(n === 0 ? 0 : n, at);
    if (bytes[at]! & 0x80) for (let i = at; i < at + 8; i += 1) bytes[i] = ~bytes[i]! & 0xff;
    else bytes[at] = bytes[at]! | 0x80;
    this.at += 8;
  }
  long(n: bigint): void {
    this.room(8);
    this.bytes.writeBigUInt64BE(BigInt.asUintN(64, n + 2n ** 63n), this.at);
    this.at += 8;
  }
  uint32(n: number): void {
    this.room(4);
    this.bytes.writeUInt32BE(n, this.at);
    this.at += 4;
  }
  begin(): void {
    this.at = 0;
  }
  done(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.at));
  }
}
const writer = new Writer();

/** How far an exact number lies from its nearest double: 0x80 = exact; else sign and digits of the difference, ordered. */
function writeRemainder(v: Long | Decimal128 | bigint, near: number): void {
  const rest = addDecimals(partsOf(v), negated(partsOfDouble(near)));
  if (isSpecial(rest) || rest.digits === 0n) return writer.byte(0x80);
  const digits = rest.digits.toString();
  const body = Buffer.alloc(3 + digits.length);
  body.writeUInt16BE(Math.max(0, Math.min(65_535, digits.length + rest.exponent + 32_768)));
  const shown = digits.replace(/0+$/, '');
  body.write(shown, 2, 'latin1');
  const used = body.subarray(0, 3 + shown.length);
  writer.byte(rest.negative ? 0x7f : 0x81);
  writer.raw(rest.negative ? inverted(used) : used);
}

function writeNumber(v: Value): void {
  if (v instanceof Int32) {
    writer.double(v.value);
    return writer.byte(0x80);
  }
  const near = toDouble(v);
  if (Number.isNaN(near)) {
    // NaN sorts below all numbers: eight zero bytes are below the bits of -Infinity.
    writer.raw(Buffer.alloc(8));
    return writer.byte(0x80);
  }
  if (!(v instanceof Long) && !(v instanceof Decimal128) && typeof v !== 'bigint') {
    writer.double(near);
    return writer.byte(0x80);
  }
  // A decimal past all doubles is not infinite: it lies between the greatest double and infinity.
  const clamped = Number.isFinite(near) || isSpecial(partsOf(v)) ? near : Math.sign(near) * Number.MAX_VALUE;
  writer.double(clamped);
  if (Number.isFinite(clamped)) writeRemainder(v, clamped);
  else writer.byte(0x80);
}

function write(v: Value): void {
  const type = orderOf(v);
  writer.byte(TYPE_BASE + type);
  writePayload(v, type);
}

function writePayload(v: Value, type: number): void {
  switch (type) {
    case ORDER.number: return writeNumber(v);
    case ORDER.string: return writer.text(String(v));
    case ORDER.bool: return writer.byte(v ? 1 : 0);
    case ORDER.date: return writer.long(BigInt((v as Date).getTime()));
    case ORDER.objectId: return writer.raw((v as ObjectId).id);
    case ORDER.timestamp: return writer.long((v as Timestamp).toBigInt());
    case ORDER.array: for (const item of v as Value[]) write(item); return writer.byte(0);
    case ORDER.object: return writeDoc(v as Doc);
    case ORDER.binary: return writeBinary(v);
    case ORDER.regex: return writeRegex(v);
    case ORDER.code: return writer.text((v as Code).code);
    case ORDER.codeScope: writer.text((v as Code).code); return writeDoc((v as Code).scope as Doc);
    default: return undefined;
  }
}
function writeDoc(doc: Doc): void {
  for (const key of Object.keys(doc)) {
    const type = orderOf(doc[key]);
    writer.byte(TYPE_BASE + type);
    writer.text(key);
    writePayload(doc[key], type);
  }
  writer.byte(0);
}
function writeRegex(v: Value): void {
  const [pattern, options] = v instanceof RegExp ? [v.source, v.flags] : [(v as BSONRegExp).pattern, (v as BSONRegExp).options];
  writer.text(pattern);
  writer.text(options);
}
function writeBinary(v: Value): void {
  const bytes = v instanceof Binary ? v.value() : (v as Uint8Array);
  writer.uint32(bytes.length);
  writer.byte(v instanceof Binary ? v.sub_type : 0);
  writer.raw(bytes);
}

/** One value as ordered bytes. */
export function valueBytes(v: Value): Buffer {
  writer.begin();
  write(v);
  return writer.done();
}
/** A value as a Map key: equal values have the same, whatever their number types. */
export const valueMark = (v: Value): string => {
  if (typeof v === 'string') return `s${v}`;
  if (v instanceof ObjectId) return `o${v.toHexString()}`;
  if (v instanceof Int32) return `n${v.value}`;
  if (v === undefined) return 'missing';
  if (orderOf(v) === ORDER.number) {
    const n = toDouble(v);
    if (Number.isSafeInteger(n) && (!(v instanceof Decimal128) || valueBytes(v).at(-1) === 0x80)) return `n${n === 0 ? 0 : n}`;
  }
  return `b${valueBytes(v).toString('latin1')}`;
};

const inverted = (bytes: Uint8Array): Buffer => {
  const out = Buffer.from(bytes);
  for (let i = 0; i < out.length; i += 1) out[i] = ~out[i]! & 0xff;
  return out;
};

export const bracketStart = (type: number): Buffer => Buffer.from([TYPE_BASE + type]);
export const bracketEnd = (type: number): Buffer => Buffer.from([TYPE_BASE + type + 1]);

/** A compound key; `directions` are 1 or -1 per field. */
export function compoundKey(values: readonly Value[], directions: readonly number[]): Buffer {
  if (directions.every((d) => d === 1)) {
    writer.begin();
    for (const v of values) write(v);
    return writer.done();
  }
  return Buffer.concat(values.map((v, i) => directed(valueBytes(v), directions[i]!)));
}
export const directed = (bytes: Buffer, direction: number): Buffer => (direction === -1 ? inverted(bytes) : bytes);

export function fitted(key: Buffer): Buffer {
  if (key.length <= MAX_KEY) return key;
  return Buffer.concat([key.subarray(0, MAX_KEY - 20), createHash('sha1').update(key).digest()]);
}
/** The part of a bound that a cut key still shows. */
export const cutBound = (key: Buffer): Buffer => (key.length > MAX_KEY - 20 ? key.subarray(0, MAX_KEY - 20) : key);

/** The first key after all keys with this prefix, or undefined when there is none. */
export function afterPrefix(prefix: Buffer): Buffer | undefined {
  const out = Buffer.from(prefix);
  for (let i = out.length - 1; i >= 0; i -= 1) {
    if (out[i] === 0xff) continue;
    out[i] = out[i]! + 1;
    return out.subarray(0, i + 1);
  }
  return undefined;
}
