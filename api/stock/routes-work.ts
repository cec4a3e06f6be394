import type { ClientSession } from 'mongoose';
import type { z } from 'zod';
import { problem, type Problem } from '../contract/problems.ts';
import type { Both } from '../contract/route.ts';
import { stockWorkRoutes, type LateCostRow, type LedgerChange, type StockSettings } from '../contract/stock-work.ts';
import { fenFromInteger, yuanText } from '../contract/values/money.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { renderSkuLabels, unscannable } from '../printing/sku-labels.ts';
import { feed } from '../store/feed.ts';
import type { MovementDoc, StockSettingsDoc } from './store/models.ts';
import { movementRows } from './store/stock.view.ts';
import { Inbounds, LateCosts, StockLocks, Transfers, type InboundDoc, type LateCostDoc, type StockLockDoc, type TransferDoc } from './store/work-models.ts';
import { assemble } from './workflows/assemble.ts';
import { postByHand } from './workflows/hand-movements.ts';
import type { LateDone } from './workflows/late.ts';
import { addLateCost, undoLateCost } from './workflows/late-costs.ts';
import { levels } from './workflows/levels.ts';
import { openInbound, receiveInbound } from './workflows/inbounds.ts';
import { lookOf } from '../printing/templates.ts';
import { skuLabels } from './workflows/labels.ts';
import { lockStock, releaseLock } from './workflows/locks.ts';
import { inspectReturns } from './workflows/returns.ts';
import { changeSettings, readSettings } from './workflows/settings.ts';
import { cancelTransfer, receiveTransfer, sendTransfer, type LineRefusal } from './workflows/transfers.ts';
import { undoMovement } from './workflows/undo.ts';

/** Carries a refusal out of a transaction, so that the transaction is undone. */
class Undone extends Error {
  readonly refusal: unknown;
  constructor(refusal: unknown) { super('refused'); this.refusal = refusal; }
}
/** All or nothing: a refusal leaves no trace; a dry run leaves none either. */
export async function settled<T, R>(rt: Runtime, dryRun: boolean, work: (session: ClientSession) => Promise<Result<T, R>>): Promise<Result<T, R>> {
  try {
    return ok(await (dryRun ? rt.transact.dryRun : rt.transact)(async (session) => {
      const done = await work(session);
      if (!done.ok) throw new Undone(done.refusal);
      return done.value;
    }));
  } catch (error) {
    if (error instanceof Undone) return refuse(error.refusal as R);
    throw error;
  }
}
const batch = (rows: readonly LineRefusal[]): Problem => problem('batch_refused', { count: rows.length }, rows.map((r) => ({ ...r })));
export const command = (r: Both & { readonly code?: string }, noun = 'row', id = ''): Problem => (r.code === 'not_found' ? problem('not_found', { noun, id }) : problem('command_refused', { zh: r.zh, en: r.en }));
const yuan = (fen: number): string => yuanText(fenFromInteger(fen));

const settingsRow = (s: StockSettingsDoc): z.input<typeof StockSettings> => ({
  costing: s.costings.at(-1)?.method ?? 'average', closedThrough: s.closedThrough, overReceiptRate: s.overReceiptRate, underReceiptRate: s.underReceiptRate, recountPieces: s.recountPieces, recountFen: s.recountFen, expiryDays: s.expiryDays, deadDays: s.deadDays, webhookUrl: s.webhookUrl,
});
const lateCostRow = (c: LateCostDoc): z.input<typeof LateCostRow> => ({ id: c._id, kind: c.kind, amountFen: c.amountFen, spreadBy: c.spreadBy, shares: c.shares.map((s) => ({ movementId: s.movementId, skuCode: s.skuCode, differenceFen: s.differenceFen })), words: c.words, by: c.by, at: c.at.toISOString(), undoes: c.undoes, undoneBy: c.undoneBy, revision: c.revision, changedAt: c.changedAt.toISOString() });
const transferRow = (t: TransferDoc) => ({ id: t._id, from: t.from, to: t.to, state: t.state, lines: t.lines.map((l) => ({ skuCode: l.skuCode, quantity: l.quantity, received: l.received, lost: l.lost })), note: t.note, by: t.by, at: t.at.toISOString(), revision: t.revision, changedAt: t.changedAt.toISOString() });
const lockRow = (l: StockLockDoc) => ({ id: l._id, warehouseCode: l.warehouseCode, skuCode: l.skuCode, quantity: l.quantity, reason: l.reason, by: l.by, at: l.at.toISOString(), released: l.released, revision: l.revision, changedAt: l.changedAt.toISOString() });

