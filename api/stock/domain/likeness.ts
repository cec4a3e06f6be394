/** How alike two names are, as a rate per 10,000: the share of the shorter one's pairs of characters that the other has too. Pure. */
function pairs(text: string): Map<string, number> {
  const clean = [...text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')];
  const found = new Map<string, number>();
  for (let i = 0; i + 1 < clean.length; i += 1) found.set(`${clean[i]}${clean[i + 1]}`, (found.get(`${clean[i]}${clean[i + 1]}`) ?? 0) + 1);
  return found;
}
export function likeness(a: string, b: string): number {
  const [one, other] = [pairs(a), pairs(b)];
  const size = (m: Map<string, number>): number => [...m.values()].reduce((n, v) => n + v, 0);
  const least = Math.min(size(one), size(other));
  if (least === 0) return 0;
  let shared = 0;
  for (const [pair, n] of one) shared += Math.min(n, other.get(pair) ?? 0);
  return Math.round((shared * 10_000) / least);
}
