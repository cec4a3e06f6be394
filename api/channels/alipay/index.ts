/** Alipay as a payment account: one day's ledger (账务明细) through the bill download. */
import { unzipSync } from 'fflate';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Bill, ChannelRefusal, PaymentChannel, PaymentContext } from '../channel.ts';
import { ConnectionFault, exchange } from '../transport/http.ts';
import { decodeText } from '../transport/text.ts';
import { isAlipayBill, readAlipayBill } from './bill-file.ts';
import { callAlipay } from './client.ts';

const METHOD = 'alipay.data.dataservice.bill.downloadurl.query';
/** A download address lives 30 seconds; an expired one is asked for anew. */
const TRIES = 3;

async function fetchBill(context: PaymentContext, day: string): Promise<Result<Bill | 'empty', ChannelRefusal>> {
  for (let tries = 1; ; tries += 1) {
    const asked = await callAlipay(context, METHOD, { bill_type: 'signcustomer', bill_date: day });
    if (!asked.ok) return /bill_not_exist/.test(asked.refusal.platformCode) ? ok('empty') : asked;
    try {
      const file = await exchange({ url: asked.value.bill_download_url ?? '' });
      if (file.status === 200) return readZip(file.bytes, day);
      if (tries >= TRIES) return refuse({ code: 'retry', platformCode: `http_${file.status}`, words: 'the bill could not be downloaded' });
    } catch (error) {
      if (!(error instanceof ConnectionFault) || tries >= TRIES) return refuse({ code: 'retry', platformCode: 'connection', words: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** Two members, detail and summary, in either order; their names may be GBK, so they are told apart by what they hold. */
function readZip(bytes: Uint8Array, day: string): Result<Bill, ChannelRefusal> {
  let texts: string[];
  try {
    texts = Object.values(unzipSync(bytes)).map(decodeText);
  } catch {
    return refuse({ code: 'retry', platformCode: 'not_a_zip', words: 'the download is not a zip file' });
  }
  const detail = texts.find(isAlipayBill);
  if (detail === undefined) return refuse({ code: 'ask_person', platformCode: 'no_detail', words: 'the zip holds no detail bill' });
  const { bill, bad } = readAlipayBill(detail);
  if (bad.length > 0) return refuse({ code: 'ask_person', platformCode: bad[0]!.code, words: bad.slice(0, 3).map((b) => b.words.en).join('; ') });
  return ok({ ...bill, day });
}

export const alipay: PaymentChannel = { channel: 'alipay', fetchBill };
