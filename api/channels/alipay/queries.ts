/** Single cases: a refund by its request number, a transfer by our own number. Amounts are yuan text. Pages of the two methods, read 2026-11. */
import { fenFromInteger, fenFromYuanText, type Fen } from '../../contract/values/money.ts';
import { instantFromLocalText } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { ChannelRefusal, PaymentAsk, PaymentContext, PaymentFact } from '../channel.ts';
import { callAlipay } from './client.ts';

const TRANSFER: Readonly<Record<string, PaymentFact['state']>> = { SUCCESS: 'done', WAIT_PAY: 'under_way', DEALING: 'under_way', INIT: 'under_way', CLOSED: 'closed', FAIL: 'failed', REFUND: 'closed' };
const fen = (text: string | undefined): Fen => { const read = fenFromYuanText(text ?? '0'); return read.ok ? read.value : fenFromInteger(0); };
const at = (text: string | undefined): { readonly happenedAt?: Date } => { const instant = text ? instantFromLocalText(text) : undefined; return instant ? { happenedAt: instant } : {}; };

export async function queryPayment(context: PaymentContext, ask: PaymentAsk): Promise<Result<PaymentFact, ChannelRefusal>> {
  if (ask.kind === 'refund') {
    if (!ask.tradeNo) return refuse({ code: 'refuse_row', platformCode: 'trade_no', words: 'Alipay finds a refund only together with the number of its trade' });
    const asked = await callAlipay(context, 'alipay.trade.fastpay.refund.query', { trade_no: ask.tradeNo, out_request_no: ask.number });
    if (!asked.ok) return asked;
    const b = asked.value;
    // A refund that did not happen is answered without a state (and not as an error).
    const state = b['refund_status'] === 'REFUND_SUCCESS' ? 'done' : b['refund_status'] ? 'unknown' : 'failed';
    return ok({ kind: 'refund', number: ask.number, platformNumber: b['trade_no'] ?? '', state, platformState: b['refund_status'] ?? '', amountFen: fen(b['refund_amount']), ...at(b['gmt_refund_pay']), words: b['refund_reason'] ?? '' });
  }
  const asked = await callAlipay(context, 'alipay.fund.trans.common.query', { product_code: 'TRANS_ACCOUNT_NO_PWD', biz_scene: 'DIRECT_TRANSFER', out_biz_no: ask.number });
  if (!asked.ok) return asked;
  const b = asked.value;
  return ok({ kind: 'transfer', number: ask.number, platformNumber: b['order_id'] ?? '', state: TRANSFER[b['status'] ?? ''] ?? 'unknown', platformState: b['status'] ?? '', amountFen: fen(b['trans_amount']), ...at(b['pay_date']), words: b['fail_reason'] ?? '' });
}
