import { fenFromInteger, fenFromYuanText, type Fen } from '../../contract/values/money.ts';

/** Yuan text to fen; empty is nothing, and what cannot be read is told to `flaw` and counts as nothing. */
export function fenOfYuan(value: string, flaw: (read: string) => void): Fen {
  if (value === '') return fenFromInteger(0);
  const read = fenFromYuanText(value);
  if (read.ok) return read.value;
  flaw(value);
  return fenFromInteger(0);
}
