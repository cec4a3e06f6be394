/**
 * Custom functions over the grid. The grid's function answers at once, from what is known, or with what it answered before,
 * or #BUSY! while the add-in's own asynchronous function works; all waiting calls run together, so that the add-in can batch.
 */
import type { FunctionMeta } from '../functions/metadata.ts';
import type { Grid, Scalar } from './grid.ts';

const CODES = { invalidValue: '#VALUE!', notAvailable: '#N/A', divisionByZero: '#DIV/0!', invalidNumber: '#NUM!', nullReference: '#NULL!', invalidName: '#NAME?', invalidReference: '#REF!' } as const;
export class CustomFunctionError extends Error {
  readonly code: string;
  constructor(code: string, message?: string) {
    super(message ?? code);
    this.code = code;
  }
}
export const ErrorCode = CODES;
type Answer = Scalar | readonly (readonly Scalar[])[];
type Work = (...args: readonly unknown[]) => unknown;
type Call = { readonly key: string; readonly meta: FunctionMeta; readonly args: readonly unknown[]; readonly caller: string };
type Stream = { canceled: boolean; onCanceled?: () => void; seen: boolean };
const BUSY = '#BUSY!';
const isErrorText = (a: unknown): a is string => typeof a === 'string' && /^#[A-Z/0]+[!?A]?$/.test(a);

