/** Takes in bills: the days of a payment account that are still missing, oldest first, or one that came as a file. */
import { addDays, businessDayOf, localTimeText, type BusinessDay } from '../../contract/values/time.ts';
import { ok, type Result } from '../../contract/values/result.ts';
import type { Bill, BillKind, BillLine, ChannelRefusal, PaymentChannel } from '../../channels/channel.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { raiseNotice, Shops, type ShopDoc } from '../../shops/index.ts';
import { BillDays, Statements, type StatementDoc } from '../store/models.ts';

const DAYS_PER_RUN = 200;
/** Platforms make the bill of a day by 10:00 of the next: an empty answer before that is not final. */
const READY_AT = '10:00:00';

export type BillCounts = { new: number; same: number; changed: number };
/** Lines are keyed inside their account: a bill that comes twice changes nothing. Money that was booked is never overwritten. */
export async function storeBill(rt: Runtime, input: { readonly accountId: string; readonly bill: Bill; readonly source: string; readonly dryRun?: boolean }): Promise<BillCounts> {
  const counts: BillCounts = { new: 0, same: 0, changed: 0 };
  const now = rt.clock.now();
  const known = new Map((await Statements.find({ accountId: input.accountId, key: { $in: input.bill.lines.map((l) => l.key) } }).lean<StatementDoc[]>()).map((s) => [s.key, s]));
  const fresh: StatementDoc[] = [];
  const covered = await coveredBy(input.accountId, input.bill);
  for (const l of input.bill.lines) {
    const there = known.get(l.key);
    if (!there && covered(l)) {
      counts.same += 1;
      continue;
    }
    if (there) {
      const same = there.amountFen === l.amountFen && there.feeFen === l.feeFen;
      counts[same ? 'same' : 'changed'] += 1;
      if (!same && !input.dryRun) await raiseNotice(rt, { kind: 'bill_changed', subject: l.key, words: { zh: `账单行 ${l.key} 的金额与之前不同，保留原值`, en: `Bill line ${l.key} differs from before; the first value is kept` } });
      continue;
    }
    counts.new += 1;
    fresh.push({
      _id: rt.newId('statement'), accountId: input.accountId, channel: input.bill.channel, billKind: input.bill.kind, day: businessDayOf(l.happenedAt), key: l.key, lineNumber: l.lineNumber, kind: l.kind, platformKind: l.platformKind, tradeNo: l.tradeNo, merchantOrderNo: l.merchantOrderNo, platformOrderId: l.platformOrderId, refundNo: l.refundNo,
      happenedAt: l.happenedAt, amountFen: l.amountFen, feeFen: l.feeFen, counterparty: l.counterparty.slice(0, 60), words: l.note.slice(0, 200), state: 'open', class: '', orderId: '', differenceFen: 0, reason: { zh: '还没对', en: 'not looked at yet' }, note: '', judged: false, booked: false, source: input.source, revision: 1, changedAt: now,
    });
  }
  if (!input.dryRun && fresh.length > 0) await Statements.bulkWrite(fresh.map((s) => ({ updateOne: { filter: { accountId: s.accountId, key: s.key }, update: { $setOnInsert: s }, upsert: true } })));
  return counts;
}

/**
 * An account's trades and its ledger tell of the same money twice. A line whose payment, refund or fee stands already in a bill of
 * the other kind is not taken again: whichever bill came first carries the money, the other adds what the first does not have.
 */
async function coveredBy(accountId: string, bill: Bill): Promise<(l: BillLine) => boolean> {
  const numbers = bill.lines.flatMap((l) => [l.tradeNo, l.refundNo]).filter(Boolean);
  // A wallet's movements have no numbers of payments: the order says that its money stands in the other bill.
  const orders = bill.lines.flatMap((l) => (l.tradeNo === '' && l.platformOrderId !== '' ? [l.platformOrderId] : []));
  const others = await Statements.find({ accountId, billKind: { $ne: bill.kind }, $or: [{ tradeNo: { $in: numbers } }, { refundNo: { $in: numbers } }, { tradeNo: '', platformOrderId: { $in: orders } }] }).lean<StatementDoc[]>();
  const same = (l: BillLine, s: StatementDoc): boolean => {
    if (l.tradeNo === '' && s.tradeNo === '' && l.platformOrderId !== '' && l.platformOrderId === s.platformOrderId) return true;
    // The fee is a part of the trade's line, and a line of its own in the ledger.
    if (l.kind === 'fee') return l.tradeNo !== '' && (s.tradeNo === l.tradeNo || s.refundNo === l.tradeNo) && s.feeFen !== 0;
    if (l.kind !== s.kind) return false;
    return l.kind === 'refund' ? (l.refundNo !== '' && l.refundNo === s.refundNo) || (l.tradeNo !== '' && l.tradeNo === s.tradeNo && l.amountFen === s.amountFen) : l.tradeNo !== '' && l.tradeNo === s.tradeNo;
  };
  return (l) => others.some((s) => same(l, s));
}

