/** Whether a picture can be put on paper: looked at to its last byte before it is kept, since a broken one would stop every print. */
import { inflateSync } from 'node:zlib';
import PDFDocument from 'pdfkit';
import type { Both } from '../contract/route.ts';

const LARGEST = 300_000;
const WIDEST = 4_000;
const starts = (bytes: Buffer, head: readonly number[]): boolean => head.every((b, i) => bytes[i] === b);
const no = (zh: string, en: string): Both => ({ zh, en });

/** Undefined: it can. PNG (W3C PNG, 3rd edition: chunks of length, type, data, sum) or JPEG. */
export function whyNotPrintable(bytes: Buffer): Both | undefined {
  if (bytes.length > LARGEST) return no(`标志有 ${Math.ceil(bytes.length / 1000)} KB，最多 300 KB。`, `The logo has ${Math.ceil(bytes.length / 1000)} kB; 300 at most.`);
  const png = starts(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  if (!png && !starts(bytes, [0xff, 0xd8, 0xff])) return no('标志要是 PNG 或 JPEG 图片。', 'The logo has to be a PNG or JPEG picture.');
  if ((png && !isWholePng(bytes)) || !opens(bytes)) return no('图片打不开：文件坏了，或边长超过 4000 点。', 'The picture cannot be opened: its file is broken, or it is wider than 4000 pixels.');
  return undefined;
}

function opens(bytes: Buffer): boolean {
  try {
    const picture = (new PDFDocument({ autoFirstPage: false }) as unknown as { openImage(src: Buffer): { width: number; height: number } }).openImage(bytes);
    return picture.width > 0 && picture.height > 0 && picture.width <= WIDEST && picture.height <= WIDEST;
  } catch {
    return false;
  }
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Its pixels unpack to as many bytes as its head says; interlaced ones are told to be saved plain. */
function isWholePng(bytes: Buffer): boolean {
  const data: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  if (bytes.length < 33) return false;
  const [width, height, depth, kind, laced] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24]!, bytes[25]!, bytes[28]!];
  if (width > WIDEST || height > WIDEST || laced !== 0 || CHANNELS[kind] === undefined) return false;
  try {
    return inflateSync(Buffer.concat(data), { maxOutputLength: 200_000_000 }).length >= (Math.ceil((width * depth * CHANNELS[kind]) / 8) + 1) * height;
  } catch {
    return false;
  }
}
