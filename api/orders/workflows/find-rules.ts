/**
 * Proposes rows from what people decided by hand. In: weeks to look at. Out: rows with their coverage and mistakes on the last
 * quarter of the weeks, which the search has not seen. Below 99 % agreement there it says nothing.
 */
import { rowsFrom, type Learned, type Seen } from '../domain/find-rules.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { liveReview } from './review-pending.ts';
import { HandDecisions, type HandDecisionDoc } from '../store/hand-decisions.ts';
import { verdictOf } from '../domain/review.ts';

const WEEK_MS = 7 * 86_400_000;
const MOST = 20_000;

export async function findRules(rt: Runtime, weeks: number): Promise<{ decisions: number; heldBack: number; proposals: Learned[] }> {
  const now = rt.clock.now().getTime();
  const docs = await HandDecisions.find({ at: { $gte: new Date(now - weeks * WEEK_MS) } }).sort({ at: -1 }).limit(MOST).lean<HandDecisionDoc[]>();
  // The last word about an order is what was meant.
  const last = [...new Map(docs.toReversed().map((d) => [d.orderId, d])).values()];
  const { review } = await liveReview();
  const seen = last.map((d): Seen & { at: number } => {
    const input = Object.fromEntries(Object.entries(d.input).filter(([, v]) => v !== null && v !== undefined)) as Seen['input'];
    return { input, pass: d.pass, paidFen: d.paidFen, byRule: verdictOf(review.decide(input), []).holds.length === 0, at: d.at.getTime() };
  });
  const border = now - Math.max(1, Math.floor(weeks / 4)) * WEEK_MS;
  const [early, late] = [seen.filter((s) => s.at < border), seen.filter((s) => s.at >= border)];
  return { decisions: seen.length, heldBack: late.length, proposals: rowsFrom(early, late) };
}
