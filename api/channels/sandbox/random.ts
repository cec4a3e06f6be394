/** Numbers that a seed fixes (mulberry32): the same seed, the same days. */
export type Random = { readonly next: () => number; readonly int: (below: number) => number; readonly pick: <T>(list: readonly T[]) => T; readonly weighted: <T extends { readonly weight: number }>(list: readonly T[]) => T; readonly chance: (p: number) => boolean };

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next, int, chance: (p) => next() < p, pick: (list) => list[int(list.length)]!,
    weighted: (list) => {
      let at = next() * list.reduce((n, x) => n + x.weight, 0);
      return list.find((x) => (at -= x.weight) < 0) ?? list.at(-1)!;
    },
  };
}
