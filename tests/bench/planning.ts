/** Planning beside general solvers: one order's warehouse and courier beside YALPS and a bare enumeration, a wave of 200 beside HiGHS. */
import loadHighs from 'highs';
import { solve, type Model } from 'yalps';
import { assign, type AssignProblem, type PlanLine } from '../../api/orders/domain/planning/assign.ts';
import { solveWave, type Wave } from '../../api/orders/domain/planning/wave.ts';
import { ratePerSecond, type Bench, type Measure } from './measure.ts';

/** The same numbers every time (Lehmer, as in Park and Miller 1988). */
function numbers(seed: number): (below: number) => number {
  let s = seed;
  return (below) => { s = (s * 48_271) % 2_147_483_647; return s % below; };
}
const WAVES = Number(process.env['WAVES'] ?? 2);
const HOUSES = ['HZ', 'GZ', 'CD'] as const;
type Plain = { readonly lines: readonly PlanLine[]; readonly stock: Readonly<Record<string, number>>; readonly first: readonly number[]; readonly step: readonly number[] };
function plainProblem(n: (below: number) => number): Plain {
  const lines = Array.from({ length: 2 + n(3) }, (_, i): PlanLine => { const skuCode = 'ABC'[n(3)]!; const quantity = 1 + n(3); return { orderId: 'o', lineId: `l${i}`, skuCode, quantity, grams: 100 + n(3_000), kind: '', parts: [{ skuCode, quantity }] }; });
  return { lines, stock: Object.fromEntries(HOUSES.flatMap((h) => ['A', 'B', 'C'].map((s) => [`${h}|${s}`, n(9)]))), first: HOUSES.map(() => 300 + n(1_500)), step: HOUSES.map(() => 100 + n(500)) };
}
const freight = (p: Plain, h: number, grams: number): number => p.first[h]! + Math.max(0, Math.ceil((grams - 1_000) / 1_000)) * p.step[h]!;
const ours = (p: Plain): AssignProblem => ({ lines: p.lines, houses: HOUSES.map((code) => ({ code, extraFen: 0, why: '' })), free: (w, s) => p.stock[`${w}|${s}`] ?? 0, offer: (w, grams) => ({ courier: 'X', freightFen: freight(p, HOUSES.indexOf(w as 'HZ'), grams), extraFen: 0, why: '' }), least: () => 0, handlingFen: 150, mostGrams: Infinity, mayDivide: true });

/** The floor: every line in every warehouse, costs in flat arrays, the least sum kept and nothing else made. */
function enumerated(p: Plain): number {
  let best = Infinity;
  const ways = 3 ** p.lines.length;
  for (let way = 0; way < ways; way += 1) {
    const grams = [0, 0, 0];
    const used: Record<string, number> = {};
    let rest = way;
    for (const l of p.lines) {
      const h = rest % 3;
      rest = Math.floor(rest / 3);
      grams[h]! += l.grams;
      const at = `${HOUSES[h]}|${l.skuCode}`;
      used[at] = (used[at] ?? 0) + l.quantity;
    }
    let fits = true;
    for (const at in used) if (used[at]! > p.stock[at]!) { fits = false; break; }
    if (!fits) continue;
    let cost = 0;
    for (let h = 0; h < 3; h += 1) if (grams[h]! > 0) cost += freight(p, h, grams[h]!) + 150;
    if (cost < best) best = cost;
  }
  return best;
}

/** The same as an integer programme: where each line goes, which warehouse is open, started steps of weight. */
function programme(p: Plain): Model {
  const constraints: Record<string, { equal?: number; max?: number }> = {};
  const variables: Record<string, Record<string, number>> = {};
  p.lines.forEach((_, i) => { constraints[`line${i}`] = { equal: 1 }; });
  HOUSES.forEach((h, k) => {
    for (const s of 'ABC') constraints[`${h}|${s}`] = { max: p.stock[`${h}|${s}`]! };
    constraints[`weight${h}`] = { max: 0 };
    // A warehouse is opened once: a second opening can be cheaper than a step of weight.
    constraints[`once${h}`] = { max: 1 };
    variables[`open${h}`] = { cost: p.first[k]! + 150, [`weight${h}`]: -1_000, [`once${h}`]: 1 };
    variables[`step${h}`] = { cost: p.step[k]!, [`weight${h}`]: -1_000 };
    p.lines.forEach((l, i) => { variables[`x${i}${h}`] = { cost: 0, [`line${i}`]: 1, [`${h}|${l.skuCode}`]: l.quantity, [`weight${h}`]: l.grams, [`only${i}${h}`]: 1 }; constraints[`only${i}${h}`] = { max: 0 }; variables[`open${h}`]![`only${i}${h}`] = -1; });
  });
  return { direction: 'minimize', objective: 'cost', constraints, variables, integers: true };
}

