/** What a request amounts to, in the words of the approval table. One line a route; a route that is not here needs nobody's yes. */
import { tableKind } from '../contract/decision-tables/index.ts';
import { fenFromYuanText } from '../contract/values/money.ts';
import type { Bound, Call } from '../http/bind.ts';

export type Measured = { readonly command: string; readonly amountFen: number; readonly quantity: number };
type AnyCall = Call<Bound['spec']>;
/** Reads through another route, with the asker's eyes. */
export type Ask = (name: string, call: unknown) => Promise<unknown>;
type Measure = (call: AnyCall, ask: Ask) => Promise<Measured | undefined>;

const measured = (command: string, quantity = 0, amountFen = 0): Measured => ({ command, amountFen, quantity });
const paidFor = async (ids: readonly string[], call: AnyCall, ask: Ask): Promise<number> => {
  let sum = 0;
  for (const id of ids) sum += ((await ask('getOrder', { ...call, params: { id } })) as { paidFen?: number } | undefined)?.paidFen ?? 0;
  return sum;
};
type Sent = { readonly id: string; readonly cells: Readonly<Record<string, unknown>> };

async function sheetMeasure(call: AnyCall, ask: Ask): Promise<Measured | undefined> {
  const { sheet } = call.params as { sheet: string };
  // What would happen may be looked at without a yes.
  if ((call.query as { dryRun?: string }).dryRun === 'true') return undefined;
  const { rows } = call.body as { rows: readonly Sent[] };
  if (tableKind(sheet)) return measured('publish-rules', rows.length);
  if (sheet === 'orders') {
    const passed = rows.filter((r) => ['passed', '已通过'].includes(String(r.cells['review'] ?? '')));
    return passed.length > 0 ? measured('release-order', passed.length, await paidFor(passed.map((r) => r.id), call, ask)) : measured('change-orders', rows.length);
  }
  if (sheet === 'stock') return measured('adjust-stock', rows.length);
  if (sheet === 'customers') return measured('change-customers', rows.length);
  if (sheet === 'statements') return measured('classify-statement', rows.length);
  return sheet === 'suggestions' ? goodsMeasure(rows, call, ask) : undefined;
}

type Suggestion = { readonly id: string; readonly quantity: number; readonly unitCostFen: number; readonly chosen: boolean };
/** Pieces and money of what would be ordered: as the sheet says where it was edited, else as suggested. */
async function goodsMeasure(rows: readonly Sent[], call: AnyCall, ask: Ask): Promise<Measured> {
  const page = (await ask('list:suggestions', { ...call, params: {}, query: { limit: 5000 } })) as { rows: readonly Suggestion[] } | undefined;
  const known = new Map((page?.rows ?? []).map((s) => [s.id, s]));
  let [quantity, amountFen] = [0, 0];
  for (const r of rows) {
    const s = known.get(r.id);
    const { chosen, quantity: typed, unitCost } = r.cells;
    if (!s || !(chosen === undefined ? s.chosen : chosen === true || /^(☑|是|yes|true|1)$/i.test(String(chosen)))) continue;
    const pieces = typed === undefined || typed === null ? s.quantity : Math.max(0, Number(typed) || 0);
    const cost = unitCost === undefined || unitCost === null ? undefined : fenFromYuanText(String(unitCost));
    quantity += pieces;
    amountFen += Math.round(pieces) * (cost?.ok ? cost.value : s.unitCostFen);
  }
  return measured('order-goods', quantity, amountFen);
}

const MEASURES: Readonly<Record<string, Measure>> = {
  publishSheet: sheetMeasure,
  releaseOrder: async (call, ask) => measured('release-order', 1, await paidFor([(call.params as { id: string }).id], call, ask)),
  publishTable: async (call) => measured('publish-rules', (call.body as { rows: readonly unknown[] }).rows.length),
  rollBackTable: async () => measured('publish-rules', 1),
  shipParcels: async (call) => measured('ship', (call.body as { ids: readonly string[] }).ids.length),
};
export const measureOf = (route: string): Measure | undefined => MEASURES[route];
