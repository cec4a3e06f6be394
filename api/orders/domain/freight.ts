import { fenFromInteger, fenFromYuanText, type Fen } from '../../contract/values/money.ts';

/** First weight and started steps above it. `outcome` is a row of the freight table (prices in yuan, weights in grams). */
export function freightOf(outcome: Readonly<Record<string, string>> | undefined, weightGrams: number): Fen {
  if (!outcome) return fenFromInteger(0);
  const fen = (text: string): number => { const read = fenFromYuanText(text); return read.ok ? read.value : 0; };
  const [firstGrams, stepGrams] = [Number(outcome['firstGrams'] ?? 0), Number(outcome['stepGrams'] ?? 0)];
  const steps = weightGrams > firstGrams && stepGrams > 0 ? Math.ceil((weightGrams - firstGrams) / stepGrams) : 0;
  return fenFromInteger(fen(outcome['first'] ?? '0') + steps * fen(outcome['step'] ?? '0'));
}