/** How much there is of each stock: at least, and how much more at most. In the middle one of twelve orders has to wait; in the last, one of three. */
const LEVELS = [{ name: 'some is scarce', low: 8, more: 20 }, { name: 'much is scarce', low: 4, more: 14 }, { name: 'most is scarce', low: 2, more: 8 }] as const;
/** HiGHS stops here with the best that it has; it takes a second to minutes. */
const HIGHS = { time_limit: 60, mip_rel_gap: 0.002 } as const;
function bigWave(n: (below: number) => number, { low, more }: (typeof LEVELS)[number]): Wave {
  const orders = Array.from({ length: 200 }, () => ({ waitFen: 20_000, options: Array.from({ length: 1 + n(4) }, () => ({ costFen: 300 + n(2_500), uses: new Map(Array.from({ length: 1 + n(2) }, () => [`r${n(40)}`, 1 + n(3)] as const)) })) }));
  return { orders, capacity: new Map(Array.from({ length: 40 }, (_, i) => [`r${i}`, low + n(more)])) };
}
function asText(w: Wave): string {
  const names = w.orders.flatMap((o, i) => [...o.options.map((x, k) => ({ name: `x${i}_${k}`, cost: x.costFen, i, uses: x.uses as ReadonlyMap<string, number> })), { name: `w${i}`, cost: o.waitFen, i, uses: new Map<string, number>() }]);
  const rows = [...w.orders.map((_, i) => ` o${i}: ${names.filter((x) => x.i === i).map((x) => x.name).join(' + ')} = 1`), ...[...w.capacity].flatMap(([r, c]) => { const terms = names.filter((x) => x.uses.has(r)); return terms.length > 0 ? [` ${r}: ${terms.map((x) => `${x.uses.get(r)} ${x.name}`).join(' + ')} <= ${c}`] : []; })];
  return `Minimize\n obj: ${names.map((x) => `${x.cost} ${x.name}`).join(' + ')}\nSubject To\n${rows.join('\n')}\nBinary\n ${names.map((x) => x.name).join(' ')}\nEnd`;
}

export const planning: Bench = {
  name: 'planning',
  run: async (): Promise<Measure[]> => {
    const n = numbers(7);
    // Of whole lines: where no plan of them is there, ours divides lines by pieces, which the others do not.
    const list: Plain[] = [];
    while (list.length < 200) { const p = plainProblem(n); if (enumerated(p) < Infinity) list.push(p); }
    let agrees = 0;
    for (const p of list) {
      const [a, b, c] = [assign(ours(p))[0]?.costFen ?? Infinity, enumerated(p), solve(programme(p))];
      if (a !== b) throw new Error(`ours ${a}, enumerated ${b}`);
      // Its answer is not ours to prove: how often it is the enumerated optimum is said beside its speed.
      if ((c.status === 'optimal' ? Math.round(c.result) : Infinity) === b) agrees += 1;
    }
    const all = (work: (p: Plain) => unknown) => ratePerSecond(() => { for (const p of list) work(p); return list.length; });
    const [mine, floor, peer] = [await all((p) => assign(ours(p))), await all(enumerated), await all((p) => solve(programme(p)))];
    const highs = await loadHighs();
    const waves = LEVELS.map((level): Measure[] => {
      const took = { ours: 0, highs: 0 };
      const cost = { ours: 0, highs: 0 };
      for (let k = 0; k < WAVES; k += 1) {
        const [w, from] = [bigWave(n, level), performance.now()];
        cost.ours += solveWave(w).costFen;
        const between = performance.now();
        cost.highs += highs.solve(asText(w), HIGHS).ObjectiveValue;
        took.ours += between - from;
        took.highs += performance.now() - between;
      }
      return [{ name: `wave of 200, ${level.name}: cost`, unit: 'fen', ours: cost.ours / WAVES, beside: cost.highs / WAVES, besideName: 'HiGHS' }, { name: `wave of 200, ${level.name}: time`, unit: 'ms', ours: took.ours / WAVES, beside: took.highs / WAVES, besideName: 'HiGHS' }];
    });
    return [
      { name: 'plan one order', unit: '/s', ours: mine, beside: peer, besideName: `yalps (${agrees} of ${list.length} the optimum)` }, { name: 'plan one order', unit: '/s', ours: mine, beside: floor, besideName: 'bare enumeration' },
      ...waves.flat(),
    ];
  },
};
