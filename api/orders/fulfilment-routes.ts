/** The warehouse's doors: waves, paper, the packing table. */
import { fulfilmentRoutes } from '../contract/parcels.ts';
import { problem, type Problem } from '../contract/problems.ts';
import { businessDay, DAY_MS } from '../contract/values/time.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import { bind, type Bound, type FileAnswer } from '../http/bind.ts';
import { renderLabels } from '../printing/labels.ts';
import { renderPickList } from '../printing/pick-list.ts';
import { renderSlips } from '../printing/slips.ts';
import { lookOf } from '../printing/templates.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { feed } from '../store/feed.ts';
import { promiseRows } from './store/promises.view.ts';
import { Promises, type PromiseDoc } from './store/promises.ts';
import { Parcels, Waves, type ParcelDoc, type WaveDoc } from './store/models.ts';
import { checkBox, openBox, packSummary, weighBox } from './workflows/pack-parcels.ts';
import { printParcels } from './workflows/print-parcels.ts';
import { setPushMoment } from './workflows/push-moment.ts';
import { pullBack } from './workflows/pull-back.ts';
import { repriceParcels } from './workflows/reprice-parcels.ts';
import type { RowRefusal } from './workflows/ship-parcels.ts';
import { takeWaybills } from './workflows/waybills.ts';
import { makeWaves, pickListOf } from './workflows/waves.ts';

export const rowsRefused = (rows: readonly RowRefusal[]): Result<never, Problem> =>
  refuse(problem('batch_refused', { count: rows.length }, rows.map((r) => ({ row: r.row, column: 'id', code: r.code, message: r.message, id: r.id }))));

async function waveRows(docs: readonly WaveDoc[]) {
  const parcels = await Parcels.find({ _id: { $in: docs.flatMap((w) => w.parcelIds) } }).lean<ParcelDoc[]>();
  const byId = new Map(parcels.map((p) => [p._id, p]));
  return docs.map((w) => {
    const own = w.parcelIds.flatMap((id) => byId.get(id) ?? []);
    const count = (...states: string[]): number => own.filter((p) => !p.alarm && states.includes(p.state)).length;
    return {
      id: w._id, number: w.number, warehouseCode: w.warehouseCode, courierCode: w.courierCode, kind: w.kind, parcelIds: [...w.parcelIds], parcels: own.length, waiting: count('reserved', 'waybilled'), printed: count('printed'), packed: count('packed'), shipped: count('shipped', 'delivered', 'returned'),
      stopped: own.filter((p) => p.alarm || p.state === 'cancelled').length, at: w.at.toISOString(), by: w.by, revision: w.revision, changedAt: w.changedAt.toISOString(),
    };
  });
}

type Who = { readonly userId: string; readonly personal: boolean };
type Slips = Parameters<typeof renderSlips>[0];
const PAPER = { slips: async (s: Slips) => renderSlips(s, await lookOf('slip')), 'slips-a5': async (s: Slips) => renderSlips(s, await lookOf('slip'), 'a5'), labels: async (s: Slips) => renderLabels(s, await lookOf('label')) } as const;
async function onPaper(rt: Runtime, ids: readonly string[], what: keyof typeof PAPER, name: string, who: Who): Promise<Result<FileAnswer, Problem>> {
  // A label without its number is none: the courier's reason is named, parcel by parcel.
  const { refused } = what === 'labels' ? await takeWaybills(rt, ids) : { refused: [] };
  if (refused.length > 0) return rowsRefused(refused);
  const slips = await printParcels(rt, ids, who);
  return slips.ok ? ok({ bytes: await PAPER[what](slips.value), filename: `${what}-${name}.pdf` }) : rowsRefused(slips.refusal);
}

