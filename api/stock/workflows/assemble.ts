/**
 * Kits made up and taken apart. In: kit, pieces, warehouse, time. Out: the movements, one document. Wrong: no kit, parts short.
 * What is made is worth what went in; what comes out of a kit shares its worth by the parts' own costs.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { fenFromInteger, shareOut } from '../../contract/values/money.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Movements, Positions, Skus, type MovementDoc, type PositionDoc, type SkuDoc } from '../store/models.ts';
import { postLate } from './late.ts';
import { LIVE_MS, postMovement, type NewMovement } from './post-movement.ts';

export type AssembleInput = { readonly key: string; readonly kind: 'assemble' | 'disassemble'; readonly warehouseCode: string; readonly kitCode: string; readonly quantity: number; readonly at: Date; readonly by: string; readonly reason: string };
type Refused = Both & { readonly code: string };

export async function assemble(rt: Runtime, session: ClientSession, input: AssembleInput): Promise<Result<MovementDoc[], Refused>> {
  const reference = `${input.kind}:${input.key}`;
  const again = await Movements.find({ reference }).session(session).sort({ seq: 1 }).lean<MovementDoc[]>();
  if (again.length > 0) return ok(again);
  const kit = await Skus.findOne({ code: input.kitCode }).session(session).lean<SkuDoc>();
  if (!kit || kit.kit.length === 0) return refuse({ code: 'no_kit', zh: `${input.kitCode} 不是组合装。`, en: `${input.kitCode} is no kit.` });
  const parts = await Skus.find({ code: { $in: kit.kit.map((p) => p.skuCode) } }).session(session).lean<SkuDoc[]>();
  const positions = await Positions.find({ warehouseCode: input.warehouseCode, skuCode: { $in: [input.kitCode, ...parts.map((p) => p.code)] } }).session(session).lean<PositionDoc[]>();
  const making = input.kind === 'assemble';
  const base = { kind: input.kind, reference, reason: input.reason, by: input.by, at: input.at };
  const move = (skuCode: string, quantity: number, enters: boolean, weight: number): NewMovement => ({ ...base, key: `${reference}:${skuCode}`, skuCode, quantity, from: enters ? 'assembly' : input.warehouseCode, to: enters ? input.warehouseCode : 'assembly', weight });
  const partMoves = kit.kit.map((p) => move(p.skuCode, p.quantity * input.quantity, !making, (parts.find((s) => s.code === p.skuCode)?.costFen ?? 0) * p.quantity * input.quantity));
  const whole = move(input.kitCode, input.quantity, making, 1);
  const movements = making ? [...partMoves, whole] : [whole, ...partMoves];
  const late = input.at.getTime() < rt.clock.now().getTime() - LIVE_MS && positions.some((p) => p.lastAt && p.lastAt > input.at);
  if (late) {
    const done = await postLate(rt, session, { movements, by: input.by, words: input.reason || input.kind });
    return done.ok ? ok(done.value.movements.filter((m) => m.reference === reference)) : done;
  }
  return postInTurn(rt, session, movements);
}

/** What leaves first, then what enters at its worth; all at one instant, so that they stand together in the ledger. */
async function postInTurn(rt: Runtime, session: ClientSession, movements: readonly NewMovement[]): Promise<Result<MovementDoc[], Refused>> {
  const stored: MovementDoc[] = [];
  const entering = movements.filter((m) => m.from === 'assembly');
  let at = movements[0]!.at;
  for (const m of movements) {
    const n = entering.indexOf(m);
    const worth = stored.filter((s) => s.to === 'assembly').reduce((sum, s) => sum + s.costFen, 0);
    const costFen = n < 0 ? 0 : shareOut(fenFromInteger(worth), entering.map((e) => Math.max(1, e.weight ?? 0)))[n]!;
    const posted = await postMovement(rt, session, { ...m, at, costFen });
    if (!posted.ok) return posted;
    stored.push(posted.value);
    if (posted.value.at > at) at = posted.value.at;
  }
  return ok(stored);
}
