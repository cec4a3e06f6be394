/** WeChat Pay as a payment account: one day's trade bill (API v3), signed, its hash checked. */
import { createHash, createSign, randomBytes } from 'node:crypto';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Bill, ChannelRefusal, PaymentChannel, PaymentContext } from '../channel.ts';
import { ConnectionFault, exchange, type Reply } from '../transport/http.ts';
import { decodeText } from '../transport/text.ts';
import { isWechatBill, readWechatBill } from './bill-file.ts';

const HOST = 'https://api.mch.weixin.qq.com';

/** `METHOD\npath?query\ntimestamp\nnonce\nbody\n`, RSA-SHA256 with the merchant's key (WP-1 of the protocol notes). */
function authorization(context: PaymentContext, url: URL): string {
  const { mchId = '', serialNo = '', privateKey = '' } = context.account;
  const timestamp = Math.floor(context.now().getTime() / 1000);
  const nonce = randomBytes(16).toString('hex').toUpperCase();
  const text = `GET\n${url.pathname}${url.search}\n${timestamp}\n${nonce}\n\n`;
  const signature = createSign('RSA-SHA256').update(text).sign(privateKey, 'base64');
  return `WECHATPAY2-SHA256-RSA2048 mchid="${mchId}",nonce_str="${nonce}",timestamp="${timestamp}",serial_no="${serialNo}",signature="${signature}"`;
}
async function get(context: PaymentContext, url: URL): Promise<Reply | ChannelRefusal> {
  try {
    return await exchange({ url: url.toString(), headers: { authorization: authorization(context, url), accept: 'application/json', 'user-agent': 'suanpan' } });
  } catch (error) {
    if (error instanceof ConnectionFault) return { code: 'retry', platformCode: 'connection', words: error.message };
    throw error;
  }
}
const isReply = (r: Reply | ChannelRefusal): r is Reply => 'status' in r;

function refusalOf(reply: Reply): ChannelRefusal {
  let body: { code?: string; message?: string } = {};
  try { body = JSON.parse(reply.text) as typeof body; } catch { /* a gateway's own page says nothing of use */ }
  const platformCode = body.code ?? `http_${reply.status}`;
  const words = `${platformCode} ${body.message ?? ''}`.slice(0, 300);
  if (reply.status === 429) return { code: 'rate_limited', platformCode, words, retryAfterMs: 60_000 };
  if (reply.status >= 500 || platformCode === 'STATEMENT_CREATING') return { code: 'retry', platformCode, words };
  return { code: reply.status === 401 || reply.status === 403 ? 'ask_person' : 'refuse_row', platformCode, words };
}

async function fetchBill(context: PaymentContext, day: string): Promise<Result<Bill | 'empty', ChannelRefusal>> {
  const asked = await get(context, new URL(`/v3/bill/tradebill?bill_date=${day}&bill_type=ALL`, context.gateway || HOST));
  if (!isReply(asked)) return refuse(asked);
  if (asked.status !== 200) {
    const refusal = refusalOf(asked);
    return refusal.platformCode === 'NO_STATEMENT_EXIST' ? ok('empty') : refuse(refusal);
  }
  const { download_url: url, hash_value: hash } = JSON.parse(asked.text) as { download_url: string; hash_value: string };
  const file = await get(context, new URL(url));
  if (!isReply(file)) return refuse(file);
  if (file.status !== 200) return refuse(refusalOf(file));
  if (createHash('sha1').update(file.bytes).digest('hex').toLowerCase() !== hash.toLowerCase()) return refuse({ code: 'retry', platformCode: 'hash', words: 'the bill that came is not the one that was promised' });
  const text = decodeText(file.bytes);
  if (!isWechatBill(text)) return refuse({ code: 'ask_person', platformCode: 'not_a_bill', words: 'the download is not a trade bill' });
  const { bill, bad } = readWechatBill(text);
  return bad.length > 0 ? refuse({ code: 'ask_person', platformCode: bad[0]!.code, words: bad.slice(0, 3).map((b) => b.words.en).join('; ') }) : ok({ ...bill, day });
}

export const wechatPay: PaymentChannel = { channel: 'wechat-pay', fetchBill };