export class FunctionHost {
  readonly #grid: Grid;
  readonly #meta: readonly FunctionMeta[];
  readonly #namespace: string;
  readonly #works = new Map<string, Work>();
  /** What is known; `stale` values stay shown until the new one is there. */
  readonly #known = new Map<string, { value: Answer; stale: boolean }>();
  readonly #streams = new Map<string, Stream>();
  readonly #abort = new Map<string, () => void>();
  #waiting = new Map<string, Call>();
  /** Asked, and not answered yet: a calculation meanwhile does not ask again. */
  readonly #asked = new Set<string>();
  /** Grows when all is to be worked out anew: an answer to what was asked before is shown, and asked again. */
  #age = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(grid: Grid, namespace: string, meta: readonly FunctionMeta[]) {
    this.#grid = grid;
    this.#namespace = namespace;
    this.#meta = meta;
    for (const m of meta) grid.registerFunction(`${namespace}.${m.name}`, (caller, ...args) => this.#answer(m, caller, args), { description: m.description, parameters: m.parameters.map((p) => p.name) });
    grid.onEdit(() => this.#sweepSoon());
  }
  associate(id: string, work: Work): void {
    if (!this.#meta.some((m) => m.id === id)) throw new Error(`no metadata for the function ${id}`);
    this.#works.set(id, work);
    this.#grid.recalculate(new Set([`${this.#namespace}.`]));
  }
  /** Works all our formulas out anew, as a full recalculation does; what was shown stays until then. */
  forget(ids?: ReadonlySet<string>): void {
    this.outdate(ids);
    this.#grid.recalculate(new Set(ids ? [...ids].map((id) => `${this.#namespace}.${id}`) : [`${this.#namespace}.`]));
  }
  /** The next calculation asks anew. */
  outdate(ids?: ReadonlySet<string>): void {
    this.#age += 1;
    for (const [key, known] of this.#known) if (!ids || ids.has((JSON.parse(key) as [string])[0])) known.stale = true;
  }
  busy(): boolean { return this.#waiting.size > 0 || this.#asked.size > 0 || this.#told.size > 0; }

  #answer(meta: FunctionMeta, caller: string, matrices: readonly Scalar[][][]): Answer {
    const args = meta.parameters.map((p, i) => (p.matrix ? (matrices[i] ?? null) : (matrices[i]?.[0]?.[0] ?? null)));
    const bad = args.find(isErrorText);
    if (bad !== undefined) return bad;
    if (matrices.length > meta.parameters.length || meta.parameters.some((p, i) => !p.optional && matrices[i] === undefined)) return CODES.invalidValue;
    const key = JSON.stringify(meta.options?.requiresAddress ? [meta.id, args, caller] : [meta.id, args]);
    const stream = this.#streams.get(key);
    if (stream) stream.seen = true;
    const known = this.#known.get(key);
    if (known && !known.stale) return known.value;
    if (!stream && !this.#waiting.has(key) && !this.#asked.has(key)) this.#waiting.set(key, { key, meta, args, caller });
    this.#timer ??= setTimeout(() => this.#due(), 0);
    return known ? known.value : BUSY;
  }
  /** A calculation works in slices, with a pause between: what it asks goes out together at its end, as in Excel. */
  #due(): void {
    this.#timer = this.#grid.calculating() ? setTimeout(() => this.#due(), 5) : undefined;
    if (this.#timer === undefined && this.#waiting.size > 0) void this.#run();
  }
  async #run(): Promise<void> {
    const calls = this.#waiting;
    this.#waiting = new Map();
    const age = this.#age;
    for (const key of calls.keys()) this.#asked.add(key);
    const names = new Set<string>();
    await Promise.all([...calls.values()].map(async (call) => {
      names.add(`${this.#namespace}.${call.meta.name}`);
      const value = await this.#call(call);
      if (value !== undefined) this.#known.set(call.key, { value, stale: call.meta.options?.volatile === true || age !== this.#age });
    }));
    for (const key of calls.keys()) this.#asked.delete(key);
    this.#show(names);
  }
  /** A value that is volatile answers once per calculation: its own showing is no new one. */
  #show(names: ReadonlySet<string>): void {
    const volatile = [...this.#known.values()].filter((k) => k.stale);
    for (const k of volatile) k.stale = false;
    this.#grid.recalculate(names);
    if (volatile.length > 0) void (async () => { while (this.#grid.calculating()) await new Promise((r) => { setTimeout(r, 5); }); for (const k of volatile) k.stale = true; })();
  }
  /** A thousand cells that are told at once are one calculation. */
  readonly #told = new Set<string>();
  #showSoon(name: string): void {
    if (this.#told.size === 0) setTimeout(() => { const names = new Set(this.#told); this.#told.clear(); this.#grid.recalculate(names); }, 0);
    this.#told.add(name);
  }
  async #call({ key, meta, args, caller }: Call): Promise<Answer | undefined> {
    const work = this.#works.get(meta.id);
    if (!work) return CODES.invalidName;
    const invocation: Record<string, unknown> = { address: meta.options?.requiresAddress ? caller : undefined, functionName: `${this.#namespace}.${meta.name}` };
    try {
      if (meta.options?.stream) {
        const stream: Stream = { canceled: false, seen: true };
        this.#streams.set(key, stream);
        invocation['setResult'] = (value: unknown) => {
          if (stream.canceled) return;
          this.#known.set(key, { value: value instanceof CustomFunctionError ? value.code : (value as Answer), stale: false });
          this.#showSoon(`${this.#namespace}.${meta.name}`);
        };
        Object.defineProperty(invocation, 'onCanceled', { set: (f: () => void) => { stream.onCanceled = f; } });
        work(...args, invocation);
        return this.#known.get(key)?.value;
      }
      if (meta.options?.cancelable) Object.defineProperty(invocation, 'onCanceled', { set: (f: () => void) => { this.#abort.set(key, f); } });
      return (await work(...args, invocation)) as Answer;
    } catch (error) {
      return error instanceof CustomFunctionError ? error.code : CODES.invalidValue;
    } finally {
      this.#abort.delete(key);
    }
  }
  /** A stream whose formula is gone from every cell is cancelled; so is a call that still works. */
  #sweeping: ReturnType<typeof setTimeout> | undefined;
  #sweepSoon(): void {
    if (this.#streams.size === 0 && this.#abort.size === 0) return;
    this.#sweeping ??= setTimeout(() => {
      this.#sweeping = undefined;
      for (const s of this.#streams.values()) s.seen = false;
      this.#grid.recalculate(new Set([`${this.#namespace}.`]));
      void (async () => {
        while (this.#grid.calculating()) await new Promise((r) => { setTimeout(r, 5); });
        for (const [key, s] of this.#streams) if (!s.seen) { s.canceled = true; this.#streams.delete(key); this.#known.delete(key); s.onCanceled?.(); }
      })();
    }, 50);
  }
}
