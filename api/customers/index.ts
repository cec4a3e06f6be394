/** Customers: one per resolved identity, with what they bought and sent back. */
import type { ClientSession } from 'mongoose';
import { ok } from '../contract/values/result.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { SheetCommands } from '../sheets/commands.ts';
import { audit } from '../store/audit.ts';
import { insertAll } from '../store/bulk.ts';
import { Customers, Identities, type CustomerDoc, type IdentityDoc } from './store/models.ts';

export { Customers, type CustomerDoc } from './store/models.ts';
export type BuyerKey = { readonly channel: string; readonly buyerKey: string; readonly buyerNick: string; readonly at: Date };

const shownName = (nick: string): string => (nick.length <= 2 ? `${nick.slice(0, 1)}*` : `${nick.slice(0, 1)}***${nick.slice(-1)}`);

/** The customer of a buyer, made when the buyer is new. Safe when two orders of one buyer come at once. */
export async function resolveCustomer(rt: Runtime, session: ClientSession, buyer: BuyerKey): Promise<string | undefined> {
  return (await resolveCustomers(rt, session, [buyer])).ids[0];
}

/** The same for many at once: one answer a buyer, in their order; a buyer who is there twice is one customer. */
export async function resolveCustomers(rt: Runtime, session: ClientSession, buyers: readonly BuyerKey[]): Promise<{ readonly ids: (string | undefined)[]; /** Whom nobody knew before. */ readonly fresh: ReadonlySet<string> }> {
  const marks = buyers.map((b) => (b.buyerKey ? rt.secrets.fingerprint(`buyer:${b.channel}:${b.buyerKey}`) : undefined));
  const known = new Map((await Identities.find({ _id: { $in: marks.filter((m) => m !== undefined) } }).session(session).lean()).map((i) => [i._id, i.customerId]));
  const now = rt.clock.now();
  const fresh: { mark: string; id: string; buyer: BuyerKey }[] = [];
  for (const [i, buyer] of buyers.entries()) {
    const mark = marks[i];
    if (mark === undefined || known.has(mark)) continue;
    const id = rt.newId('customer');
    known.set(mark, id);
    fresh.push({ mark, id, buyer });
  }
  if (fresh.length > 0) {
    await insertAll(Identities, fresh.map(({ mark, id, buyer }): IdentityDoc => ({ _id: mark, customerId: id, kind: 'buyer', channel: buyer.channel, at: now })), session);
    await insertAll(Customers, fresh.map(({ id, buyer }): CustomerDoc => ({ _id: id, shownName: shownName(buyer.buyerNick), channels: [buyer.channel], orders: 0, paidFen: 0, refunds: 0, refundFen: 0, firstAt: buyer.at, lastAt: buyer.at, tags: [], blacklisted: false, note: '', revision: 1, changedAt: now })), session);
  }
  return { ids: marks.map((m) => (m === undefined ? undefined : known.get(m))), fresh: new Set(fresh.map((f) => f.id)) };
}

export type CustomerFigures = Pick<CustomerDoc, 'orders' | 'paidFen' | 'refunds' | 'refundFen' | 'firstAt' | 'lastAt'>;
/** Sets the figures that were counted anew from the orders: running it twice changes nothing. */
export async function setFigures(rt: Runtime, customerId: string, figures: CustomerFigures): Promise<void> {
  await Customers.updateOne({ _id: customerId }, { $set: { ...figures, changedAt: rt.clock.now() }, $inc: { revision: 1 } });
}
/** Tags as rules see them; a blacklisted customer has the tag 黑名单. */
export async function customerTags(ids: readonly string[]): Promise<Map<string, string[]>> {
  const docs = await Customers.find({ _id: { $in: [...new Set(ids)] } }, { tags: 1, blacklisted: 1 }).lean<Pick<CustomerDoc, '_id' | 'tags' | 'blacklisted'>[]>();
  return new Map(docs.map((d) => [d._id, [...d.tags, ...(d.blacklisted ? ['黑名单'] : [])]]));
}
export async function blacklistBuyer(rt: Runtime, buyer: BuyerKey): Promise<void> {
  const id = await rt.transact((session) => resolveCustomer(rt, session, buyer));
  if (id) await Customers.updateOne({ _id: id }, { $set: { blacklisted: true, changedAt: rt.clock.now() }, $inc: { revision: 1 } });
}

export const customerRow = (d: CustomerDoc) => ({
  id: d._id, name: d.shownName, channels: [...d.channels], orders: d.orders, paidFen: d.paidFen, refunds: d.refunds, refundFen: d.refundFen, firstAt: d.firstAt.toISOString(), lastAt: d.lastAt.toISOString(), tags: [...d.tags], tagText: d.tags.join(','),
  blacklisted: d.blacklisted, note: d.note, revision: d.revision, changedAt: d.changedAt.toISOString(),
});

export const customersSheetCommands: SheetCommands = {
  sheet: 'customers', noun: 'customers',
  load: async (_rt, ids, session) => {
    const docs = await Customers.find({ _id: { $in: ids } }).session(session).lean<CustomerDoc[]>();
    return new Map(docs.map((d) => [d._id, { revision: d.revision, values: { tags: d.tags.join(',') || null, blacklisted: d.blacklisted, note: d.note || null } }]));
  },
  apply: async (rt, edits, { session, user, now, batchId }) => {
    for (const e of edits) {
      const { tags, ...rest } = e.set;
      const set = { ...rest, ...('note' in rest ? { note: rest['note'] ?? '' } : {}), ...(tags === undefined ? {} : { tags: String(tags ?? '').split(/[,，]/).map((t) => t.trim()).filter(Boolean) }) };
      await Customers.updateOne({ _id: e.id, revision: e.revision }, { $set: { ...set, changedAt: now }, $inc: { revision: 1 } }, { session });
      await audit(rt, session, [{ userId: user.userId, command: 'set-customer', noun: 'customers', id: e.id, before: null, after: e.set, batchId, at: now }]);
    }
    return ok({ effects: edits.length > 0 ? [{ zh: `改了 ${edits.length} 个客户`, en: `${edits.length} customers changed` }] : [] });
  },
};
