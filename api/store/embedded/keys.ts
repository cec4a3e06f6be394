/**
 * Values as bytes whose plain byte order is MongoDB's order: a type byte, then an order-preserving payload.
 * Numbers: the double's bits (sign-adjusted), then an exact remainder for what a double cannot hold. Strings: UTF-8 with
 * 0x00 escaped as 00 FF, ended by 00 00. Descending fields have all bits inverted.
 */
import { createHash } from 'node:crypto';
import { Binary, BSONRegExp, Code, Decimal128, Long, ObjectId, Timestamp } from 'bson';
import { decimalParts, ORDER, orderOf, toDouble, type Doc, type Value } from './values.ts';

/** LMDB takes keys of 1,978 bytes; longer ones are cut and end in a digest. Then order past the cut is checked on the documents. */
const MAX_KEY = 1_800;

const escaped = (bytes: Uint8Array): Buffer => {
  if (!bytes.includes(0)) return Buffer.concat([bytes, Buffer.from([0, 0])]);
  const out: number[] = [];
  for (const b of bytes) {
    out.push(b);
    if (b === 0) out.push(0xff);
  }
  out.push(0, 0);
  return Buffer.from(out);
};

function doubleBits(n: number): Buffer {
  const b = Buffer.alloc(8);
  b.writeDoubleBE(n === 0 ? 0 : n);
  if (b[0]! & 0x80) for (let i = 0; i < 8; i += 1) b[i] = ~b[i]! & 0xff;
  else b[0] = b[0]! | 0x80;
  return b;
}

/** How far an exact number lies from its nearest double: 0x80 = exact; else sign and digits of the difference, ordered. */
function remainder(v: Value, near: number): Buffer {
  const exact = Buffer.from([0x80]);
  if (!Number.isFinite(near)) return exact;
  if (v instanceof Long) {
    const rest = v.toBigInt() - BigInt(near);
    return rest === 0n ? exact : orderedDifference(rest, 0);
  }
  if (!(v instanceof Decimal128)) return exact;
  const parts = decimalParts(v.toString());
  if (typeof parts === 'string') return exact;
  let [scaled, twos] = [near, 0];
  while (!Number.isInteger(scaled)) [scaled, twos] = [scaled * 2, twos + 1];
  const low = Math.min(parts.exponent, -twos);
  const mine = parts.digits * 10n ** BigInt(parts.exponent - low);
  const other = BigInt(scaled) * 5n ** BigInt(twos) * 10n ** BigInt(-twos - low);
  return mine === other ? exact : orderedDifference(mine - other, low);
}

function orderedDifference(rest: bigint, exponent: number): Buffer {
  const digits = (rest < 0n ? -rest : rest).toString();
  const magnitude = Buffer.alloc(2);
  magnitude.writeUInt16BE(Math.max(0, Math.min(65_535, digits.length + exponent + 32_768)));
  const body = Buffer.concat([magnitude, Buffer.from(digits.replace(/0+$/, '')), Buffer.from([0])]);
  return rest > 0n ? Buffer.concat([Buffer.from([0x81]), body]) : Buffer.concat([Buffer.from([0x7f]), inverted(body)]);
}

const inverted = (bytes: Buffer): Buffer => {
  const out = Buffer.from(bytes);
  for (let i = 0; i < out.length; i += 1) out[i] = ~out[i]! & 0xff;
  return out;
};

const numberBytes = (v: Value): Buffer => {
  const near = toDouble(v);
  // NaN sorts below all numbers: eight zero bytes are below the bits of -Infinity.
  if (Number.isNaN(near)) return Buffer.concat([Buffer.alloc(8), Buffer.from([0x80])]);
  return Buffer.concat([doubleBits(near), remainder(v, near)]);
};

const long8 = (n: bigint): Buffer => {
  const b = Buffer.alloc(8);
  b.writeBigUInt64BE(BigInt.asUintN(64, n + 2n ** 63n));
  return b;
};

/** One value as ordered bytes. Types start at 0x10 so that the ends of type brackets can be written as type + 1. */
export function valueBytes(v: Value): Buffer {
  const type = orderOf(v);
  return Buffer.concat([Buffer.from([0x10 + type]), payload(v, type)]);
}

function payload(v: Value, type: number): Buffer {
  switch (type) {
    case ORDER.number: return numberBytes(v);
    case ORDER.string: return escaped(Buffer.from(String(v)));
    case ORDER.bool: return Buffer.from([v ? 1 : 0]);
    case ORDER.date: return long8(BigInt((v as Date).getTime()));
    case ORDER.objectId: return Buffer.from((v as ObjectId).id);
    case ORDER.timestamp: return long8((v as Timestamp).toBigInt());
    case ORDER.array: return Buffer.concat([...(v as Value[]).map(valueBytes), Buffer.from([0])]);
    case ORDER.object: return Buffer.concat([...Object.entries(v as Doc).map(([k, x]) => Buffer.concat([Buffer.from([0x10 + orderOf(x)]), escaped(Buffer.from(k)), payload(x, orderOf(x))])), Buffer.from([0])]);
    case ORDER.binary: return binaryBytes(v);
    case ORDER.regex: return escaped(Buffer.from(v instanceof RegExp ? `${v.source}/${v.flags}` : `${(v as BSONRegExp).pattern}/${(v as BSONRegExp).options}`));
    case ORDER.code: case ORDER.codeScope: return escaped(Buffer.from((v as Code).code));
    default: return Buffer.alloc(0);
  }
}

function binaryBytes(v: Value): Buffer {
  const bytes = v instanceof Binary ? v.value() : (v as Uint8Array);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length);
  head[4] = v instanceof Binary ? v.sub_type : 0;
  return Buffer.concat([head, bytes]);
}

export const bracketStart = (type: number): Buffer => Buffer.from([0x10 + type]);
export const bracketEnd = (type: number): Buffer => Buffer.from([0x10 + type + 1]);

/** A compound key; `directions` are 1 or -1 per field. */
export const compoundKey = (values: readonly Value[], directions: readonly number[]): Buffer =>
  Buffer.concat(values.map((v, i) => (directions[i] === -1 ? inverted(valueBytes(v)) : valueBytes(v))));
export const directed = (bytes: Buffer, direction: number): Buffer => (direction === -1 ? inverted(bytes) : bytes);

export function fitted(key: Buffer): Buffer {
  if (key.length <= MAX_KEY) return key;
  return Buffer.concat([key.subarray(0, MAX_KEY - 20), createHash('sha1').update(key).digest()]);
}
export const isCut = (key: Buffer): boolean => key.length > MAX_KEY;

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
