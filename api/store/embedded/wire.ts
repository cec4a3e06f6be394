/** The MongoDB wire protocol: OP_MSG, and OP_QUERY for a driver's first hello. Source: MongoDB manual, "Wire Protocol". */
import { RawBatch } from './commands/read.ts';
import { Long, Timestamp } from 'bson';
import { decodeCommand, ownBytes } from './bson.ts';
import { clusterTime } from './clock.ts';
import { decode, encode, type Doc } from './values.ts';

export const OP_MSG = 2013;
export const OP_QUERY = 2004;
const OP_REPLY = 1;
const MORE_TO_COME = 2;
const CHECKSUM = 1;
export const MAX_MESSAGE = 48_000_000;

export type Message = { readonly requestId: number; readonly opCode: number; readonly command: Doc; readonly raw: Raw; readonly wantsReply: boolean };
/** The documents of an insert, as they came. */
export type Raw = readonly (Buffer | undefined)[] | undefined;
/** What a command answers, and the time that is said with it. */
export type Reply = { readonly doc: Doc; readonly at: Timestamp };

/** One whole message (its length is in the first four bytes). Throws on a malformed one. */
export function parseMessage(bytes: Buffer): Message {
  const requestId = bytes.readInt32LE(4);
  const opCode = bytes.readInt32LE(12);
  if (opCode === OP_QUERY) {
    const nameEnd = bytes.indexOf(0, 20);
    const name = bytes.toString('utf8', 20, nameEnd);
    return { requestId, opCode, command: { ...decode(bytes.subarray(nameEnd + 9)), $db: name.split('.')[0] }, raw: undefined, wantsReply: true };
  }
  if (opCode !== OP_MSG) throw new Error(`op code ${opCode} is not supported`);
  const flags = bytes.readUInt32LE(16);
  if (flags & ~(CHECKSUM | MORE_TO_COME) & 0xffff) throw new Error(`required flag bits ${flags} are not known`);
  const end = flags & CHECKSUM ? bytes.length - 4 : bytes.length;
  return { requestId, opCode, ...sections(bytes, 20, end), wantsReply: !(flags & MORE_TO_COME) };
}

function sections(bytes: Buffer, from: number, end: number): { readonly command: Doc; readonly raw: Raw } {
  let command: Doc | undefined;
  let raw: Raw;
  const lists: Doc = {};
  let at = from;
  while (at < end) {
    const kind = bytes[at]!;
    const size = at + 5 > end ? 0 : bytes.readInt32LE(at + 1);
    if (size < 5 || at + 1 + size > end) throw new Error('a section is longer than its message');
    if (kind === 0) {
      if (command) throw new Error('a message has two bodies');
      const body = decodeCommand(bytes.subarray(at + 1, at + 1 + size));
      command = body.doc;
      raw ??= body.raw;
    } else if (kind === 1) raw = sequence(bytes.subarray(at + 5, at + 1 + size), lists) ?? raw;
    else throw new Error(`section kind ${kind} is not known`);
    at += 1 + size;
  }
  if (!command) throw new Error('a message has no body');
  return { command: Object.assign(command, lists), raw };
}

function sequence(bytes: Buffer, lists: Doc): Raw {
  const nameEnd = bytes.indexOf(0);
  if (nameEnd < 0) throw new Error('a section has no name');
  const docs: Doc[] = [];
  const raw: (Buffer | undefined)[] = [];
  for (let at = nameEnd + 1; at < bytes.length;) {
    const size = at + 4 > bytes.length ? 0 : bytes.readInt32LE(at);
    if (size < 5 || at + size > bytes.length) throw new Error('a document is longer than its section');
    const one = bytes.subarray(at, at + size);
    const doc = decode(one);
    docs.push(doc);
    raw.push(ownBytes(one, doc));
    at += size;
  }
  const name = bytes.toString('utf8', 0, nameEnd);
  lists[name] = docs;
  return name === 'documents' ? raw : undefined;
}

let nextId = 1;
function framed(opCode: number, responseTo: number, parts: readonly Buffer[]): Buffer {
  const head = Buffer.allocUnsafe(16);
  head.writeInt32LE(16 + lengthOf(parts), 0);
  head.writeInt32LE((nextId = (nextId + 1) & 0x7fffffff), 4);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(opCode, 12);
  return Buffer.concat([head, ...parts]);
}

export function replyTo(message: Message, { doc, at }: Reply): Buffer {
  const parts = [...replyParts(doc), stamp(at), END];
  const size = Buffer.allocUnsafe(4);
  size.writeInt32LE(4 + lengthOf(parts));
  if (message.opCode !== OP_QUERY) return framed(OP_MSG, message.requestId, [NO_FLAGS, size, ...parts]);
  const head = Buffer.alloc(20);
  head.writeInt32LE(8, 0);
  head.writeInt32LE(1, 16);
  return framed(OP_REPLY, message.requestId, [head, size, ...parts]);
}
const NO_FLAGS = Buffer.alloc(5);
const END = Buffer.from([0]);
const lengthOf = (parts: readonly Buffer[]): number => parts.reduce((n, p) => n + p.length, 0);

/** The time of a reply as bytes: made once with a time that is then written over. */
const SAMPLE = new Timestamp(new Long(0x1122_3344, 0x5566_7788, true));
const STAMP = body(encode({ $clusterTime: clusterTime(SAMPLE), operationTime: SAMPLE }));
const STAMP_AT = ((): readonly number[] => {
  const mark = Buffer.alloc(8);
  mark.writeInt32LE(SAMPLE.low, 0);
  mark.writeInt32LE(SAMPLE.high, 4);
  const first = STAMP.indexOf(mark);
  return [first, STAMP.indexOf(mark, first + 8)];
})();
function stamp(at: Timestamp): Buffer {
  const bytes = Buffer.from(STAMP);
  for (const place of STAMP_AT) {
    bytes.writeInt32LE(at.low, place);
    bytes.writeInt32LE(at.high, place + 4);
  }
  return bytes;
}

/** A reply's elements; batches of ready-made documents are put in byte by byte, never decoded again. */
function replyParts(reply: Doc): Buffer[] {
  const cursor = reply['cursor'] as Doc | undefined;
  const name = cursor ? Object.keys(cursor).find((k) => cursor[k] instanceof RawBatch) : undefined;
  if (!cursor || !name) return [body(encode(reply))];
  const { [name]: batch, ...restOfCursor } = cursor;
  const { cursor: _gone, ...rest } = reply;
  const rows = (batch as RawBatch).rows.flatMap((row, i) => [Buffer.from(`\x03${i}\0`), row]);
  return [...nested(3, 'cursor', [...nested(4, name, rows), body(encode(restOfCursor))]), body(encode(rest))];
}
function body(doc: Buffer): Buffer {
  return doc.subarray(4, doc.length - 1);
}
function nested(type: number, name: string, parts: readonly Buffer[]): Buffer[] {
  const head = Buffer.allocUnsafe(name.length + 6);
  head[0] = type;
  head.write(name, 1, 'latin1');
  head[name.length + 1] = 0;
  head.writeInt32LE(5 + lengthOf(parts), name.length + 2);
  return [head, ...parts, END];
}