/** What a change did, in rows and in words. */
export function changeAnswer(dryRun: boolean, done: LateDone | { readonly movements: readonly MovementDoc[] }): z.input<typeof LedgerChange> {
  const { corrections, positions } = 'corrections' in done ? done : { corrections: [], positions: [] };
  const sold = corrections.filter((c) => c.kind === 'shipment').reduce((n, c) => n + c.differenceFen, 0);
  const effects: Both[] = [
    ...(done.movements.length > 0 ? [{ zh: `写入 ${done.movements.length} 条流水`, en: `${done.movements.length} movements` }] : []),
    ...positions.filter((p) => p.onHand[0] !== p.onHand[1] || p.valueFen[0] !== p.valueFen[1]).map((p) => ({ zh: `${p.warehouseCode} ${p.skuCode}：${p.onHand[0]} → ${p.onHand[1]} 件，${yuan(p.valueFen[0])} → ${yuan(p.valueFen[1])} 元`, en: `${p.warehouseCode} ${p.skuCode}: ${p.onHand[0]} → ${p.onHand[1]} pieces, ${yuan(p.valueFen[0])} → ${yuan(p.valueFen[1])} yuan` })),
    ...(corrections.length > 0 ? [{ zh: `重算后 ${corrections.length} 条流水的成本改变，其中已售 ${yuan(sold)} 元`, en: `${corrections.length} later costs change, ${yuan(sold)} yuan of them of goods sold` }] : []),
  ];
  return {
    dryRun, movements: movementRows([...done.movements]), corrections: corrections.map((c) => ({ movementId: c.movementId, skuCode: c.skuCode, kind: c.kind, differenceFen: c.differenceFen, at: c.at.toISOString(), bookedAt: c.bookedAt.toISOString() })),
    positions: positions.map((p) => ({ warehouseCode: p.warehouseCode, skuCode: p.skuCode, onHand: { before: p.onHand[0], after: p.onHand[1] }, valueFen: { before: p.valueFen[0], after: p.valueFen[1] } })), effects,
  };
}

const ledgerBound = (rt: Runtime): Bound[] => [
  bind(stockWorkRoutes.postMovements, async ({ body, query, user }) => {
    const dryRun = query.dryRun === 'true';
    const done = await settled(rt, dryRun, (session) => postByHand(rt, session, { ...body, at: body.at ? new Date(body.at) : rt.clock.now(), by: user.userId }));
    rt.wake('push-stock');
    return done.ok ? ok(changeAnswer(dryRun, { movements: done.value })) : refuse(batch(done.refusal));
  }),
  bind(stockWorkRoutes.undoMovement, async ({ params, body, query, user }) => {
    const dryRun = query.dryRun === 'true';
    const done = await settled(rt, dryRun, (session) => undoMovement(rt, session, { movementId: params.id, by: user.userId, reason: body.reason }));
    rt.wake('push-stock');
    return done.ok ? ok(changeAnswer(dryRun, done.value)) : refuse(command(done.refusal, 'movement', params.id));
  }),
  bind(stockWorkRoutes.listLateCosts, ({ query }) => feed(LateCosts, { ...query, now: rt.clock.now() }, (d: LateCostDoc[]) => d.map(lateCostRow))),
  bind(stockWorkRoutes.addLateCost, async ({ body, query, user }) => {
    const dryRun = query.dryRun === 'true';
    const done = await settled(rt, dryRun, (session) => addLateCost(rt, session, { ...body, by: user.userId }));
    return done.ok ? ok({ cost: lateCostRow(done.value.cost), change: changeAnswer(dryRun, done.value.done ?? { movements: [] }) }) : refuse(command(done.refusal));
  }),
  bind(stockWorkRoutes.undoLateCost, async ({ params, body, query, user }) => {
    const dryRun = query.dryRun === 'true';
    const done = await settled(rt, dryRun, (session) => undoLateCost(rt, session, { id: params.id, by: user.userId, words: body.reason }));
    return done.ok ? ok({ cost: lateCostRow(done.value.cost), change: changeAnswer(dryRun, done.value.done ?? { movements: [] }) }) : refuse(command(done.refusal, 'late cost', params.id));
  }),
  bind(stockWorkRoutes.assembleKits, async ({ body, query, user }) => {
    const dryRun = query.dryRun === 'true';
    const done = await settled(rt, dryRun, (session) => assemble(rt, session, { ...body, at: body.at ? new Date(body.at) : rt.clock.now(), by: user.userId }));
    rt.wake('push-stock');
    return done.ok ? ok(changeAnswer(dryRun, { movements: done.value })) : refuse(command(done.refusal));
  }),
];

