/**
 * Takes stopped or mistaken parcels off the line after printing: the slip is thrown away, the stock goes back on the shelf, and
 * what the order still wants is planned anew. In: parcel ids. Wrong: one that is not on paper, each named; then none is taken.
 */
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { raiseNotice } from '../../shops/index.ts';
import { audit } from '../../store/audit.ts';
import { isOnPaper } from '../domain/parcel.ts';
import { Parcels, type ParcelDoc } from '../store/models.ts';
import { cancelParcel } from './bend-parcels.ts';
import type { RowRefusal } from './ship-parcels.ts';

export async function pullBack(rt: Runtime, ids: readonly string[], userId: string): Promise<Result<number, readonly RowRefusal[]>> {
  const done = await rt.transact(async (session): Promise<Result<number, readonly RowRefusal[]>> => {
    const parcels = await Parcels.find({ _id: { $in: ids } }).session(session).lean<ParcelDoc[]>();
    const refused = ids.flatMap((id, i): RowRefusal[] => {
      const p = parcels.find((x) => x._id === id);
      if (p && isOnPaper(p.state)) return [];
      return [{ row: i + 1, id, code: p ? 'wrong_state' : 'not_found', message: p ? { zh: `第 ${i + 1} 个包裹没有打印，或已发货`, en: `Parcel ${i + 1} is not on paper, or has left` } : { zh: `没有包裹 ${id}`, en: `There is no parcel ${id}` } }];
    });
    if (refused.length > 0) return refuse(refused);
    for (const p of parcels) await cancelParcel(rt, session, p);
    await audit(rt, session, parcels.map((p) => ({ userId, command: 'pull-back', noun: 'parcels', id: p._id, before: p.state, after: 'cancelled', at: rt.clock.now() })));
    return ok(parcels.length);
  });
  if (done.ok) {
    // The platform believes that it is on its way, and its buyer too.
    for (const p of await Parcels.find({ _id: { $in: ids }, 'pushes.state': 'accepted' }).lean<ParcelDoc[]>()) for (const push of p.pushes.filter((x) => x.state === 'accepted' && x.words !== 'gifts')) await raiseNotice(rt, { kind: 'told_and_pulled_back', subject: push.platformOrderId, words: { zh: `订单 ${push.platformOrderId} 已回传发货（${p.trackingNumber}），包裹又撤回了：到平台改单号，或告诉买家`, en: `Order ${push.platformOrderId} was told as shipped (${p.trackingNumber}) and its parcel was pulled back: correct the number on the platform, or tell the buyer` } });
    for (const job of ['plan-parcels', 'sync-waybills']) rt.wake(job);
  }
  return done;
}
