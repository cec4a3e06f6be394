/**
 * Goods between warehouses, in two steps: out at the one (on the way, still ours), in at the other. In: lines. Out: the transfer.
 * Wrong: short at the sender; more received or lost than is on the way. Each step happens once per key.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import { transitTo } from '../domain/places.ts';
import { Movements, Warehouses } from '../store/models.ts';
import { Transfers, type TransferDoc } from '../store/work-models.ts';
import { postMovement } from './post-movement.ts';

export type LineRefusal = { readonly row: number; readonly column: string; readonly code: string; readonly message: Both };
const no = (row: number, column: string, code: string, zh: string, en: string): LineRefusal => ({ row, column, code, message: { zh, en } });

export async function sendTransfer(rt: Runtime, session: ClientSession, input: { key: string; from: string; to: string; note: string; by: string; lines: readonly { skuCode: string; quantity: number }[] }): Promise<Result<TransferDoc, readonly LineRefusal[]>> {
  const again = await Transfers.findOne({ key: input.key }).session(session).lean<TransferDoc>();
  if (again) return ok(again);
  const houses = new Set((await Warehouses.find({}).session(session).lean()).map((w) => w.code));
  const wrong = (['from', 'to'] as const).filter((end) => !houses.has(input[end])).map((end) => no(0, end, 'unknown_warehouse', `没有仓库 ${input[end]}。`, `There is no warehouse ${input[end]}.`));
  if (input.from === input.to) wrong.push(no(0, 'to', 'same_warehouse', '调出和调入是同一个仓库。', 'Both ends are the same warehouse.'));
  if (wrong.length > 0) return refuse(wrong);
  const now = rt.clock.now();
  const sums = new Map<string, number>();
  for (const l of input.lines) sums.set(l.skuCode, (sums.get(l.skuCode) ?? 0) + l.quantity);
  const doc: TransferDoc = { _id: rt.newId('transfer'), key: input.key, from: input.from, to: input.to, state: 'on_the_way', note: input.note, by: input.by, at: now, revision: 1, changedAt: now, lines: [...sums].map(([skuCode, quantity]) => ({ skuCode, quantity, received: 0, lost: 0 })) };
  const refused: LineRefusal[] = [];
  for (const l of doc.lines) {
    const moved = await postMovement(rt, session, { key: `transfer:${doc._id}:out:${l.skuCode}`, kind: 'transfer', skuCode: l.skuCode, from: doc.from, to: transitTo(doc.to), quantity: l.quantity, reference: doc._id, reason: doc.note, by: doc.by, at: now });
    if (!moved.ok) refused.push(no(input.lines.findIndex((x) => x.skuCode === l.skuCode) + 1, 'quantity', moved.refusal.code, moved.refusal.zh, moved.refusal.en));
  }
  if (refused.length > 0) return refuse(refused);
  await Transfers.create([doc], { session });
  await audit(rt, session, [{ userId: input.by, command: 'send-transfer', noun: 'transfers', id: doc._id, before: null, after: { lines: doc.lines }, at: now }]);
  return ok(doc);
}

export async function receiveTransfer(rt: Runtime, session: ClientSession, input: { id: string; key: string; by: string; reason: string; lines: readonly { skuCode: string; received: number; lost: number }[] }): Promise<Result<TransferDoc, readonly LineRefusal[]>> {
  const doc = await Transfers.findById(input.id).session(session).lean<TransferDoc>();
  if (!doc) return refuse([no(0, 'id', 'not_found', '没有这张调拨单。', 'There is no such transfer.')]);
  if (await Movements.exists({ key: { $in: input.lines.flatMap((l) => [`transfer:${doc._id}:${input.key}:${l.skuCode}`, `transfer:${doc._id}:${input.key}:${l.skuCode}:lost`]) } }).session(session)) return ok(doc);
  const refused: LineRefusal[] = [];
  const now = rt.clock.now();
  for (const [i, l] of input.lines.entries()) {
    const line = doc.lines.find((x) => x.skuCode === l.skuCode);
    const open = line ? line.quantity - line.received - line.lost : 0;
    if (!line || doc.state === 'cancelled') { refused.push(no(i + 1, 'skuCode', 'not_sent', `调拨单里没有 ${l.skuCode} 在途。`, `No ${l.skuCode} is on the way on this transfer.`)); continue; }
    if (l.received + l.lost > open) { refused.push(no(i + 1, 'received', 'too_many', `${l.skuCode} 在途 ${open} 件，收了 ${l.received}、报损 ${l.lost}。多出来的用盘点入账。`, `${open} of ${l.skuCode} are on the way; ${l.received} received, ${l.lost} lost. Book what is over by a count.`)); continue; }
    if (l.lost > 0 && input.reason === '') { refused.push(no(i + 1, 'lost', 'reason_missing', '报损要写原因。', 'A loss needs its reason.')); continue; }
    const base = { skuCode: l.skuCode, from: transitTo(doc.to), reference: doc._id, reason: input.reason, by: input.by, at: now };
    if (l.received > 0) await postMovement(rt, session, { ...base, key: `transfer:${doc._id}:${input.key}:${l.skuCode}`, kind: 'transfer', to: doc.to, quantity: l.received });
    if (l.lost > 0) await postMovement(rt, session, { ...base, key: `transfer:${doc._id}:${input.key}:${l.skuCode}:lost`, kind: 'scrap', to: 'loss', quantity: l.lost });
    Object.assign(line, { received: line.received + l.received, lost: line.lost + l.lost });
  }
  if (refused.length > 0) return refuse(refused);
  return ok(await save(rt, session, doc, input.by, 'receive-transfer'));
}

/** What is still on the way goes back to where it came from. */
export async function cancelTransfer(rt: Runtime, session: ClientSession, input: { id: string; by: string; reason: string }): Promise<Result<TransferDoc, Both & { readonly code: string }>> {
  const doc = await Transfers.findById(input.id).session(session).lean<TransferDoc>();
  if (!doc) return refuse({ code: 'not_found', zh: '没有这张调拨单。', en: 'There is no such transfer.' });
  if (doc.state === 'cancelled') return ok(doc);
  if (doc.state === 'received') return refuse({ code: 'received', zh: '已全部收货；要退回就再开一张反向调拨。', en: 'It has arrived in full; send it back by another transfer.' });
  for (const l of doc.lines) {
    const open = l.quantity - l.received - l.lost;
    if (open > 0) await postMovement(rt, session, { key: `transfer:${doc._id}:back:${l.skuCode}`, kind: 'transfer', skuCode: l.skuCode, from: transitTo(doc.to), to: doc.from, quantity: open, reference: doc._id, reason: input.reason, by: input.by, at: rt.clock.now() });
    l.quantity -= open;
  }
  return ok(await save(rt, session, { ...doc, state: 'cancelled' }, input.by, 'cancel-transfer'));
}

async function save(rt: Runtime, session: ClientSession, doc: TransferDoc, by: string, command: string): Promise<TransferDoc> {
  const open = doc.lines.some((l) => l.received + l.lost < l.quantity);
  const state: TransferDoc['state'] = doc.state === 'cancelled' ? 'cancelled' : !open ? 'received' : doc.lines.some((l) => l.received + l.lost > 0) ? 'partly_received' : 'on_the_way';
  const now = rt.clock.now();
  await Transfers.updateOne({ _id: doc._id, revision: doc.revision }, { $set: { state, lines: doc.lines, changedAt: now }, $inc: { revision: 1 } }, { session });
  await audit(rt, session, [{ userId: by, command, noun: 'transfers', id: doc._id, before: null, after: { state, lines: doc.lines }, at: now }]);
  return { ...doc, state, revision: doc.revision + 1, changedAt: now };
}
