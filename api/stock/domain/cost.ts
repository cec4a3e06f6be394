/**
 * Moving average kept as value and quantity, so that no rounding is ever lost: what leaves takes its share of the value,
 * and the last piece takes all that is left. Whole fen.
 */
import { fenFromInteger, type Fen } from '../../contract/values/money.ts';

export type Balance = { readonly onHand: number; readonly valueFen: number };
export const unitCost = ({ onHand, valueFen }: Balance): Fen => fenFromInteger(onHand === 0 ? 0 : Math.round(valueFen / onHand));

/** Value that leaves with `quantity` pieces: value x quantity / onHand, half up; everything with the last piece. */
export function costOfIssue(balance: Balance, quantity: number): Fen {
  if (quantity >= balance.onHand) return fenFromInteger(balance.valueFen);
  return fenFromInteger(Number((BigInt(balance.valueFen) * BigInt(quantity) * 2n + BigInt(balance.onHand)) / (2n * BigInt(balance.onHand))));
}
