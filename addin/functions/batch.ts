/**
 * Our custom functions: calls of one calculation go out together, the same call once. What was answered is kept until the part
 * of the books that it reads has moved; then what was shown stays until the new value is there.
 */
import { READS, type FUNCTION_NAMES, type Part, type Sequence } from '../../api/contract/functions.ts';
import type { Client } from '../client.ts';
import type { SpreadsheetPort, StreamCell } from '../excel/port.ts';
import { FUNCTIONS } from './metadata.ts';

type Name = (typeof FUNCTION_NAMES)[number];
type Value = number | string | (number | string)[][];
type Argument = string | number | boolean | null;
type Answer = { readonly value: Value } | { readonly error: string };
type Waiting = { readonly key: string; readonly name: Name; readonly args: Argument[]; readonly resolve: (value: Value) => void; readonly reject: (error: Error) => void };
/** A calculation hands its calls over in slices: what goes out together is what came without such a pause between. */
const WAIT_MS = 40;
/** A calculation without a pause is not waited for longer than this. */
const MOST_WAIT_MS = 1_500;
const LATE_MS = 10;
/** As many as the service takes at once: ten thousand cells are two or three requests. */
const MOST = 5_000;
/** How often it is asked whether the books have moved, while there are formulas of ours. */
const LOOK_MS = 15_000;
/** The same while cells stream: one look for all of them. Nobody is asked while the pane's page is hidden. */
const LIVE_MS = 3_000;
/** Where the service cannot be reached, the next look waits twice as long, up to this. */
const REST_MS = 60_000;
/** Functions that stream, by what they are asked as. */
const LIVE: Readonly<Record<string, Name>> = { STOCKLIVE: 'STOCK', ORDERSLIVE: 'ORDERS' };
type Stream = { readonly name: Name; readonly args: Argument[]; readonly cells: Set<StreamCell>; shown: string | undefined };

/** Cells come as plain values, or as a 1 × 1 matrix where a range was given. */
const plain = (value: unknown): Argument => {
  const one: unknown = Array.isArray(value) ? (Array.isArray(value[0]) ? (value[0] as unknown[])[0] : value[0]) : value;
  return typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean' ? one : null;
};

export class FunctionCalls {
  readonly #port: SpreadsheetPort;
  readonly #client: Client;
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = 0;
  #last = 0;
  readonly #known = new Map<string, { readonly name: Name; readonly answer: Answer }>();
  #sequence: Sequence | undefined;

