/** The MongoDB wire protocol: OP_MSG, and OP_QUERY for a driver's first hello. Source: MongoDB manual, "Wire Protocol". */
import { RawBatch } from './commands/read.ts';
import { decode, encode, type Doc } from './values.ts';

export const OP_MSG = 2013;
export const OP_QUERY = 2004;
const OP_REPLY = 1;
const MORE_TO_COME = 2;
const CHECKSUM = 1;
export const MAX_MESSAGE = 48_000_000;

export type Message = { readonly requestId: number; readonly opCode: number; readonly command: Doc; readonly wantsReply: boolean };

/** One whole message (its length is in the first four bytes). Throws on a malformed one. */
export function parseMessage(bytes: Buffer): Message {
  const requestId = bytes.readInt32LE(4);
  const opCode = bytes.readInt32LE(12);
  if (opCode === OP_QUERY) {
    const nameEnd = bytes.indexOf(0, 20);
    const name = bytes.toString('utf8', 20, nameEnd);
    return { requestId, opCode, command: { ...decode(bytes.subarray(nameEnd + 9)), $db: name.split('.')[0] }, wantsReply: true };
  }
  if (opCode !== OP_MSG) throw new Error(`op code ${opCode} is not supported`);
  const flags = bytes.readUInt32LE(16);
  if (flags & ~(CHECKSUM | MORE_TO_COME) & 0xffff) throw new Error(`required flag bits ${flags} are not known`);
  const end = flags & CHECKSUM ? bytes.length - 4 : bytes.length;
  return { requestId, opCode, command: sections(bytes, 20, end), wantsReply: !(flags & MORE_TO_COME) };
}

function sections(bytes: Buffer, from: number, end: number): Doc {
  const command: Doc = {};
  const lists: Doc = {};
  let at = from;
  while (at < end) {
    const kind = bytes[at]!;
    const size = bytes.readInt32LE(at + 1);
    if (size < 5 || at + 1 + size > end) throw new Error('a section is longer than its message');
    if (kind === 0) Object.assign(command, decode(bytes.subarray(at + 1, at + 1 + size)));
    else if (kind === 1) sequence(bytes.subarray(at + 5, at + 1 + size), lists);
    else throw new Error(`section kind ${kind} is not known`);
    at += 1 + size;
  }
  return Object.assign(command, lists);
}

function sequence(bytes: Buffer, lists: Doc): void {
  const nameEnd = bytes.indexOf(0);
  const docs: Doc[] = [];
  for (let at = nameEnd + 1; at < bytes.length;) {
    const size = bytes.readInt32LE(at);
    if (size < 5 || at + size > bytes.length) throw new Error('a document is longer than its section');
    docs.push(decode(bytes.subarray(at, at + size)));
    at += size;
  }
  lists[bytes.toString('utf8', 0, nameEnd)] = docs;
}

let nextId = 1;
function framed(opCode: number, responseTo: number, parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(16);
  head.writeInt32LE(16 + parts.reduce((n, p) => n + p.length, 0), 0);
  head.writeInt32LE((nextId = (nextId + 1) & 0x7fffffff), 4);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(opCode, 12);
  return Buffer.concat([head, ...parts]);
}

export function replyTo(message: Message, reply: Doc): Buffer {
  const body = replyBytes(reply);
  if (message.opCode === OP_QUERY) {
    const head = Buffer.alloc(20);
    head.writeInt32LE(8, 0);
    head.writeInt32LE(1, 16);
    return framed(OP_REPLY, message.requestId, [head, body]);
  }
  return framed(OP_MSG, message.requestId, [Buffer.alloc(5), body]);
}

/** Encodes a reply; batches of ready-made documents are put in byte by byte, never decoded again. */
function replyBytes(reply: Doc): Buffer {
  const cursor = reply['cursor'] as Doc | undefined;
  const name = cursor ? Object.keys(cursor).find((k) => cursor[k] instanceof RawBatch) : undefined;
  if (!cursor || !name) return encode(reply);
  const { [name]: batch, ...restOfCursor } = cursor;
  const { cursor: _gone, ...rest } = reply;
  const inner = joined([element(4, name, arrayOf((batch as RawBatch).rows)), body(encode(restOfCursor))]);
  return joined([element(3, 'cursor', inner), body(encode(rest))]);
}
const body = (doc: Buffer): Buffer => doc.subarray(4, doc.length - 1);
function joined(parts: readonly Buffer[]): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32LE(4 + parts.reduce((n, p) => n + p.length, 0) + 1);
  return Buffer.concat([size, ...parts, Buffer.from([0])]);
}
const element = (type: number, name: string, value: Buffer): Buffer => Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`), value]);
const arrayOf = (rows: readonly Buffer[]): Buffer => joined(rows.flatMap((row, i) => [Buffer.from([3]), Buffer.from(`${i}\0`), row]));
