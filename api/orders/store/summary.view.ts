import { holdText } from '../../contract/holds.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from './models.ts';

type Held = { _id: string; count: number; oldest: Date };
/** What the order desk asks first: what is stuck and why, what runs out of time, what can be printed. */
export async function ordersSummary(now: Date) {
  const ours = { fulfilledElsewhere: false, linkedTo: null, leftThere: null, status: { $nin: ['unpaid', 'closed'] } };
  const [decided, byThemselves, held, heldOrders, pending, urgent, toPrint, toShip, alarms, refused] = await Promise.all([
    Orders.countDocuments({ ...ours, reviewState: { $in: ['passed', 'held'] } }),
    Orders.countDocuments({ ...ours, reviewState: 'passed', 'decision.byHand': false }),
    Orders.aggregate<Held>([{ $match: { reviewState: 'held' } }, { $unwind: '$holds' }, { $group: { _id: '$holds.code', count: { $sum: 1 }, oldest: { $min: '$paidAt' } } }, { $sort: { count: -1, _id: 1 } }]),
    Orders.countDocuments({ reviewState: 'held' }), Orders.countDocuments({ reviewState: 'pending', status: { $nin: ['unpaid', 'closed'] } }),
    Orders.find({ reviewState: 'held', shipByAt: { $ne: null } }).sort({ shipByAt: 1 }).limit(5).lean<OrderDoc[]>(),
    Parcels.aggregate<{ _id: string; count: number }>([{ $match: { state: { $in: ['reserved', 'waybilled'] }, supplierId: null } }, { $group: { _id: '$courierCode', count: { $sum: 1 } } }, { $sort: { count: -1, _id: 1 } }]),
    Parcels.countDocuments({ state: { $in: ['printed', 'packed'] }, supplierId: null }), Parcels.find({ alarm: { $ne: null }, state: { $in: ['printed', 'packed'] } }).limit(20).lean<ParcelDoc[]>(), Parcels.countDocuments({ 'pushes.state': 'refused' }),
  ]);
  return {
    decided, passedByThemselves: byThemselves, passedShare: decided === 0 ? 0 : Math.round((byThemselves * 10_000) / decided), heldOrders, pending,
    held: held.map((h) => ({ code: h._id, zh: holdText(h._id).zh, en: holdText(h._id).en, count: h.count, oldestAt: (h.oldest ?? now).toISOString() })),
    urgent: urgent.map((o) => ({ id: o._id, platformOrderId: o.platformOrderId, shipByAt: o.shipByAt!.toISOString(), words: { zh: o.holds.map((h) => holdText(h.code).zh).join('、'), en: o.holds.map((h) => holdText(h.code).en).join(', ') } })),
    toPrint: toPrint.map((p) => ({ courierCode: p._id, count: p.count })), toShip, alarms: alarms.map((p) => ({ parcelId: p._id, words: p.alarm! })), refusedPushes: refused, updatedAt: now.toISOString(),
  };
}
