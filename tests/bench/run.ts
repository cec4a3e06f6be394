/** `npm run bench [-- name]`: one line a measure: name, ours, floor or peer, ratio. */
import { channels } from './channels.ts';
import { desk } from './desk.ts';
import { line, type Bench } from './measure.ts';
import { money } from './money.ts';
import { rules } from './rules.ts';
import { soak } from './soak.ts';
import { stock } from './stock.ts';
import { storeRead } from './store-read.ts';
import { planning } from './planning.ts';
import { orders } from './orders.ts';
import { store } from './store.ts';

const ALL: readonly Bench[] = [money, orders, planning, stock, desk, rules, store, storeRead, channels, soak];
const wanted = process.argv[2];

for (const bench of ALL) {
  if (wanted ? bench.name !== wanted : bench.alone) continue;
  for (const measure of await bench.run()) console.log(line(measure));
}