export async function fetchBills(rt: Runtime, signal: AbortSignal): Promise<{ days: number; lines: number; failed: number }> {
  const counts = { days: 0, lines: 0, failed: 0 };
  for (const account of await Shops.find({ kind: { $in: ['payment', 'shop'] }, status: 'active', source: 'api' }).lean<ShopDoc[]>()) {
    const source = account.kind === 'payment' ? await accountBills(rt, account) : await shopBills(rt, account);
    const one = source === 'none' ? { days: 0, lines: 0, failed: 0 } : source ? await fetchAccount(rt, account, source, signal) : { days: 0, lines: 0, failed: 1 };
    counts.days += one.days;
    counts.lines += one.lines;
    counts.failed += one.failed;
  }
  return counts;
}

type BillSource = Pick<PaymentChannel, 'billKinds' | 'historyDays'> & { readonly fetch: (day: string, kind: BillKind) => Promise<Result<Bill | 'empty', ChannelRefusal>> };
async function accountBills(rt: Runtime, account: ShopDoc): Promise<BillSource | undefined> {
  const channel = rt.channels.payment(account.channel);
  const context = await rt.channels.paymentContextFor(account._id);
  return channel && { billKinds: channel.billKinds, historyDays: channel.historyDays, fetch: (day, kind) => channel.fetchBill(context, day, kind) };
}
/** A shop whose platform pays out itself, and says so through its API; how far back is not published (unknown). */
const SHOP_DAYS = 90;
async function shopBills(rt: Runtime, shop: ShopDoc): Promise<BillSource | 'none'> {
  const channel = rt.channels.shop(shop.channel);
  if (channel?.capabilities.fetchBill !== true) return 'none';
  const context = await rt.channels.contextFor(shop._id);
  return { billKinds: ['ledger'], historyDays: SHOP_DAYS, fetch: (day) => channel.fetchBill(context, day) };
}

async function fetchAccount(rt: Runtime, account: ShopDoc, channel: BillSource, signal: AbortSignal): Promise<{ days: number; lines: number; failed: number }> {
  const counts = { days: 0, lines: 0, failed: 0 };
  // A shop's row tells of its orders.
  const own = account.kind === 'payment';
  const done = new Set((await BillDays.find({ accountId: account._id }, { day: 1 }).lean()).map((d) => d.day));
  const yesterday = addDays(businessDayOf(rt.clock.now()), -1);
  const oldest = addDays(yesterday, 1 - channel.historyDays);
  for (let day = businessDayOf(account.pullFrom) < oldest ? oldest : businessDayOf(account.pullFrom); day <= yesterday && counts.days < DAYS_PER_RUN && !signal.aborted; day = addDays(day, 1)) {
    if (done.has(day)) continue;
    const got = await fetchDay(channel, day);
    if (!got.ok) {
      // Yesterday's bill is still being made: that is no failure, it is asked for again.
      if (got.refusal.code === 'retry' && day === yesterday && localTimeText(rt.clock.now()).slice(11) < READY_AT) break;
      if (own) await Shops.updateOne({ _id: account._id }, { $set: { lastError: got.refusal.words.slice(0, 500), changedAt: rt.clock.now() }, $inc: { revision: 1 } });
      if (got.refusal.code === 'ask_person') await raiseNotice(rt, { kind: 'bill_refused', subject: account.name, words: { zh: `账单取不到：${got.refusal.words}`, en: `The bill is refused: ${got.refusal.words}` } });
      return { ...counts, failed: 1 };
    }
    const { bills, without } = got.value;
    if (without) await raiseNotice(rt, { kind: 'bill_refused', subject: account.name, words: { zh: `第二种账单取不到，先不用它：${without.words}`, en: `The second kind of bill is refused and done without: ${without.words}` } });
    if (bills.length === 0 && day === yesterday && localTimeText(rt.clock.now()).slice(11) < READY_AT) break;
    for (const bill of bills) counts.lines += (await storeBill(rt, { accountId: account._id, bill, source: 'api' })).new;
    const lines = bills[0]?.lines ?? [];
    await markDay(rt, account._id, day, bills[0]?.kind ?? '', lines.length, lines.reduce((n, l) => n + l.amountFen, 0));
    counts.days += 1;
  }
  if (counts.days > 0 && own) await Shops.updateOne({ _id: account._id }, { $set: { pulledTo: rt.clock.now(), lastError: '', changedAt: rt.clock.now() }, $inc: { revision: 1 } });
  return counts;
}
type Day = { readonly bills: readonly Bill[]; readonly without?: ChannelRefusal };
/** The bill that carries the money must come; another that this account may not ask for is told, and done without. */
async function fetchDay(channel: BillSource, day: string): Promise<Result<Day, ChannelRefusal>> {
  const bills: Bill[] = [];
  let without: ChannelRefusal | undefined;
  for (const [place, kind] of channel.billKinds.entries()) {
    const got = await channel.fetch(day, kind);
    if (!got.ok && (place === 0 || got.refusal.code === 'retry' || got.refusal.code === 'rate_limited')) return got;
    if (!got.ok) without = got.refusal;
    else if (got.value !== 'empty') bills.push(got.value);
  }
  return ok({ bills, ...(without ? { without } : {}) });
}
const markDay = (rt: Runtime, accountId: string, day: BusinessDay, kind: string, lines: number, totalFen: number): Promise<unknown> =>
  BillDays.updateOne({ accountId, day }, { $setOnInsert: { _id: `${accountId}:${day}`, kind, lines, totalFen, at: rt.clock.now() } }, { upsert: true });
