/**
 * Goods that a buyer sends back: expected in a warehouse of their own, that sells nothing, until a person has looked at them; then
 * put back where they are sold, or scrapped with a reason.
 * In: a refund's goods; later what was found good and bad. Out: the inbound; the movements. Wrong: more than waits to be looked at.
 */
import type { ClientSession } from 'mongoose';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import { Skus, Warehouses, type MovementDoc } from '../store/models.ts';
import { Inbounds } from '../store/work-models.ts';
import { openInbound } from './inbounds.ts';
import { postMovement } from './post-movement.ts';
import type { LineRefusal } from './transfers.ts';

/** Where returns wait. Made when the first one comes; its name can be changed. */
export const RETURNS = 'RETURN';
async function returnsHouse(rt: Runtime, session: ClientSession): Promise<void> {
  if (await Warehouses.exists({ code: RETURNS }).session(session)) return;
  await Warehouses.create([{ _id: rt.newId('warehouse'), code: RETURNS, name: '退货待检', priority: 900, kind: 'virtual', sellable: false, revision: 1, changedAt: rt.clock.now() }], { session });
}

export type ReturnedGoods = { readonly refundId: string; readonly reference: string; readonly words: string; readonly lines: readonly { readonly skuCode: string; readonly quantity: number; readonly unitCostFen?: number | undefined }[] };
/** One inbound a refund, however often it is said. */
export async function expectReturn(rt: Runtime, session: ClientSession, r: ReturnedGoods): Promise<void> {
  const known = new Set((await Skus.find({ code: { $in: r.lines.map((l) => l.skuCode) } }, { code: 1 }).session(session).lean()).map((s) => s.code));
  const lines = r.lines.filter((l) => known.has(l.skuCode)).map((l) => ({ skuCode: l.skuCode, expected: l.quantity, unitCostFen: l.unitCostFen }));
  if (lines.length === 0) return;
  await returnsHouse(rt, session);
  await openInbound(rt, session, { key: keyOf(r.refundId), source: 'return', warehouseCode: RETURNS, reference: r.reference, note: r.words.slice(0, 200), by: 'system', blind: false, lines });
}
const keyOf = (refundId: string): string => `return:${refundId}`;

/** The goods stay with the buyer after all: an inbound that nothing has come for is waited for no longer. */
export async function dropReturn(rt: Runtime, session: ClientSession, refundId: string): Promise<void> {
  await Inbounds.updateOne({ key: keyOf(refundId), state: 'open', keys: [] }, { $set: { state: 'cancelled', changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
}

export type Looked = { readonly skuCode: string; readonly good: number; readonly bad: number; readonly to?: string | undefined; readonly bin?: string | undefined; readonly batch?: string | undefined; readonly goodSerials?: readonly string[] | undefined; readonly badSerials?: readonly string[] | undefined };
/** What a person found: good pieces go to the warehouse that sells them, bad ones out of the books, by one key, all or nothing. */
export async function inspectReturns(rt: Runtime, session: ClientSession, input: { readonly key: string; readonly reason: string; readonly reference: string; readonly by: string; readonly lines: readonly Looked[] }): Promise<Result<MovementDoc[], readonly LineRefusal[]>> {
  const houses = new Set((await Warehouses.find({}).session(session).lean()).map((w) => w.code));
  const refused: LineRefusal[] = [];
  const done: MovementDoc[] = [];
  const now = rt.clock.now();
  for (const [i, l] of input.lines.entries()) {
    const no = (column: string, code: string, zh: string, en: string): void => void refused.push({ row: i + 1, column, code, message: { zh, en } });
    if (l.good + l.bad === 0) no('good', 'nothing', `${l.skuCode}：好的和坏的都是 0。`, `${l.skuCode}: neither good nor bad pieces.`);
    if (l.good > 0 && (!l.to || !houses.has(l.to) || l.to === RETURNS)) { no('to', 'unknown_warehouse', `好的 ${l.skuCode} 放回哪个仓？`, `To which warehouse do the good ${l.skuCode} go?`); continue; }
    if (l.bad > 0 && input.reason === '') { no('reason', 'reason_missing', `报废 ${l.skuCode} 要写原因。`, `Scrapping ${l.skuCode} wants a reason.`); continue; }
    const move = { skuCode: l.skuCode, from: RETURNS, reference: input.reference || input.key, reason: input.reason, by: input.by, at: now };
    const lot = l.bin || l.batch ? [{ bin: l.bin ?? '', batch: l.batch ?? '', quantity: l.good }] : [];
    const steps = [
      ...(l.good > 0 ? [{ ...move, key: `inspect:${input.key}:${i + 1}:good`, kind: 'transfer' as const, to: l.to!, quantity: l.good, put: lot, serials: l.goodSerials ?? [] }] : []),
      ...(l.bad > 0 ? [{ ...move, key: `inspect:${input.key}:${i + 1}:bad`, kind: 'scrap' as const, to: 'loss', quantity: l.bad, serials: l.badSerials ?? [] }] : []),
    ];
    for (const step of steps) {
      const posted = await postMovement(rt, session, step);
      if (posted.ok) done.push(posted.value);
      else no(step.kind === 'scrap' ? 'bad' : 'good', posted.refusal.code, posted.refusal.zh, posted.refusal.en);
    }
  }
  if (refused.length > 0) return refuse(refused);
  await audit(rt, session, [{ userId: input.by, command: 'inspect-returns', noun: 'inbounds', id: input.reference || input.key, before: null, after: { lines: input.lines, reason: input.reason }, at: now }]);
  return ok(done);
}