  constructor(port: SpreadsheetPort, client: Client) {
    this.#port = port;
    this.#client = client;
    for (const meta of FUNCTIONS.filter((f) => f.options?.stream)) port.associateStream(meta.id, (args, cell) => this.#stream(LIVE[meta.id]!, args.slice(0, meta.parameters.length).map(plain), cell));
    for (const meta of FUNCTIONS.filter((f) => !f.options?.stream)) port.associateFunction(meta.id, (...args) => this.#call(meta.name as Name, args.slice(0, meta.parameters.length).map(plain)));
  }
  #call(name: Name, args: Argument[]): Promise<Value> {
    const key = JSON.stringify([name, args]);
    const known = this.#known.get(key);
    return new Promise<Value>((resolve, reject) => {
      if (known) { this.#tell({ key, name, args, resolve, reject }, known.answer); return; }
      this.#waiting.push({ key, name, args, resolve, reject });
      const now = performance.now();
      if (this.#timer === undefined) this.#since = now;
      // Setting a timer costs more than the call: it is moved only when a good part of the pause is gone.
      else if (now - this.#last < WAIT_MS / 4 || now - this.#since > MOST_WAIT_MS) return;
      else clearTimeout(this.#timer);
      this.#last = now;
      this.#timer = setTimeout(() => this.#due(), WAIT_MS);
    });
  }
  /** Cells that say the same are one stream; the last of them gone, nothing is asked for it any more. */
  readonly #streams = new Map<string, Stream>();
  #stream(name: Name, args: Argument[], cell: StreamCell): void {
    const key = JSON.stringify([name, args]);
    const stream: Stream = this.#streams.get(key) ?? { name, args, cells: new Set(), shown: undefined };
    this.#streams.set(key, stream);
    stream.cells.add(cell);
    cell.whenGone(() => { stream.cells.delete(cell); if (stream.cells.size === 0) this.#streams.delete(key); });
    this.#follow(key, stream, true);
  }
  /** A cell is told only what it does not show yet; an error is told too, and the last value comes back with the next answer. */
  #follow(key: string, stream: Stream, first = false): void {
    const show = (value: Value | Error, mark: string): void => {
      if (!first && stream.shown === mark) return;
      stream.shown = mark;
      for (const cell of stream.cells) cell.set(value);
    };
    void this.#call(stream.name, stream.args).then((value) => show(value, JSON.stringify(value)), (error: Error) => { if (this.#streams.get(key) === stream) show(error, `error ${error.message}`); });
  }
  get streaming(): boolean { return this.#streams.size > 0; }
  #tell(call: Waiting, answer: Answer): void {
    if ('value' in answer) call.resolve(answer.value);
    else call.reject(this.#port.functionError('notAvailable', answer.error));
  }
  /** A timer that comes late had a calculation before it: the rest of its calls is on the way. */
  #due(): void {
    const now = performance.now();
    if (now - this.#last > WAIT_MS + LATE_MS && now - this.#since < MOST_WAIT_MS && this.#waiting.length < MOST) {
      this.#last = now;
      this.#timer = setTimeout(() => this.#due(), WAIT_MS);
    } else void this.#flush();
  }
  async #flush(): Promise<void> {
    this.#timer = undefined;
    const byKey = new Map<string, Waiting[]>();
    for (const call of this.#waiting) { const same = byKey.get(call.key); if (same) same.push(call); else byKey.set(call.key, [call]); }
    this.#waiting = [];
    const keys = [...byKey.values()];
    for (let from = 0; from < keys.length; from += MOST) await this.#ask(keys.slice(from, from + MOST));
  }
  async #ask(groups: readonly (readonly Waiting[])[]): Promise<void> {
    try {
      const { results, sequence } = await this.#client.call('callFunctions', { body: { calls: groups.map(([c]) => ({ name: c!.name, args: c!.args })) } });
      const moved = this.#moved(sequence);
      groups.forEach((group, i) => {
        const result = results[i]!;
        const answer: Answer = 'value' in result ? { value: result.value } : { error: result.error[this.#port.lang] };
        this.#known.set(group[0]!.key, { name: group[0]!.name, answer });
        for (const call of group) this.#tell(call, answer);
      });
      if (moved.length > 0) void this.#port.recalculate(moved);
    } catch (error) {
      // Not kept: the next calculation asks again.
      for (const group of groups) for (const call of group) this.#tell(call, { error: error instanceof Error ? error.message : String(error) });
    }
  }
  /** Forgets what reads a part that has moved; answers the functions whose cells must be worked out anew. */
  #moved(now: Sequence): Name[] {
    const before = this.#sequence;
    this.#sequence = now;
    if (!before) return [];
    const parts = new Set((Object.keys(now) as Part[]).filter((p) => now[p] !== before[p]));
    const stale = [...this.#known].filter(([, k]) => READS[k.name].some((p) => parts.has(p)));
    for (const [key] of stale) this.#known.delete(key);
    for (const [key, stream] of this.#streams) if (READS[stream.name].some((p) => parts.has(p))) this.#follow(key, stream);
    // What streams tells its cells by itself; only what does not is worked out anew.
    return [...new Set(stale.filter(([key]) => !this.#streams.has(key)).map(([, k]) => k.name))];
  }
  /** Asks whether the books have moved, when there is anything that could have. */
  async look(): Promise<void> {
    if ((this.#known.size === 0 && !this.streaming) || this.#waiting.length > 0) return;
    const moved = this.#moved(await this.#client.call('functionSequence', {}));
    if (moved.length > 0) await this.#port.recalculate(moved);
  }
}

export function associateFunctions(port: SpreadsheetPort, client: Client): FunctionCalls {
  const calls = new FunctionCalls(port, client);
  let wait = LOOK_MS;
  const next = (): void => void setTimeout(() => void turn(), wait);
  const turn = async (): Promise<void> => {
    const usual = calls.streaming ? LIVE_MS : LOOK_MS;
    // Hidden, nobody sees it; offline, it is asked again later and later.
    if (globalThis.document?.hidden !== true) wait = await calls.look().then(() => usual, () => Math.min(REST_MS, wait * 2));
    next();
  };
  next();
  return calls;
}
