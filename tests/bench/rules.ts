/** Decision tables: 20 rules × 8 conditions beside a hand-written bit-mask and json-rules-engine, and a dry run on `ORDERS` orders from the store (0 leaves it out). */
import { Engine } from 'json-rules-engine';
import type { Field, TableKind } from '../../api/contract/decision-tables/index.ts';
import { compileTable, type Row } from '../../api/rules/domain/table.ts';
import { dryRun } from './dry-run.ts';
import { ratePerSecond, type Bench } from './measure.ts';

const RULES = 20;
const PROVINCES = ['浙江省', '广东省', '新疆维吾尔自治区', '西藏自治区', '江苏省', '四川省', '北京市', '上海市'];
const SHOPS = ['小叶旗舰店', '小叶专卖店', '小叶茶馆', '山里茶', '抖音小店'];
const f = (key: string, type: Field['type']): Field => ({ key, type, zh: key, en: key, example: { zh: '', en: '', yes: '', no: '' } });
const FIELDS = [f('paid', 'money'), f('quantity', 'number'), f('weight', 'number'), f('province', 'region'), f('shop', 'text'), f('presale', 'flag'), f('cod', 'flag'), f('margin', 'money')];
const kind: TableKind = { name: 'bench', title: { zh: '', en: '' }, about: { zh: '', en: '' }, hit: 'first', fields: FIELDS, outcomes: [{ key: 'say', type: 'text', zh: '', en: '', example: '' }] };
type In = { paid: number; quantity: number; weight: number; province: string; shop: string; presale: boolean; cod: boolean; margin: number };
const at = (i: number) => ({ paid: 5_000 + i * 3_100, quantity: 1 + (i % 6), weight: 300 + i * 210, province: PROVINCES[i % 8]!, shop: SHOPS[i % 5]!, presale: i % 3 === 0, cod: i % 4 === 0, margin: 100 + i * 170 });
const rows: Row[] = Array.from({ length: RULES }, (_x, i) => { const r = at(i); return { id: `R${i}`, enabled: true, cells: { paid: `>=${r.paid / 1e2}`, quantity: `>=${r.quantity}`, weight: `<=${r.weight + 4_000}`, province: r.province, shop: r.shop, presale: r.presale ? '是' : '否', cod: r.cod ? '是' : '否', margin: `>=${r.margin / 1e2}`, say: `S${i}` } }; });
let seed = 7;
const random = (n: number): number => { seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0; return (seed >>> 8) % n; };
const inputs: In[] = Array.from({ length: 4_000 }, () => (random(3) === 0 ? { ...at(random(RULES)), paid: 90_000, quantity: 9, margin: 9_000 } : { paid: random(90_000), quantity: 1 + random(9), weight: random(6_000), province: PROVINCES[random(8)]!, shop: SHOPS[random(5)]!, presale: random(2) === 0, cod: random(2) === 0, margin: random(9_000) }));

/** What somebody would write by hand for this very table: a mask a column, looked up or counted, and-ed. */
function floor(): (i: In) => number {
  const facts = Array.from({ length: RULES }, (_x, i) => at(i));
  const mask = (fits: (r: ReturnType<typeof at>) => boolean): number => facts.reduce((m, r, i) => (fits(r) ? m | (1 << i) : m), 0);
  const province = new Map(PROVINCES.map((p) => [p, mask((r) => r.province === p)]));
  const shop = new Map(SHOPS.map((s) => [s, mask((r) => r.shop === s)]));
  const [presale, notPresale, cod, notCod] = [mask((r) => r.presale), mask((r) => !r.presale), mask((r) => r.cod), mask((r) => !r.cod)];
  const steps = (bounds: readonly number[], up: boolean): ((v: number) => number) => {
    const order = bounds.map((b, i) => [b, 1 << i] as const).sort((a, b) => a[0] - b[0]);
    const points = Float64Array.from(order, (o) => o[0]);
    const masks = Int32Array.from({ length: points.length + 1 }, (_x, n) => (up ? order.slice(0, n) : order.slice(n)).reduce((m, o) => m | o[1], 0));
    return (v) => { let n = 0; while (n < points.length && (up ? points[n]! <= v : points[n]! < v)) n += 1; return masks[n]!; };
  };
  const [paid, quantity, weight, margin] = [steps(facts.map((r) => r.paid), true), steps(facts.map((r) => r.quantity), true), steps(facts.map((r) => r.weight + 4_000), false), steps(facts.map((r) => r.margin), true)];
  return (i) => {
    const m = (i.presale ? presale : notPresale) & (i.cod ? cod : notCod) & (province.get(i.province) ?? 0) & (shop.get(i.shop) ?? 0) & paid(i.paid) & quantity(i.quantity) & weight(i.weight) & margin(i.margin);
    return m === 0 ? -1 : 31 - Math.clz32(m & -m);
  };
}
function peer(): Engine {
  const engine = new Engine([], { allowUndefinedFacts: true });
  rows.forEach((_r, i) => {
    const r = at(i);
    const c = (fact: string, operator: string, value: unknown) => ({ fact, operator, value });
    engine.addRule({ name: `R${i}`, priority: RULES - i, conditions: { all: [c('presale', 'equal', r.presale), c('cod', 'equal', r.cod), c('province', 'equal', r.province), c('shop', 'equal', r.shop), c('paid', 'greaterThanInclusive', r.paid), c('quantity', 'greaterThanInclusive', r.quantity), c('weight', 'lessThanInclusive', r.weight + 4_000), c('margin', 'greaterThanInclusive', r.margin)] }, event: { type: `S${i}` } });
  });
  return engine;
}

export const rules: Bench = {
  name: 'rules',
  run: async () => {
    const made = compileTable(kind, rows);
    if (!made.ok) throw new Error(made.refusal[0]!.en);
    const { match, decide } = made.value;
    const byHand = floor();
    const wrong = inputs.filter((i) => byHand(i) !== match(i)).length;
    if (wrong > 0) throw new Error(`floor and table disagree on ${wrong} of ${inputs.length}`);
    const engine = peer();
    let sink = 0;
    const ours = await ratePerSecond(() => { for (const i of inputs) sink += match(i); return inputs.length; });
    const recorded = await ratePerSecond(() => { for (const i of inputs) sink += decide(i).length; return inputs.length; });
    const least = await ratePerSecond(() => { for (const i of inputs) sink += byHand(i); return inputs.length; });
    const theirs = await ratePerSecond(async () => { for (const i of inputs.slice(0, 100)) sink += (await engine.run(i)).events.length; return 100; }, 3);
    if (Number.isNaN(sink)) throw new Error('nothing was decided');
    const beside = (name: string, mine: number, besideName: string, rate: number) => ({ name, unit: '/s', ours: mine, beside: rate, besideName });
    return [
      beside('20 rules × 8, first row', ours, 'floor bit mask by hand', least), beside('20 rules × 8, first row', ours, 'json-rules-engine', theirs),
      beside('20 rules × 8, deciding row recorded', recorded, 'floor bit mask by hand', least), beside('20 rules × 8, deciding row recorded', recorded, 'json-rules-engine', theirs),
      ...(await dryRun()),
    ];
  },
};
