/**
 * Stocktake: the counted pieces become what is on hand, as a movement from or to `count`.
 * In: counted pieces per (warehouse, SKU), reason, key. Out: lines moved. Wrong: counted below what is reserved; unknown SKU.
 */
import type { ClientSession } from 'mongoose';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Both } from '../../contract/route.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { unitCost } from '../domain/cost.ts';
import { positionId, Positions, Skus, type PositionDoc, type SkuDoc } from '../store/models.ts';
import { postMovement } from './post-movement.ts';

export type CountLine = { readonly warehouseCode: string; readonly skuCode: string; readonly onHand: number; readonly row: number };
export type CountRefusal = { readonly row: number; readonly code: string; readonly message: Both };

export async function countStock(rt: Runtime, session: ClientSession, input: { key: string; reason: string; by: string; lines: readonly CountLine[] }): Promise<Result<{ moved: number; pieces: number; valueFen: number }, readonly CountRefusal[]>> {
  const refused: CountRefusal[] = [];
  const total = { moved: 0, pieces: 0, valueFen: 0 };
  for (const line of input.lines) {
    const position = await Positions.findById(positionId(line.warehouseCode, line.skuCode)).session(session).lean<PositionDoc>();
    const sku = await Skus.findOne({ code: line.skuCode }).session(session).lean<SkuDoc>();
    if (!sku || sku.kit.length > 0) {
      refused.push({ row: line.row, code: 'unknown_sku', message: { zh: `货品 ${line.skuCode} ${sku ? '是组合装，盘它的组成件' : '不存在'}。`, en: `SKU ${line.skuCode} ${sku ? 'is a kit: count its parts' : 'does not exist'}.` } });
      continue;
    }
    const [onHand, promised] = [position?.onHand ?? 0, (position?.reserved ?? 0) + (position?.locked ?? 0)];
    if (line.onHand < promised) {
      refused.push({ row: line.row, code: 'below_reserved', message: { zh: `盘点数 ${line.onHand} 少于已占用的 ${promised}。先释放订单，或核对盘点数。`, en: `Counted ${line.onHand} is below the ${promised} reserved. Release orders first, or check the count.` } });
      continue;
    }
    const difference = line.onHand - onHand;
    if (difference === 0) continue;
    const cost = position && position.onHand > 0 ? unitCost(position) : sku.costFen;
    const moved = await postMovement(rt, session, {
      key: `count:${input.key}:${line.warehouseCode}:${line.skuCode}`, kind: 'count', skuCode: line.skuCode, from: difference > 0 ? 'count' : line.warehouseCode, to: difference > 0 ? line.warehouseCode : 'count',
      quantity: Math.abs(difference), ...(difference > 0 ? { costFen: cost * difference } : {}), reference: input.reason, by: input.by, at: rt.clock.now(),
    });
    if (moved.ok) Object.assign(total, { moved: total.moved + 1, pieces: total.pieces + difference, valueFen: total.valueFen + Math.sign(difference) * moved.value.costFen });
  }
  return refused.length > 0 ? refuse(refused) : ok(total);
}