/** A blind inbound shows what is expected only when it is over. */
const inboundRow = (d: InboundDoc) => ({ id: d._id, number: d.number, source: d.source, warehouseCode: d.warehouseCode, reference: d.reference, note: d.note, by: d.by, blind: d.blind, state: d.state, at: d.at.toISOString(), lines: d.lines.map((l) => ({ skuCode: l.skuCode, expected: d.blind && d.state === 'open' ? null : l.expected, received: l.received, unitCostFen: l.unitCostFen })), revision: d.revision, changedAt: d.changedAt.toISOString() });
const inboundBound = (rt: Runtime): Bound[] => [
  bind(stockWorkRoutes.listInbounds, ({ query }) => feed(Inbounds, { ...query, now: rt.clock.now() }, (d: InboundDoc[]) => d.map(inboundRow))),
  bind(stockWorkRoutes.openInbound, async ({ body, user }) => {
    const done = await settled(rt, false, (session) => openInbound(rt, session, { ...body, by: user.userId }));
    return done.ok ? ok(inboundRow(done.value)) : refuse(batch(done.refusal));
  }),
  bind(stockWorkRoutes.receiveInbound, async ({ params, body, user }) => {
    const done = await settled(rt, false, (session) => receiveInbound(rt, session, { ...body, id: params.id, by: user.userId }));
    for (const job of ['push-stock', 'post-journal']) rt.wake(job);
    return done.ok ? ok(inboundRow(done.value)) : refuse(done.refusal[0]?.code === 'not_found' ? problem('not_found', { noun: 'inbound', id: params.id }) : batch(done.refusal));
  }),
  bind(stockWorkRoutes.inspectReturns, async ({ body, user }) => {
    const done = await settled(rt, false, (session) => inspectReturns(rt, session, { ...body, by: user.userId }));
    for (const job of ['push-stock', 'post-journal', 'plan-parcels']) rt.wake(job);
    return done.ok ? ok(changeAnswer(false, { movements: done.value })) : refuse(batch(done.refusal));
  }),
  bind(stockWorkRoutes.printSkuLabels, async ({ body }) => {
    const labels = await skuLabels(body.labels);
    if (!labels.ok) return refuse(batch(labels.refusal));
    const look = await lookOf('sku-label');
    const long = unscannable(labels.value, look, body.paper)[0];
    if (long) return refuse(problem('command_refused', { zh: `${long.skuCode} 的条码在这种纸上太密，扫不出来，换宽一点的纸。`, en: `The bar code of ${long.skuCode} would be too fine to scan on this paper: take a wider one.` }));
    return ok({ bytes: await renderSkuLabels(labels.value, look, body.paper), filename: 'labels.pdf' });
  }),
];

export const stockWorkBound = (rt: Runtime): Bound[] => [
  bind(stockWorkRoutes.readStockSettings, async () => ok(settingsRow(await readSettings()))),
  bind(stockWorkRoutes.changeStockSettings, async ({ body, user }) => {
    const done = await changeSettings(rt, user.userId, body);
    return done.ok ? ok(settingsRow(done.value)) : refuse(command(done.refusal));
  }),
  bind(stockWorkRoutes.readLevels, async ({ query }) => ok(await levels(rt, query.warehouse))),
  ...ledgerBound(rt),
  bind(stockWorkRoutes.listTransfers, ({ query }) => feed(Transfers, { ...query, now: rt.clock.now() }, (d: TransferDoc[]) => d.map(transferRow))),
  bind(stockWorkRoutes.sendTransfer, async ({ body, user }) => {
    const done = await settled(rt, false, (session) => sendTransfer(rt, session, { ...body, by: user.userId }));
    rt.wake('push-stock');
    return done.ok ? ok(transferRow(done.value)) : refuse(batch(done.refusal));
  }),
  bind(stockWorkRoutes.receiveTransfer, async ({ params, body, user }) => {
    const done = await settled(rt, false, (session) => receiveTransfer(rt, session, { ...body, id: params.id, by: user.userId }));
    rt.wake('push-stock');
    return done.ok ? ok(transferRow(done.value)) : refuse(done.refusal[0]?.code === 'not_found' ? problem('not_found', { noun: 'transfer', id: params.id }) : batch(done.refusal));
  }),
  bind(stockWorkRoutes.cancelTransfer, async ({ params, body, user }) => {
    const done = await settled(rt, false, (session) => cancelTransfer(rt, session, { id: params.id, reason: body.reason, by: user.userId }));
    rt.wake('push-stock');
    return done.ok ? ok(transferRow(done.value)) : refuse(command(done.refusal, 'transfer', params.id));
  }),
  ...inboundBound(rt),
  bind(stockWorkRoutes.listLocks, ({ query }) => feed(StockLocks, { ...query, now: rt.clock.now() }, (d: StockLockDoc[]) => d.map(lockRow))),
  bind(stockWorkRoutes.lockStock, async ({ body, user }) => {
    const done = await settled(rt, false, (session) => lockStock(rt, session, { ...body, by: user.userId }));
    rt.wake('push-stock');
    return done.ok ? ok(lockRow(done.value)) : refuse(command(done.refusal));
  }),
  bind(stockWorkRoutes.releaseLock, async ({ params }) => {
    const done = await rt.transact((session) => releaseLock(rt, session, params.id));
    rt.wake('push-stock');
    return done ? ok(lockRow(done)) : refuse(problem('not_found', { noun: 'lock', id: params.id }));
  }),
];
