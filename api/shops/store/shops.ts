import mongoose, { Schema } from 'mongoose';
import type { Both } from '../../contract/route.ts';

/** A shop on a platform, a payment account, or a courier account: where it is reached and with what. Credentials are sealed JSON. */
export type ShopDoc = {
  _id: string; channel: string; kind: 'shop' | 'payment' | 'courier'; name: string; status: 'active' | 'paused'; pausedReason?: Both | null;
  gateway: string; platformShopId: string; source: 'api' | 'file'; sealedCredentials: string; pullFrom: Date; pulledTo?: Date; lastError: string;
  /** When the kept token ends; who renews it until when; the authorisation that a person has begun in a browser. */
  authorisedUntil?: Date | null; renewUntil?: Date | null; authorising?: { mark: string; until: Date; redirectUri: string } | null;
  /** When the platform is told that a parcel has left; absent: when it does. */
  pushAt?: 'print' | 'check' | 'weigh' | 'ship';
  revision: number; changedAt: Date;
};
const schema = new Schema<ShopDoc>({
  _id: { type: String, required: true }, channel: { type: String, required: true }, kind: { type: String, required: true }, name: { type: String, required: true },
  status: { type: String, required: true }, pausedReason: { type: Schema.Types.Mixed }, gateway: { type: String, default: '' }, platformShopId: { type: String, default: '' },
  source: { type: String, required: true }, sealedCredentials: { type: String, default: '' }, pullFrom: { type: Date, required: true }, pulledTo: { type: Date },
  lastError: { type: String, default: '' }, authorisedUntil: { type: Date }, renewUntil: { type: Date }, authorising: { type: Schema.Types.Mixed }, pushAt: { type: String }, revision: { type: Number, required: true }, changedAt: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false });
schema.index({ channel: 1, name: 1 }, { unique: true });
schema.index({ changedAt: 1, _id: 1 });
export const Shops = mongoose.model('shop', schema, 'shops');

/** A span of platform time that one run pulls. Its done mark is lock and watermark at once. */
export type WindowDoc = {
  _id: string; job: string; shopId: string; sequence: number; from: Date; to: Date;
  state: 'open' | 'done'; owner: string; leaseUntil: Date; tries: number; error: string; counts?: Record<string, number>; doneAt?: Date;
};
const windowSchema = new Schema<WindowDoc>({
  _id: { type: String, required: true }, job: { type: String, required: true }, shopId: { type: String, required: true }, sequence: { type: Number, required: true },
  from: { type: Date, required: true }, to: { type: Date, required: true }, state: { type: String, required: true }, owner: { type: String, default: '' },
  leaseUntil: { type: Date, required: true }, tries: { type: Number, default: 0 }, error: { type: String, default: '' }, counts: { type: Schema.Types.Mixed }, doneAt: { type: Date },
}, { strict: 'throw', versionKey: false, autoIndex: false });
windowSchema.index({ job: 1, shopId: 1, sequence: 1 }, { unique: true });
windowSchema.index({ state: 1, doneAt: 1 });
export const Windows = mongoose.model('window', windowSchema, 'windows');

export type NoticeDoc = { _id: string; kind: string; subject: string; words: Both; count: number; at: Date; closedAt?: Date | null; revision: number; changedAt: Date };
const noticeSchema = new Schema<NoticeDoc>({
  _id: { type: String, required: true }, kind: { type: String, required: true }, subject: { type: String, required: true }, words: { type: Schema.Types.Mixed, required: true },
  count: { type: Number, required: true }, at: { type: Date, required: true }, closedAt: { type: Date, default: null }, revision: { type: Number, required: true }, changedAt: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false });
noticeSchema.index({ kind: 1, subject: 1 }, { unique: true });
noticeSchema.index({ changedAt: 1, _id: 1 });
export const Notices = mongoose.model('notice', noticeSchema, 'notices');
