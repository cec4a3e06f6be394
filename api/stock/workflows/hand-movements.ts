/**
 * Movements that a person posts: scrap, samples, returns, other moves in and out, bin moves; now or for the past.
 * In: lines. Out: the movements. Wrong: each bad line named; then none is written.
 */
import type { ClientSession } from 'mongoose';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { MovementKind } from '../domain/places.ts';
import { Skus, Warehouses, type MovementDoc, type SkuDoc } from '../store/models.ts';
import { postMovement, type NewMovement } from './post-movement.ts';
import type { LineRefusal } from './transfers.ts';

export type HandKind = Extract<MovementKind, 'scrap' | 'sample' | 'return' | 'supplier-return' | 'other-in' | 'other-out' | 'bin-move'>;
/** Where the other end is; `in` enters a warehouse. */
const ENDS: Readonly<Record<HandKind, { readonly place: string; readonly in: boolean }>> = {
  scrap: { place: 'loss', in: false }, sample: { place: 'sample', in: false }, return: { place: 'buyer', in: true }, 'supplier-return': { place: 'supplier', in: false }, 'other-in': { place: 'other', in: true }, 'other-out': { place: 'other', in: false }, 'bin-move': { place: '', in: false },
};
export type HandLine = { readonly warehouseCode: string; readonly skuCode: string; readonly quantity: number; readonly unitCostFen?: number | undefined; readonly bin?: string | undefined; readonly toBin?: string | undefined; readonly batch?: string | undefined; readonly serials?: readonly string[] | undefined };
export type HandInput = { readonly key: string; readonly kind: HandKind; readonly at: Date; readonly reason: string; readonly by: string; readonly lines: readonly HandLine[]; readonly reference?: string };

export async function postByHand(rt: Runtime, session: ClientSession, input: HandInput): Promise<Result<MovementDoc[], readonly LineRefusal[]>> {
  const skus = new Map((await Skus.find({ code: { $in: input.lines.map((l) => l.skuCode) } }).session(session).lean<SkuDoc[]>()).map((s) => [s.code, s]));
  const houses = new Set((await Warehouses.find({}).session(session).lean()).map((w) => w.code));
  const refused: LineRefusal[] = [];
  const done: MovementDoc[] = [];
  for (const [i, line] of input.lines.entries()) {
    const no = (column: string, code: string, zh: string, en: string): void => void refused.push({ row: i + 1, column, code, message: { zh, en } });
    const sku = skus.get(line.skuCode);
    if (!sku) { no('skuCode', 'unknown_sku', `没有货品 ${line.skuCode}。`, `There is no SKU ${line.skuCode}.`); continue; }
    if (!houses.has(line.warehouseCode)) { no('warehouseCode', 'unknown_warehouse', `没有仓库 ${line.warehouseCode}。`, `There is no warehouse ${line.warehouseCode}.`); continue; }
    const posted = await postMovement(rt, session, movementOf(input, line, i, sku));
    if (posted.ok) done.push(posted.value);
    else no(posted.refusal.code === 'lots' ? 'bin' : posted.refusal.code === 'serials' ? 'serials' : 'quantity', posted.refusal.code, posted.refusal.zh, posted.refusal.en);
  }
  return refused.length > 0 ? refuse(refused) : ok(done);
}

function movementOf(input: HandInput, line: HandLine, index: number, sku: SkuDoc): NewMovement {
  const end = ENDS[input.kind];
  const lot = (bin: string | undefined) => (bin || line.batch ? [{ bin: bin ?? '', batch: line.batch ?? '', quantity: line.quantity }] : []);
  const binMove = input.kind === 'bin-move';
  return {
    key: `hand:${input.key}:${index + 1}`, kind: input.kind, skuCode: line.skuCode, quantity: line.quantity, from: end.in ? end.place : line.warehouseCode, to: end.in || binMove ? line.warehouseCode : end.place,
    ...(end.in ? { costFen: (line.unitCostFen ?? sku.costFen) * line.quantity } : {}), taken: end.in ? [] : binMove ? [{ bin: line.bin ?? '', batch: line.batch ?? '', quantity: line.quantity }] : lot(line.bin), put: end.in ? lot(line.bin) : binMove ? [{ bin: line.toBin ?? '', batch: line.batch ?? '', quantity: line.quantity }] : [],
    serials: [...(line.serials ?? [])], reference: input.reference ?? input.key, reason: input.reason, by: input.by, at: input.at,
  };
}
