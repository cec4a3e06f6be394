/** Alipay as a payment account: a day's ledger (账务明细) and trades (业务明细) through the bill download, single refunds and transfers. */
import { unzipSync } from 'fflate';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Bill, BillKind, ChannelRefusal, PaymentChannel, PaymentContext } from '../channel.ts';
import { ConnectionFault, exchange } from '../transport/http.ts';
import { decodeText } from '../transport/text.ts';
import { isAlipayBill, readAlipayBill } from './bill-file.ts';
import { callAlipay } from './client.ts';
import { queryPayment } from './queries.ts';

const METHOD = 'alipay.data.dataservice.bill.downloadurl.query';
/** A download address lives 30 seconds; an expired one is asked for anew. */
const TRIES = 3;

async function fetchBill(context: PaymentContext, day: string, kind: BillKind): Promise<Result<Bill | 'empty', ChannelRefusal>> {
  for (let tries = 1; ; tries += 1) {
    const asked = await callAlipay(context, METHOD, { bill_type: kind === 'ledger' ? 'signcustomer' : 'trade', bill_date: day });
    if (!asked.ok) return /bill_not_exist/.test(asked.refusal.platformCode) ? ok('empty') : asked;
    try {
      const file = await exchange({ url: asked.value['bill_download_url'] ?? '' });
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

export const alipay: PaymentChannel = {
  channel: 'alipay', billKinds: ['ledger', 'trade'], historyDays: 900, fetchBill, queryPayment,
  accountFields: [
    { name: 'appId', needed: true, secret: false, zh: '应用 APPID', en: 'App id' },
    { name: 'privateKey', needed: true, secret: true, zh: '应用私钥', en: 'Private key of the app' },
    { name: 'alipayPublicKey', needed: false, secret: false, zh: '支付宝公钥（公钥模式必填）', en: 'Alipay’s public key (needed without certificates)' },
    { name: 'appCert', needed: false, secret: false, zh: '应用公钥证书（证书模式）', en: 'Certificate of the app (certificate mode)' },
    { name: 'alipayCert', needed: false, secret: false, zh: '支付宝公钥证书（证书模式）', en: 'Alipay’s certificate (certificate mode)' },
    { name: 'rootCert', needed: false, secret: false, zh: '支付宝根证书（证书模式）', en: 'Alipay’s root certificate (certificate mode)' },
    { name: 'appAuthToken', needed: false, secret: true, zh: '商家授权令牌（服务商代调用）', en: 'The merchant’s authorisation (when an ISV calls)' },
  ],
};
