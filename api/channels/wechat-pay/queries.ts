/** Single cases by the merchant's own number: a refund, a transfer to a person. Amounts are fen. Pages 4012716437 and refund query, read 2026-11. */
import { fenFromInteger } from '../../contract/values/money.ts';
import { refuse, type Result } from '../../contract/values/result.ts';
import type { ChannelRefusal, PaymentAsk, PaymentContext, PaymentFact } from '../channel.ts';
import { told } from '../transport/told.ts';
import { get } from './client.ts';

type Refund = { readonly refund_id?: string; readonly status?: string; readonly success_time?: string; readonly create_time?: string; readonly user_received_account?: string; readonly amount?: { readonly refund?: number } };
type Transfer = { readonly transfer_bill_no?: string; readonly state?: string; readonly transfer_amount?: number; readonly update_time?: string; readonly fail_reason?: string };
const REFUND: Readonly<Record<string, PaymentFact['state']>> = { SUCCESS: 'done', PROCESSING: 'under_way', CLOSED: 'closed', ABNORMAL: 'failed' };
const TRANSFER: Readonly<Record<string, PaymentFact['state']>> = { SUCCESS: 'done', ACCEPTED: 'under_way', PROCESSING: 'under_way', WAIT_USER_CONFIRM: 'under_way', TRANSFERING: 'under_way', CANCELING: 'under_way', CANCELLED: 'closed', FAIL: 'failed' };
const at = (text: string | undefined): { readonly happenedAt?: Date } => (text && !Number.isNaN(Date.parse(text)) ? { happenedAt: new Date(text) } : {});

export async function queryPayment(context: PaymentContext, ask: PaymentAsk): Promise<Result<PaymentFact, ChannelRefusal>> {
  if (!/^[\w\-|*@]{1,64}$/.test(ask.number)) return refuse({ code: 'refuse_row', platformCode: 'number', words: `“${ask.number}” cannot be a merchant number` });
  const number = encodeURIComponent(ask.number);
  if (ask.kind === 'refund') {
    return told(async () => {
      const r = (await get(context, `/v3/refund/domestic/refunds/${number}`)) as Refund;
      return { kind: 'refund', number: ask.number, platformNumber: r.refund_id ?? '', state: REFUND[r.status ?? ''] ?? 'unknown', platformState: r.status ?? '', amountFen: fenFromInteger(r.amount?.refund ?? 0), ...at(r.success_time ?? r.create_time), words: r.user_received_account ?? '' };
    });
  }
  return told(async () => {
    const t = (await get(context, `/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/${number}`)) as Transfer;
    return { kind: 'transfer', number: ask.number, platformNumber: t.transfer_bill_no ?? '', state: TRANSFER[t.state ?? ''] ?? 'unknown', platformState: t.state ?? '', amountFen: fenFromInteger(t.transfer_amount ?? 0), ...at(t.update_time), words: t.fail_reason ?? '' };
  });
}
