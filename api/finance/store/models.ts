import mongoose, { Schema } from 'mongoose';
import { FEED_INDEX } from '../../store/feed.ts';

const options = { strict: 'throw', versionKey: false, autoIndex: false, minimize: false } as const;
const text = { type: String, default: '' };
const must = { type: String, required: true };
const whole = { type: Number, required: true };
const zero = { type: Number, default: 0 };
const date = { type: Date, required: true };
const stamp = { revision: whole, changedAt: date };
type Stamped = { revision: number; changedAt: Date };

/** One booked fact; `key` is unique. Never changed, never deleted. */
export type EntryDoc = { _id: string; key: string; event: string; at: Date; day: string; reference: string; recordedAt: Date };
const entry = new Schema<EntryDoc>({ _id: must, key: must, event: must, at: date, day: must, reference: text, recordedAt: date }, options);
entry.index({ key: 1 }, { unique: true });
export const Entries = mongoose.model('journal-entry', entry, 'journal_entries');

export type JournalLineDoc = Stamped & { _id: string; entryId: string; entryKey: string; event: string; at: Date; day: string; account: string; debitFen: number; creditFen: number; shopId: string; channel: string; skuCode: string; orderId: string; lineId: string; quantity: number; reference: string };
const journalLine = new Schema<JournalLineDoc>({
  _id: must, entryId: must, entryKey: must, event: must, at: date, day: must, account: must, debitFen: whole, creditFen: whole, shopId: text, channel: text, skuCode: text, orderId: text, lineId: text, quantity: zero, reference: text, ...stamp,
}, options);
journalLine.index({ orderId: 1, account: 1 }).index({ day: 1, account: 1 }).index({ shopId: 1, skuCode: 1, day: 1 }).index(FEED_INDEX);
export const JournalLines = mongoose.model('journal-line', journalLine, 'journal_lines');

/** Balance of an account, kept with the journal's own write. */
export type BalanceDoc = { _id: string; debitFen: number; creditFen: number };
export const Balances = mongoose.model('account-balance', new Schema<BalanceDoc>({ _id: must, debitFen: zero, creditFen: zero }, options), 'account_balances');

export type ProfitFigures = { quantity: number; salesFen: number; refundFen: number; costFen: number; commissionFen: number; freightFen: number; otherFen: number };
/** Profit of a SKU in a shop in a month; `_id` is `<shop>:<sku>:<month>`. A projection of the journal. */
export type ProfitDoc = Stamped & ProfitFigures & { _id: string; shopId: string; channel: string; skuCode: string; month: string };
const profit = new Schema<ProfitDoc>({ _id: must, shopId: text, channel: text, skuCode: text, month: must, quantity: zero, salesFen: zero, refundFen: zero, costFen: zero, commissionFen: zero, freightFen: zero, otherFen: zero, ...stamp }, options);
profit.index({ month: 1, shopId: 1 }).index(FEED_INDEX);
export const Profits = mongoose.model('profit', profit, 'profit');

/** One line of a payment account's bill. `key` is its natural key inside the account. */
export type StatementDoc = Stamped & {
  _id: string; accountId: string; channel: string; billKind: string; day: string; key: string; lineNumber: number; kind: string; platformKind: string; tradeNo: string; merchantOrderNo: string; platformOrderId: string; refundNo: string; happenedAt: Date; amountFen: number; feeFen: number; counterparty: string; words: string;
  state: 'matched' | 'classified' | 'open'; class: string; orderId: string; differenceFen: number; reason: { zh: string; en: string }; note: string; judged: boolean; booked: boolean; source: string;
};
const statement = new Schema<StatementDoc>({
  _id: must, accountId: must, channel: must, billKind: must, day: must, key: must, lineNumber: whole, kind: must, platformKind: text, tradeNo: text, merchantOrderNo: text, platformOrderId: text, refundNo: text, happenedAt: date, amountFen: whole, feeFen: whole, counterparty: text, words: text,
  state: must, class: text, orderId: text, differenceFen: zero, reason: { type: Schema.Types.Mixed, default: { zh: '', en: '' } }, note: text, judged: Boolean, booked: Boolean, source: text, ...stamp,
}, options);
statement.index({ accountId: 1, key: 1 }, { unique: true }).index({ accountId: 1, day: 1 }).index({ state: 1, booked: 1 }).index(FEED_INDEX);
export const Statements = mongoose.model('statement', statement, 'statements');

export type MatchDoc = Stamped & { _id: string; statementId: string; orderId: string; platformOrderId: string; refundId: string; rule: string; amountFen: number; at: Date };
const match = new Schema<MatchDoc>({ _id: must, statementId: must, orderId: must, platformOrderId: text, refundId: text, rule: text, amountFen: whole, at: date, ...stamp }, options);
match.index({ statementId: 1 }, { unique: true }).index({ orderId: 1 }).index(FEED_INDEX);
export const Matches = mongoose.model('match', match, 'matches');

/** Days of a payment account whose bill was fetched, empty days too: what is not here is still to be fetched. */
export type BillDayDoc = { _id: string; accountId: string; day: string; /** The kind of bill that carries the money: what `lines` and `totalFen` are of. */ kind: string; lines: number; totalFen: number; at: Date };
const billDay = new Schema<BillDayDoc>({ _id: must, accountId: must, day: must, kind: text, lines: whole, totalFen: whole, at: date }, options);
billDay.index({ accountId: 1, day: 1 }, { unique: true });
export const BillDays = mongoose.model('bill-day', billDay, 'bill_days');

/** Serialises bookings about one order that come from two sides (its shipment, the platform's bill): who books second sees the first. */
export const OrderTurns = mongoose.model('order-turn', new Schema<{ _id: string; turn: number }>({ _id: must, turn: zero }, options), 'order_turns');
