/**
 * Costs that become known after the goods: freight and duty spread over receipts by value, weight or quantity, or a corrected
 * price. What is still there becomes dearer, what has left is corrected where it went. Undone by the same with the signs turned.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { fenFromInteger, shareOut } from '../../contract/values/money.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import { isStocked } from '../domain/places.ts';
import { Movements, Skus, type MovementDoc, type SkuDoc } from '../store/models.ts';
import { LateCosts, type LateCostDoc } from '../store/work-models.ts';
import { postLate, type LateDone } from './late.ts';

export type LateCostInput = {
  readonly key: string; readonly by: string; readonly words: string;
  readonly spread: { readonly amountFen: number; readonly by: 'value' | 'weight' | 'quantity'; readonly references: readonly string[] } | { readonly prices: readonly { readonly movementId: string; readonly costFen: number }[] };
};
type Refused = Both & { readonly code: string };
const no = (code: string, zh: string, en: string): Result<never, Refused> => refuse({ code, zh, en });

export async function addLateCost(rt: Runtime, session: ClientSession, input: LateCostInput): Promise<Result<{ cost: LateCostDoc; done: LateDone | undefined }, Refused>> {
  const again = await LateCosts.findOne({ key: input.key }).session(session).lean<LateCostDoc>();
  if (again) return ok({ cost: again, done: undefined });
  const shares = 'prices' in input.spread ? await priced(session, input.spread.prices) : await spread(session, input.spread);
  if (!shares.ok) return shares;
  const s = input.spread;
  return keep(rt, session, { key: input.key, kind: 'prices' in s ? 'price' : 'landed', spreadBy: 'prices' in s ? 'given' : s.by, shares: shares.value, words: input.words, by: input.by, undoes: '' });
}

export async function undoLateCost(rt: Runtime, session: ClientSession, input: { id: string; by: string; words: string }): Promise<Result<{ cost: LateCostDoc; done: LateDone | undefined }, Refused>> {
  const cost = await LateCosts.findById(input.id).session(session).lean<LateCostDoc>();
  if (!cost) return no('not_found', `没有费用 ${input.id}。`, `There is no cost ${input.id}.`);
  if (cost.undoneBy !== '' || cost.undoes !== '') return no('undone', '这笔费用已经撤销。', 'This cost is undone already.');
  const back = await keep(rt, session, { ...cost, key: `undo:${cost._id}`, shares: cost.shares.map((s) => ({ ...s, differenceFen: -s.differenceFen })), words: input.words, by: input.by, undoes: cost._id });
  if (back.ok) await LateCosts.updateOne({ _id: cost._id }, { $set: { undoneBy: back.value.cost._id, changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
  return back;
}

async function keep(rt: Runtime, session: ClientSession, given: Pick<LateCostDoc, 'key' | 'kind' | 'spreadBy' | 'shares' | 'words' | 'by' | 'undoes'>): Promise<Result<{ cost: LateCostDoc; done: LateDone }, Refused>> {
  const now = rt.clock.now();
  const { key, kind, spreadBy, shares, words, by, undoes } = given;
  const done = await postLate(rt, session, { costs: shares, by, words });
  if (!done.ok) return done;
  const cost: LateCostDoc = { _id: rt.newId('lateCost'), key, kind, spreadBy, shares, words, by, undoes, undoneBy: '', amountFen: shares.reduce((n, s) => n + s.differenceFen, 0), at: now, revision: 1, changedAt: now };
  await LateCosts.create([cost], { session });
  await audit(rt, session, [{ userId: by, command: 'late-cost', noun: 'late-costs', id: cost._id, before: null, after: { amountFen: cost.amountFen, shares: shares.length }, at: now }]);
  return ok({ cost, done: done.value });
}

const entered = (m: MovementDoc): boolean => !isStocked(m.from) && isStocked(m.to) && m.undoneBy === '' && m.undoes === '' && m.kind !== 'count' && m.kind !== 'assemble' && m.kind !== 'disassemble';

async function priced(session: ClientSession, prices: readonly { movementId: string; costFen: number }[]): Promise<Result<LateCostDoc['shares'], Refused>> {
  const movements = await Movements.find({ _id: { $in: prices.map((p) => p.movementId) } }).session(session).lean<MovementDoc[]>();
  const wrong = prices.find((p) => !movements.some((m) => m._id === p.movementId && entered(m)));
  if (wrong) return no('no_receipt', `${wrong.movementId} 不是入库流水，不能改成本。`, `${wrong.movementId} is no movement in: its cost cannot be corrected.`);
  return ok(movements.map((m) => ({ movementId: m._id, skuCode: m.skuCode, differenceFen: prices.find((p) => p.movementId === m._id)!.costFen - m.costFen - m.correctionFen })));
}

async function spread(session: ClientSession, s: { amountFen: number; by: 'value' | 'weight' | 'quantity'; references: readonly string[] }): Promise<Result<LateCostDoc['shares'], Refused>> {
  const movements = (await Movements.find({ $or: [{ reference: { $in: s.references } }, { _id: { $in: s.references } }] }).session(session).lean<MovementDoc[]>()).filter(entered).sort((a, b) => (a._id < b._id ? -1 : 1));
  if (movements.length === 0) return no('no_receipt', '这些单据里没有入库流水。', 'These documents hold no movement in.');
  const weights = new Map((await Skus.find({ code: { $in: movements.map((m) => m.skuCode) } }).session(session).lean<SkuDoc[]>()).map((k) => [k.code, k.weightGrams]));
  const weightOf = (m: MovementDoc): number => (s.by === 'value' ? Math.max(0, m.costFen + m.correctionFen) : s.by === 'weight' ? (weights.get(m.skuCode) ?? 0) * m.quantity : m.quantity);
  const light = s.by === 'weight' ? movements.find((m) => weightOf(m) === 0) : undefined;
  if (light) return no('no_weight', `货品 ${light.skuCode} 没有重量，不能按重量分摊。`, `SKU ${light.skuCode} has no weight: nothing can be spread by weight.`);
  const shares = shareOut(fenFromInteger(s.amountFen), movements.map(weightOf));
  return ok(movements.map((m, i) => ({ movementId: m._id, skuCode: m.skuCode, differenceFen: shares[i]! })));
}
