/** Takes in bills: the days of a payment account that are still missing, oldest first, or one that came as a file. */
import { addDays, businessDayOf, localTimeText, type BusinessDay } from '../../contract/values/time.ts';
import type { Bill } from '../../channels/channel.ts';
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
  for (const l of input.bill.lines) {
    const there = known.get(l.key);
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

export async function fetchBills(rt: Runtime, signal: AbortSignal): Promise<{ days: number; lines: number; failed: number }> {
  const counts = { days: 0, lines: 0, failed: 0 };
  for (const account of await Shops.find({ kind: 'payment', status: 'active', source: 'api' }).lean<ShopDoc[]>()) {
    const one = await fetchAccount(rt, account, signal);
    counts.days += one.days;
    counts.lines += one.lines;
    counts.failed += one.failed;
  }
  return counts;
}

async function fetchAccount(rt: Runtime, account: ShopDoc, signal: AbortSignal): Promise<{ days: number; lines: number; failed: number }> {
  const counts = { days: 0, lines: 0, failed: 0 };
  const channel = rt.channels.payment(account.channel);
  if (!channel) return { ...counts, failed: 1 };
  const context = await rt.channels.paymentContextFor(account._id);
  const done = new Set((await BillDays.find({ accountId: account._id }, { day: 1 }).lean()).map((d) => d.day));
  const yesterday = addDays(businessDayOf(rt.clock.now()), -1);
  for (let day = businessDayOf(account.pullFrom); day <= yesterday && counts.days < DAYS_PER_RUN && !signal.aborted; day = addDays(day, 1)) {
    if (done.has(day)) continue;
    const got = await channel.fetchBill(context, day);
    if (!got.ok) {
      await Shops.updateOne({ _id: account._id }, { $set: { lastError: got.refusal.words.slice(0, 500), changedAt: rt.clock.now() }, $inc: { revision: 1 } });
      if (got.refusal.code === 'ask_person') await raiseNotice(rt, { kind: 'bill_refused', subject: account.name, words: { zh: `账单取不到：${got.refusal.words}`, en: `The bill is refused: ${got.refusal.words}` } });
      return { ...counts, failed: 1 };
    }
    if (got.value === 'empty' && day === yesterday && localTimeText(rt.clock.now()).slice(11) < READY_AT) break;
    const lines = got.value === 'empty' ? 0 : got.value.lines.length;
    if (got.value !== 'empty') counts.lines += (await storeBill(rt, { accountId: account._id, bill: got.value, source: 'api' })).new;
    await markDay(rt, account._id, day, lines, got.value === 'empty' ? 0 : got.value.lines.reduce((n, l) => n + l.amountFen, 0));
    counts.days += 1;
  }
  if (counts.days > 0) await Shops.updateOne({ _id: account._id }, { $set: { pulledTo: rt.clock.now(), lastError: '', changedAt: rt.clock.now() }, $inc: { revision: 1 } });
  return counts;
}
const markDay = (rt: Runtime, accountId: string, day: BusinessDay, lines: number, totalFen: number): Promise<unknown> =>
  BillDays.updateOne({ accountId, day }, { $setOnInsert: { _id: `${accountId}:${day}`, lines, totalFen, at: rt.clock.now() } }, { upsert: true });
