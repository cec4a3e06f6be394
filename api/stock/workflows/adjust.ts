/**
 * Stocktake of single rows: the counted pieces become what is on hand, as a movement from or to `count`. A count is an anchor,
 * also when it found what was booked: what is entered later for before it changes its difference, not what stood after it.
 * In: counted pieces per (warehouse, SKU), reason, key, the time of the count. Out: lines moved. Wrong: counted below what is
 * reserved; unknown SKU; a later movement that could then not have happened.
 */
import type { ClientSession } from 'mongoose';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Both } from '../../contract/route.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { isStocked } from '../domain/places.ts';
import { positionId, Positions, Skus, Warehouses, type LotPart, type MovementDoc, type PositionDoc, type SkuDoc } from '../store/models.ts';
import { postMovement } from './post-movement.ts';

export type CountLine = { readonly warehouseCode: string; readonly skuCode: string; readonly onHand: number; readonly row: number };
export type CountRefusal = { readonly row: number; readonly code: string; readonly message: Both };
export type Counted = { moved: number; pieces: number; valueFen: number };
type CountInput = { key: string; reason: string; by: string; lines: readonly CountLine[]; at?: Date | undefined; reference?: string; /** Where it lies differently than booked. */ lots?: readonly { readonly bin: string; readonly batch: string; readonly change: number }[] };

export async function countStock(rt: Runtime, session: ClientSession, input: CountInput): Promise<Result<Counted, readonly CountRefusal[]>> {
  const refused: CountRefusal[] = [];
  const total = { moved: 0, pieces: 0, valueFen: 0 };
  const houses = new Set((await Warehouses.find({}).session(session).lean()).map((w) => w.code));
  for (const line of input.lines) {
    const no = (code: string, zh: string, en: string): void => void refused.push({ row: line.row, code, message: { zh, en } });
    const sku = await Skus.findOne({ code: line.skuCode }).session(session).lean<SkuDoc>();
    if (!sku) no('unknown_sku', `货品 ${line.skuCode} 不存在。`, `SKU ${line.skuCode} does not exist.`);
    else if (!houses.has(line.warehouseCode)) no('unknown_warehouse', `没有仓库 ${line.warehouseCode}。`, `There is no warehouse ${line.warehouseCode}.`);
    else if (sku.kit.length > 0) no('unknown_sku', `货品 ${line.skuCode} 是组合装，盘它的组成件。`, `SKU ${line.skuCode} is a kit: count its parts.`);
    else {
      const counted = await countOne(rt, session, input, line, sku);
      if (counted.ok) add(total, counted.value, line.warehouseCode);
      else no(counted.refusal.code, counted.refusal.zh, counted.refusal.en);
    }
  }
  return refused.length > 0 ? refuse(refused) : ok(total);
}

function add(total: Counted, m: MovementDoc, warehouseCode: string): void {
  if (m.quantity === 0) return;
  const sign = m.to === warehouseCode && isStocked(m.to) ? 1 : -1;
  Object.assign(total, { moved: total.moved + 1, pieces: total.pieces + sign * m.quantity, valueFen: total.valueFen + sign * m.costFen });
}

const parts = (input: CountInput, sign: 1 | -1): LotPart[] => (input.lots ?? []).filter((l) => l.change * sign > 0).map((l) => ({ bin: l.bin, batch: l.batch, quantity: l.change * sign }));
async function countOne(rt: Runtime, session: ClientSession, input: CountInput, line: CountLine, sku: SkuDoc): Promise<Result<MovementDoc, Both & { code: string }>> {
  const position = await Positions.findById(positionId(line.warehouseCode, line.skuCode)).session(session).lean<PositionDoc>();
  const now = rt.clock.now();
  const late = input.at !== undefined && (position?.lastAt ?? new Date(0)) > input.at;
  const [onHand, promised] = [position?.onHand ?? 0, (position?.reserved ?? 0) + (position?.locked ?? 0)];
  if (!late && line.onHand < promised) {
    return refuse({ code: 'below_reserved', zh: `盘点数 ${line.onHand} 少于已占用的 ${promised}。先释放订单，或核对盘点数。`, en: `Counted ${line.onHand} is below the ${promised} reserved. Release orders first, or check the count.` });
  }
  const difference = line.onHand - onHand;
  const cost = position && position.onHand > 0 ? Math.round(position.valueFen / position.onHand) : sku.costFen;
  // A late count's difference is found when the ledger is played again from it.
  return postMovement(rt, session, {
    key: `count:${input.key}:${line.warehouseCode}:${line.skuCode}`, kind: 'count', skuCode: line.skuCode, from: difference >= 0 ? 'count' : line.warehouseCode, to: difference >= 0 ? line.warehouseCode : 'count', quantity: late ? 0 : Math.abs(difference),
    ...(difference > 0 && !late ? { costFen: cost * difference } : {}), counted: line.onHand, hintFen: sku.costFen, reference: input.reference ?? input.reason, reason: input.reason, by: input.by, at: input.at ?? now, exact: input.at !== undefined,
    taken: parts(input, -1), put: parts(input, 1),
  });
}
