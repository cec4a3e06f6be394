/**
 * Orders whose own fields changed, or those of their buyers or goods, are looked at anew where a live rule reads them: the way a
 * changed remark takes. What was planned is taken apart or stopped, and what the courier has is left alone.
 * In: the rows that changed, and their fields. Out: how many orders wait for review again.
 */
import type { ClientSession } from 'mongoose';
import { parseFormula } from '../../contract/formula.ts';
import type { OwnField, OwnNoun } from '../../contract/own-fields.ts';
import { ownFields, ruleKey } from '../../fields/index.ts';
import { loadTable } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Skus } from '../../stock/index.ts';
import { REVIEWABLE } from '../domain/ingest.ts';
import { Orders, type OrderDoc } from '../store/models.ts';
import { bendFor, handedOver } from './bend-parcels.ts';
import { WITHOUT_SEALED } from './order-facts.ts';

export type OwnChange = { readonly id: string; /** Keys of own fields. */ readonly keys: readonly string[] };
/** Whose word an order that has not left can still be asked by: its review, and its plan. */
const READERS = ['order-review', 'tag', 'gift', 'hold-release', 'merge', 'split', 'warehouse', 'courier', 'freight-price'];
const WORDS = { zh: '规则看的自有字段改了', en: 'an own field that rules look at changed' };

export async function reviewAgain(rt: Runtime, session: ClientSession, noun: OwnNoun, changes: readonly OwnChange[]): Promise<number> {
  if (noun !== 'orders' && noun !== 'customers' && noun !== 'skus') return 0;
  const tables = await Promise.all(READERS.map((name) => loadTable(name)));
  const uses = new Set(tables.flatMap((t) => [...t.uses]));
  const fields = (await ownFields(session)).filter((f) => f.noun === noun && !f.retired);
  const read = new Set(fields.filter((f) => f.formula === '' && [f, ...formulasOver(f, fields)].some((x) => uses.has(ruleKey(x)))).map((f) => f.key));
  const ids = changes.filter((c) => c.keys.some((key) => read.has(key))).map((c) => c.id);
  if (ids.length === 0) return 0;
  const orders = await Orders.find({ ...(await whose(noun, ids)), status: { $in: [...REVIEWABLE] }, reviewState: { $in: ['passed', 'held'] }, fulfilledElsewhere: false }, WITHOUT_SEALED).session(session).lean<OrderDoc[]>();
  const gone = await handedOver(session, orders);
  const open = orders.filter((o) => !gone.has(o._id));
  if (open.length === 0) return 0;
  for (const o of open) if (o.parcelIds.length > 0) await bendFor(rt, session, o._id, WORDS);
  await Orders.updateMany({ _id: { $in: open.map((o) => o._id) } }, { $set: { reviewState: 'pending', changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
  return open.length;
}
async function whose(noun: 'orders' | 'customers' | 'skus', ids: readonly string[]): Promise<Record<string, unknown>> {
  if (noun === 'orders') return { _id: { $in: ids } };
  if (noun === 'customers') return { customerId: { $in: ids } };
  return { 'lines.skuCode': { $in: (await Skus.find({ _id: { $in: ids } }, { code: 1 }).lean<{ code: string }[]>()).map((s) => s.code) } };
}
/** Formula fields that read a typed one; formulas read no other formula. */
function formulasOver(typed: OwnField, fields: readonly OwnField[]): OwnField[] {
  const names = new Set([typed.title.zh, typed.title.en, typed.key, `own.${typed.key}`]);
  return fields.filter((f) => { if (f.formula === '') return false; const read = parseFormula(f.formula); return read.ok && read.value.names.some((n) => names.has(n)); });
}
