/**
 * What a context was asked, statement by statement, as JSON that can be asked again: each object has a number, an answer
 * stands beside the statement that asked for it. Only while somebody records: it costs time and memory.
 */
import type { Grid } from '../grid.ts';
import type { SyncRecord } from './context.ts';

export type Ref = number | 'workbook' | 'application' | 'runtime';
export type Step =
  | { readonly do: 'part' | 'call'; readonly of: Ref; readonly name: string; readonly args?: readonly unknown[]; readonly as: number }
  | { readonly do: 'item'; readonly of: Ref; readonly index: number; readonly as: number }
  | { readonly do: 'set'; readonly of: Ref; readonly name: string; readonly value: unknown }
  | { readonly do: 'load'; readonly of: Ref; readonly args: readonly unknown[] };
/** What a statement of this sync was answered: whole while it is small, else its length and a hash. */
export type Answer = { readonly step: number; readonly value: unknown } | { readonly step: number; readonly bytes: number; readonly hash: string };
type Origin = { readonly of: object; readonly name: string } | { readonly of: object; readonly index: number };

const WHOLE_BYTES = 20_000;
/** FNV-1a over UTF-16 units: tells two answers apart, no more. */
export function hashOf(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(16).padStart(8, '0');
}
export class Steps {
  static #contexts = 0;
  readonly context: number;
  readonly #numbers = new WeakMap<object, Ref>();
  readonly #origins = new WeakMap<object, Origin>();
  readonly #handle: (value: unknown) => object | undefined;
  #count = 0;
  #steps: Step[] = [];
  #answers: Answer[] = [];
  constructor(handle: (value: unknown) => object | undefined) {
    Steps.#contexts += 1;
    this.context = Steps.#contexts;
    this.#handle = handle;
  }
  /** Where an object comes from; it gets its number when it is first used. */
  origin(handle: object, from: Origin): void { if (!this.#numbers.has(handle)) this.#origins.set(handle, from); }
  #ref(handle: object & { readonly path?: string }): Ref {
    const known = this.#numbers.get(handle);
    if (known !== undefined) return known;
    const from = this.#origins.get(handle);
    if (!from) return (handle.path ?? 'workbook') as Ref;
    const of = this.#ref(from.of);
    const as = this.#name(handle);
    this.#steps.push('index' in from ? { do: 'item', of, index: from.index, as } : { do: 'part', of, name: from.name, as });
    return as;
  }
  #name(handle: object): number { this.#count += 1; this.#numbers.set(handle, this.#count); return this.#count; }
  #plain(value: unknown): unknown {
    if (typeof value === 'function') return { $function: true };
    if (typeof value !== 'object' || value === null) return value;
    const handle = this.#handle(value);
    if (handle) return { $: this.#ref(handle) };
    if (Array.isArray(value)) return value.some((v) => this.#handle(v)) ? value.map((v) => this.#plain(v)) : value;
    return Object.getPrototypeOf(value) === Object.prototype ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, this.#plain(v)])) : value;
  }
  call(handle: object, name: string, args: readonly unknown[]): number {
    const given = args.slice(0, args.findLastIndex((a) => a !== undefined) + 1).map((a) => this.#plain(a));
    const of = this.#ref(handle);
    this.#count += 1;
    this.#steps.push({ do: 'call', of, name, ...(given.length > 0 ? { args: given } : {}), as: this.#count });
    return this.#count;
  }
  made(handle: object, as: number): void { this.#numbers.set(handle, as); }
  set(handle: object, name: string, value: unknown): void { const of = this.#ref(handle); this.#steps.push({ do: 'set', of, name, value: this.#plain(value) }); }
  load(handle: object, asked: unknown): void { const of = this.#ref(handle); this.#steps.push({ do: 'load', of, args: asked === undefined ? [] : [asked] }); }
  /** For the statement that was just made: takes its answer when the queue has reached it. */
  answering(): (value: unknown) => void {
    const [step, answers] = [this.#steps.length - 1, this.#answers];
    return (value) => {
      const text = JSON.stringify(value) ?? 'null';
      answers.push(text.length <= WHOLE_BYTES ? { step, value: JSON.parse(text) as unknown } : { step, bytes: text.length, hash: hashOf(text) });
    };
  }
  take(): { readonly context: number; readonly steps: readonly Step[]; readonly answers: readonly Answer[] } {
    const taken = { context: this.context, steps: this.#steps, answers: this.#answers };
    [this.#steps, this.#answers] = [[], []];
    return taken;
  }
}

type CellLine = readonly [row: number, column: number, value: unknown, formula?: string];
/** What a person did between two syncs. Sheets by name: their ids are given anew in a replay. */
export type Deed =
  | { readonly did: 'edit'; readonly sheet: string; readonly cells: readonly CellLine[] }
  | { readonly did: 'moved'; readonly sheet: string; readonly kind: string; readonly at: number; readonly count: number }
  | { readonly did: 'select'; readonly sheet: string; readonly area: readonly [number, number, number, number] }
  | { readonly did: 'show'; readonly sheet: string }
  | { readonly did: 'add'; readonly sheet: string }
  | { readonly did: 'delete'; readonly sheet: string }
  | { readonly did: 'rename'; readonly sheet: string; readonly to: string };
export type Head = { readonly recording: 1; readonly lang: 'zh' | 'en'; readonly book: unknown; readonly extras: unknown };
/** One line of a recording's file. */
export type Line = Head | ({ readonly sync: number } & Pick<SyncRecord, 'at' | 'bytes' | 'ms' | 'error'> & { readonly ops: number; readonly context: number; readonly steps: readonly Step[]; readonly answers: readonly Answer[] }) | Deed;

/** A session as lines: `write` gets each. What a person does is told too, or a replay would not stand where the page stood. */
export function recorder(write: (line: Line) => void): { readonly begin: (grid: Grid, lang: 'zh' | 'en', extras: unknown, syncing: () => boolean) => void; readonly record: (sync: SyncRecord) => void } {
  let count = 0;
  return {
    record: (sync) => {
      count += 1;
      write({ sync: count, at: sync.at, bytes: sync.bytes, ms: Math.round(sync.ms * 10) / 10, ops: sync.ops.length, context: sync.told?.context ?? 0, steps: sync.told?.steps ?? [], answers: sync.told?.answers ?? [], ...(sync.error === undefined ? {} : { error: sync.error }) });
    },
    begin: (grid, lang, extras, syncing) => {
      write({ recording: 1, lang, book: grid.snapshot(), extras: JSON.parse(JSON.stringify(extras)) as unknown });
      const names = new Map(grid.sheets().map((s) => [s.id, s.name]));
      const name = (id: string): string => { const now = grid.sheets().find((s) => s.id === id)?.name; if (now !== undefined) names.set(id, now); return now ?? names.get(id) ?? ''; };
      const cell = (id: string, row: number, column: number, value: unknown): CellLine => { const formula = grid.formula(id, row, column); return formula === '' ? [row, column, value] : [row, column, value, formula]; };
      grid.onEdit((e) => { if (!e.ours) write({ did: 'edit', sheet: name(e.sheetId), cells: e.cells.map((c) => cell(e.sheetId, c.row, c.column, c.after)) }); });
      grid.onMoved((m) => { if (!m.ours && !syncing()) write({ did: 'moved', sheet: name(m.sheetId), kind: m.kind, at: m.at, count: m.count }); });
      grid.onSorted((id, area) => {
        if (syncing()) return;
        const cells: CellLine[] = [];
        for (let r = area.row; r < area.row + area.rows; r += 1) for (let c = area.column; c < area.column + area.columns; c += 1) cells.push(cell(id, r, c, grid.value(id, r, c)));
        write({ did: 'edit', sheet: name(id), cells });
      });
      grid.onSheets((kind, id, before, after) => {
        if (syncing()) { name(id); return; }
        if (kind === 'renamed') write({ did: 'rename', sheet: before, to: after });
        else write(kind === 'added' ? { did: 'add', sheet: name(id) } : { did: 'delete', sheet: names.get(id) ?? before });
        name(id);
      });
      grid.onSelection((id, a) => write({ did: 'select', sheet: name(id), area: [a.row, a.column, a.rows, a.columns] }));
      grid.onActivated((id) => { if (!syncing()) write({ did: 'show', sheet: name(id) }); });
    },
  };
}