async function printWave(rt: Runtime, id: string, what: keyof typeof PAPER | 'pick-list', who: Who): Promise<Result<FileAnswer, Problem>> {
  const wave = await Waves.findById(id).lean<WaveDoc>();
  const list = await pickListOf(rt, id);
  if (!wave || !list) return refuse(problem('not_found', { noun: 'wave', id }));
  if (what === 'pick-list') return ok({ bytes: await renderPickList(list, await lookOf('pick-list')), filename: `pick-list-${wave.number}.pdf` });
  // What was stopped or taken apart since the wave was made is not printed again.
  const live = await Parcels.find({ waveId: id, state: { $in: ['reserved', 'waybilled', 'printed', 'packed'] }, alarm: null }).sort({ slot: 1 }).lean<ParcelDoc[]>();
  if (live.length === 0) return refuse(problem('not_found', { noun: 'parcel', id }));
  return onPaper(rt, live.map((p) => p._id), what, wave.number, who);
}

export const fulfilmentBound = (rt: Runtime): Bound[] => {
  const who = (user: { userId: string; rights: ReadonlySet<string> }): Who => ({ userId: user.userId, personal: user.rights.has('personal:read') });
  return [
    bind(fulfilmentRoutes.pullBackParcels, async ({ body, user }) => {
      const done = await pullBack(rt, body.ids, user.userId);
      return done.ok ? ok({ pulled: done.value }) : rowsRefused(done.refusal);
    }),
    bind(fulfilmentRoutes.printLabels, ({ body, user }) => onPaper(rt, body.ids, 'labels', String(body.ids.length), who(user))),
    bind(fulfilmentRoutes.packSummary, async () => ok(await packSummary(new Date(rt.clock.now().getTime() - 30 * DAY_MS)))),
    bind(fulfilmentRoutes.openBox, async ({ params }) => {
      const box = await openBox(params.id);
      return box.ok ? ok({ ...box.value.view, wanted: box.value.view.wanted.map((w) => ({ ...w })) }) : refuse(problem('command_refused', box.refusal.message));
    }),
    bind(fulfilmentRoutes.checkBox, async ({ params, body, user }) => {
      const done = await checkBox(rt, { code: params.id, items: body.items, ms: body.ms }, user.userId);
      return done.ok ? ok(done.value) : refuse(problem('command_refused', done.refusal.message));
    }),
    bind(fulfilmentRoutes.weighBox, async ({ params, body, user }) => {
      const done = await weighBox(rt, { code: params.id, ...body }, user.userId);
      return done.ok ? ok(done.value) : refuse(problem('command_refused', done.refusal.message));
    }),
    bind(fulfilmentRoutes.setPushMoment, async ({ params, body, user }) => ((await setPushMoment(rt, params.id, body.moment, user.userId)) ? ok({ moment: body.moment }) : refuse(problem('not_found', { noun: 'shop', id: params.id })))),
    bind(fulfilmentRoutes.listPromises, ({ query }) => feed(Promises, { ...query, now: rt.clock.now() }, (docs: PromiseDoc[]) => promiseRows(docs))),
    bind(fulfilmentRoutes.repriceParcels, async ({ body }) => {
      const done = await repriceParcels(rt, { ...body, from: businessDay(body.from), to: businessDay(body.to) });
      return done.ok ? ok({ ...done.value, byCourier: [...done.value.byCourier], rows: [...done.value.rows] }) : done;
    }),
    bind(fulfilmentRoutes.listWaves, ({ query }) => feed(Waves, { ...query, now: rt.clock.now() }, (docs: WaveDoc[]) => waveRows(docs))),
    bind(fulfilmentRoutes.makeWaves, async ({ body, user }) => ok({ waves: await waveRows(await makeWaves(rt, { most: body.most, ...(body.warehouse ? { warehouse: body.warehouse } : {}), ...(body.courier ? { courier: body.courier } : {}) }, user.userId)) })),
    bind(fulfilmentRoutes.printWave, ({ params, body, user }) => printWave(rt, params.id, body.what, who(user))),
  ];
};
