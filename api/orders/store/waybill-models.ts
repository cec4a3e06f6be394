import mongoose, { Schema } from 'mongoose';
import type { RouteState } from '../../channels/channel.ts';

const options = { strict: 'throw', versionKey: false, autoIndex: false, minimize: false } as const;
const text = { type: String, default: '' };
const must = { type: String, required: true };

/**
 * One number of a courier's, from before it is asked for until its parcel has arrived or the number is given back. It is what is
 * owed to the courier: a kill at any line leaves a row from which the next run goes on.
 * `asked`: may have been given, and the parcel wants it. `live`: given, on the parcel. `refused`: the courier said no.
 * `returning`: to be given back. `returned`. `kept`: the courier does not take it back. `travelling`: its parcel has left. `done`: it has arrived.
 */
export const WAYBILL_STATES = ['asked', 'live', 'refused', 'returning', 'returned', 'kept', 'travelling', 'done'] as const;
export type WaybillState = (typeof WAYBILL_STATES)[number];
export type WaybillDoc = {
  /** The key that the courier is asked with: parcel and round. */
  _id: string; parcelId: string; round: number; accountId: string; courierCode: string; state: WaybillState; trackingNumber: string; /** Print data, sealed: it may name the receiver. */ print: string;
  tries: number; nextAt: Date; words: string; subscribed: boolean; routeState: RouteState | ''; routeAt: Date | null; stuck: boolean; changedAt: Date;
};
const waybill = new Schema<WaybillDoc>({
  _id: must, parcelId: must, round: { type: Number, required: true }, accountId: must, courierCode: must, state: must, trackingNumber: text, print: text, tries: { type: Number, default: 0 }, nextAt: { type: Date, required: true }, words: text,
  subscribed: { type: Boolean, default: false }, routeState: text as never, routeAt: { type: Date, default: null }, stuck: { type: Boolean, default: false }, changedAt: { type: Date, required: true },
}, options);
waybill.index({ parcelId: 1, round: 1 }, { unique: true }).index({ state: 1, nextAt: 1 }).index({ trackingNumber: 1 });
export const Waybills = mongoose.model('waybill', waybill, 'waybills');

/** A step of a parcel, as its courier told it; `_id` is courier and step, so that what is told twice is one. */
export type RouteDoc = { _id: string; parcelId: string; trackingNumber: string; at: Date; state: RouteState; platformState: string; words: string; place: string };
const routeStep = new Schema<RouteDoc>({ _id: must, parcelId: must, trackingNumber: must, at: { type: Date, required: true }, state: must, platformState: text, words: text, place: text }, options);
routeStep.index({ parcelId: 1, at: 1 });
export const RouteSteps = mongoose.model('route-step', routeStep, 'route_steps');

/** What a courier said of a place; `_id` is courier, province, city, district. */
export type ReachDoc = { _id: string; reached: boolean; words: string; at: Date };
const reach = new Schema<ReachDoc>({ _id: must, reached: { type: Boolean, required: true }, words: text, at: { type: Date, required: true } }, options);
reach.index({ reached: 1, at: 1 });
export const Reaches = mongoose.model('reach', reach, 'reaches');
