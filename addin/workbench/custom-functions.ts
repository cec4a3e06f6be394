/**
 * Custom functions over the grid. The grid's function answers at once from a cache, or with #BUSY! while the add-in's own
 * asynchronous function works; all waiting calls run together, so that the add-in can batch them.
 */
import type { FunctionMeta } from '../functions/metadata.ts';
import type { Grid, Scalar } from './grid.ts';

export class CustomFunctionError extends Error {
  readonly code: string;
  constructor(code: string, message?: string) {
    super(message ?? code);
    this.code = code;
  }
}
type Work = (...args: readonly unknown[]) => unknown;
type Known = { readonly value: Scalar; readonly at: number };
const BUSY = '#BUSY!';

export class FunctionHost {
  readonly #grid: Grid;
  readonly #meta: readonly FunctionMeta[];
  readonly #namespace: string;
  readonly #works = new Map<string, Work>();
  readonly #known = new Map<string, Known>();
  #waiting = new Map<string, { readonly id: string; readonly args: readonly unknown[] }>();
  #running = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(grid: Grid, namespace: string, meta: readonly FunctionMeta[]) {
    this.#grid = grid;
    this.#namespace = namespace;
    this.#meta = meta;
    for (const m of meta) grid.registerFunction(`${namespace}.${m.name}`, (...args) => this.#answer(m, args), { description: m.description, parameters: m.parameters.map((p) => p.name) });
  }
  associate(id: string, work: Work): void {
    if (!this.#meta.some((m) => m.id === id)) throw new Error(`no metadata for the function ${id}`);
    this.#works.set(id, work);
    this.forget();
  }
  /** Works all our formulas out anew, as a full recalculation does. */
  forget(): void {
    this.#known.clear();
    this.#grid.recalculate(new Set([`${this.#namespace}.`]));
  }
  busy(): boolean { return this.#waiting.size > 0 || this.#running > 0; }

  #answer(meta: FunctionMeta, matrices: readonly Scalar[][][]): Scalar {
    const args = meta.parameters.map((p, i) => {
      const value = matrices[i]?.[0]?.[0] ?? null;
      return value === null && p.optional ? null : value;
    });
    const bad = args.find((a) => typeof a === 'string' && /^#[A-Z/0!?]+[!?A]?$/.test(a));
    if (bad !== undefined) return bad as string;
    const key = JSON.stringify([meta.id, args]);
    const known = this.#known.get(key);
    if (known) return known.value;
    this.#waiting.set(key, { id: meta.id, args });
    this.#timer ??= setTimeout(() => void this.#run(), 0);
    return BUSY;
  }
  async #run(): Promise<void> {
    this.#timer = undefined;
    const calls = this.#waiting;
    this.#waiting = new Map();
    this.#running += 1;
    const names = new Set<string>();
    await Promise.all([...calls].map(async ([key, { id, args }]) => {
      names.add(`${this.#namespace}.${id}`);
      try {
        const work = this.#works.get(id);
        if (!work) throw new CustomFunctionError('#NAME?');
        this.#known.set(key, { value: (await work(...args, { address: '' })) as Scalar, at: performance.now() });
      } catch (error) {
        this.#known.set(key, { value: error instanceof CustomFunctionError ? error.code : '#VALUE!', at: performance.now() });
      }
    }));
    this.#running -= 1;
    this.#grid.recalculate(names);
  }
}
