/**
 * What stock is worth, kept as value and quantity so that no rounding is ever lost. Moving average: what leaves takes its
 * share of the value, the last piece takes all that is left. FIFO: what leaves takes the oldest layers, the rest of a layer
 * stays with its rest of value. Whole fen.
 */
import { fenFromInteger, type Fen } from '../../contract/values/money.ts';

export type Balance = { readonly onHand: number; readonly valueFen: number };
/** Pieces that came together, and what is left of their value; oldest first. */
export type Layer = { readonly quantity: number; readonly valueFen: number };
export type Method = 'average' | 'fifo';
/** A method and the instant from which it counts, oldest first. */
export type Methods = readonly { readonly method: Method; readonly since: Date }[];
export type Worth = { onHand: number; valueFen: number; layers: Layer[] | null };

export const unitCost = ({ onHand, valueFen }: Balance): Fen => fenFromInteger(onHand === 0 ? 0 : Math.round(valueFen / onHand));

/** Value that leaves with `quantity` pieces: value x quantity / onHand, half up; everything with the last piece. */
export function costOfIssue(balance: Balance, quantity: number): Fen {
  if (quantity >= balance.onHand) return fenFromInteger(balance.valueFen);
  return fenFromInteger(Number((BigInt(balance.valueFen) * BigInt(quantity) * 2n + BigInt(balance.onHand)) / (2n * BigInt(balance.onHand))));
}

export const methodAt = (methods: Methods, at: Date): Method => methods.findLast((m) => m.since <= at)?.method ?? 'average';

/** Stock that was kept as an average becomes one layer when FIFO begins. */
const layersOf = (w: Worth): Layer[] => w.layers ?? (w.onHand === 0 && w.valueFen === 0 ? [] : [{ quantity: w.onHand, valueFen: w.valueFen }]);

/** Takes pieces out and answers what they cost. The caller has seen that they are there. */
export function takeFrom(w: Worth, quantity: number, method: Method): number {
  let cost = 0;
  if (method === 'average') {
    cost = costOfIssue(w, quantity);
    w.layers = null;
  } else {
    const layers = layersOf(w);
    for (let left = quantity; left > 0 && layers.length > 0;) {
      const [first, ...rest] = layers as [Layer, ...Layer[]];
      const taken = Math.min(left, first.quantity);
      const part = costOfIssue({ onHand: first.quantity, valueFen: first.valueFen }, taken);
      cost += part;
      left -= taken;
      layers.splice(0, layers.length, ...(taken === first.quantity ? rest : [{ quantity: first.quantity - taken, valueFen: first.valueFen - part }, ...rest]));
    }
    w.layers = layers;
  }
  w.onHand -= quantity;
  w.valueFen -= cost;
  return cost;
}

export function putInto(w: Worth, quantity: number, costFen: number, method: Method): void {
  w.layers = method === 'fifo' ? [...layersOf(w), { quantity, valueFen: costFen }] : null;
  w.onHand += quantity;
  w.valueFen += costFen;
}

/**
 * The layers of a balance, given what came in, latest first: under FIFO what is there is always what came last. The oldest
 * of them is what is left of it, so it takes the rest of the value.
 */
export function layersBefore(balance: Balance, arrivals: Iterable<Layer>): Layer[] {
  const layers: Layer[] = [];
  let { onHand, valueFen } = balance;
  for (const a of arrivals) {
    if (onHand <= 0) break;
    if (a.quantity >= onHand) break;
    layers.unshift(a);
    onHand -= a.quantity;
    valueFen -= a.valueFen;
  }
  if (onHand > 0) layers.unshift({ quantity: onHand, valueFen });
  return layers;
}
