/** How this company keeps its stock: costing, closed periods, tolerances. One row. */
import mongoose, { type ClientSession } from 'mongoose';
import { addDays, businessDay, startOfDay } from '../../contract/values/time.ts';
import { refuse, ok, type Result } from '../../contract/values/result.ts';
import type { Both } from '../../contract/route.ts';
import { businessDayOf } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import type { Method } from '../domain/cost.ts';
import { StockSettings, type StockSettingsDoc } from '../store/models.ts';

const ID = 'stock';
/** A change of the costing method counts from so much later: by then every process has read it. */
const NOTICE_MS = 10_000;
const KEEP_MS = 4_000;
const DEFAULTS: StockSettingsDoc = { _id: ID, costings: [], closedThrough: '', overReceiptRate: 0, underReceiptRate: 0, recountPieces: 0, recountFen: 0, expiryDays: 30, deadDays: 90, webhookUrl: '', revision: 0 };
const kept = new Map<string, { settings: StockSettingsDoc; until: number }>();

export async function readSettings(session?: ClientSession): Promise<StockSettingsDoc> {
  return { ...DEFAULTS, ...(await StockSettings.findById(ID).session(session ?? null).lean<StockSettingsDoc>()) };
}
/** For every movement: read at most every few seconds. What may change under it (the method) says beforehand from when. */
export async function settingsNow(rt: Runtime): Promise<StockSettingsDoc> {
  const now = rt.clock.now().getTime();
  const known = kept.get(mongoose.connection.name);
  if (known && known.until > now) return known.settings;
  const settings = await readSettings();
  kept.set(mongoose.connection.name, { settings, until: now + KEEP_MS });
  return settings;
}
export const openStart = (s: Pick<StockSettingsDoc, 'closedThrough'>): Date => (s.closedThrough === '' ? new Date(0) : startOfDay(addDays(businessDay(s.closedThrough), 1)));

export type SettingsChange = { readonly [K in keyof Omit<StockSettingsDoc, '_id' | 'revision' | 'costings'>]?: StockSettingsDoc[K] | undefined } & { readonly costing?: Method | undefined };
/** Periods close forwards only, and only days that are over. */
export async function changeSettings(rt: Runtime, userId: string, change: SettingsChange): Promise<Result<StockSettingsDoc, Both>> {
  const done = await rt.transact(async (session): Promise<Result<StockSettingsDoc, Both>> => {
    const before = await readSettings(session);
    const now = rt.clock.now();
    const { costing, ...plain } = change;
    if (plain.closedThrough !== undefined) {
      if (plain.closedThrough >= businessDayOf(now)) return refuse({ zh: `${plain.closedThrough} 还没过完，不能结账。`, en: `${plain.closedThrough} is not over: it cannot be closed.` });
      if (plain.closedThrough < before.closedThrough) return refuse({ zh: `已经结账到 ${before.closedThrough}，不能退回。`, en: `Closed through ${before.closedThrough}: closing does not go back.` });
    }
    const changed = costing !== undefined && costing !== (before.costings.at(-1)?.method ?? 'average');
    const set = { ...Object.fromEntries(Object.entries(plain).filter(([, v]) => v !== undefined)), ...(changed ? { costings: [...before.costings, { method: costing, since: new Date(now.getTime() + NOTICE_MS) }] } : {}) };
    if (Object.keys(set).length === 0) return ok(before);
    await StockSettings.updateOne({ _id: ID }, { $set: set, $inc: { revision: 1 } }, { upsert: true, session });
    await audit(rt, session, [{ userId, command: 'set-stock-settings', noun: 'stock-settings', id: ID, before, after: set, at: now }]);
    return ok(await readSettings(session));
  });
  kept.clear();
  return done;
}
