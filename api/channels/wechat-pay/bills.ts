/** A day's trade bill or fund flow: asked for, downloaded at once (the link lives minutes), unpacked, its hash checked, read. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Bill, BillKind, ChannelRefusal, PaymentContext } from '../channel.ts';
import { decodeText } from '../transport/text.ts';
import { told } from '../transport/told.ts';
import { isWechatBill, readWechatBill, wechatMatrix } from './bill-file.ts';
import { get, refusalOf, send } from './client.ts';

const PATH: Readonly<Record<BillKind, string>> = { trade: '/v3/bill/tradebill?bill_type=ALL', ledger: '/v3/bill/fundflowbill?account_type=BASIC' };
/** A link that has ended is asked for anew. */
const TRIES = 3;
const MOST_BYTES = 1024 * 1024 * 1024;
type Told = { readonly hash_type?: string; readonly hash_value?: string; readonly download_url?: string };

export async function fetchBill(context: PaymentContext, day: string, kind: BillKind): Promise<Result<Bill | 'empty', ChannelRefusal>> {
  let last: ChannelRefusal = { code: 'retry', platformCode: 'download', words: 'the bill could not be downloaded' };
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const asked = await told(() => get(context, `${PATH[kind]}&bill_date=${day}&tar_type=GZIP`) as Promise<Told>);
    if (!asked.ok) return asked.refusal.platformCode === 'NO_STATEMENT_EXIST' ? ok('empty') : asked;
    const got = await told(() => download(context, asked.value));
    if (!got.ok) return got;
    if ('text' in got.value) return read(got.value.text, day);
    last = got.value;
  }
  return refuse(last);
}

async function download(context: PaymentContext, { download_url: url = '', hash_type: type = 'SHA1', hash_value: hash = '' }: Told): Promise<{ readonly text: string } | ChannelRefusal> {
  // The download carries no signature of its own: its hash stands in the answer that did.
  const file = await send(context, new URL(url));
  if (file.status !== 200) return refusalOf(context, file);
  if (type !== 'SHA1') return { code: 'ask_person', platformCode: 'hash_type', words: `a hash of the type ${type} is not known here` };
  let bytes: Uint8Array;
  try {
    bytes = file.bytes[0] === 0x1f && file.bytes[1] === 0x8b ? gunzipSync(file.bytes, { maxOutputLength: MOST_BYTES }) : file.bytes;
  } catch {
    return { code: 'retry', platformCode: 'gzip', words: 'the bill was cut off on its way' };
  }
  if (createHash('sha1').update(bytes).digest('hex') !== hash.toLowerCase()) return { code: 'retry', platformCode: 'hash', words: 'the bill that came is not the one that was promised' };
  return { text: decodeText(bytes) };
}

function read(text: string, day: string): Result<Bill, ChannelRefusal> {
  const matrix = wechatMatrix(text);
  if (!isWechatBill(matrix)) return refuse({ code: 'ask_person', platformCode: 'not_a_bill', words: 'the download is no bill' });
  const { bill, bad } = readWechatBill(matrix);
  return bad.length > 0 ? refuse({ code: 'ask_person', platformCode: bad[0]!.code, words: bad.slice(0, 3).map((b) => b.words.en).join('; ') }) : ok({ ...bill, day });
}
