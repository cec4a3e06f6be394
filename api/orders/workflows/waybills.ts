/**
 * Waybill numbers. In: parcels that hold their stock. Out: how many got one. A parcel that has a number keeps it.
 * Numbers are of the seller's own series (courier, then digits made from the parcel's id: the same parcel, the same number).
 */
import type { Runtime } from '../../runtime/runtime.ts';
import { Parcels, type ParcelDoc } from '../store/models.ts';

export const ownNumber = (rt: Runtime, parcel: Pick<ParcelDoc, '_id' | 'courierCode'>): string => {
  const digits = BigInt(`0x${Buffer.from(rt.secrets.fingerprint(`waybill:${parcel._id}`), 'base64url').subarray(0, 6).toString('hex')}`).toString().padStart(15, '0').slice(0, 12);
  return `${parcel.courierCode}${digits}`;
};

export async function takeWaybills(rt: Runtime, ids: readonly string[]): Promise<number> {
  let taken = 0;
  for (const parcel of await Parcels.find({ _id: { $in: [...ids] }, trackingNumber: '', state: { $in: ['reserved', 'printed', 'packed'] } }).lean<ParcelDoc[]>()) {
    const done = await Parcels.updateOne({ _id: parcel._id, revision: parcel.revision }, { $set: { trackingNumber: ownNumber(rt, parcel), state: parcel.state === 'reserved' ? 'waybilled' : parcel.state, changedAt: rt.clock.now() }, $inc: { revision: 1 } });
    taken += done.modifiedCount;
  }
  return taken;
}
