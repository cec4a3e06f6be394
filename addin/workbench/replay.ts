/** Runs a recorded session against a host again, and says what differed: in answers, in refusals, in the count of operations. */
import type { CellWrite, Scalar } from './grid.ts';
import { startHeadless, type Headless } from './headless.ts';
import type { SyncRecord } from './host/context.ts';
import { MAX_COLUMNS, MAX_ROWS } from './host/address.ts';
import type { Extras } from './host/book.ts';
import { hashOf, type Answer, type Deed, type Head, type Line, type Ref, type Step } from './host/record.ts';

export type Difference = { readonly sync: number; readonly step: number; readonly what: string; readonly was: string; readonly is: string };
export type Replayed = { readonly syncs: number; readonly deeds: number; readonly ms: number; readonly recordedMs: number; readonly slowest: readonly { readonly sync: number; readonly ms: number; readonly recordedMs: number; readonly bytes: number }[]; readonly differences: readonly Difference[] };
type SyncLine = Extract<Line, { sync: number }>;
type Client = Record<string, unknown> & { sync(): Promise<void> };
type Objects = Map<Ref, Record<string, unknown>>;
/** Ids that a workbook gives by chance: another one stands in their place here. */
const GIVEN = /^([a-z][0-9a-f]{8}|\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?)$/;
const short = (value: unknown): string => { const text = JSON.stringify(value) ?? 'nothing'; return text.length > 160 ? `${text.slice(0, 160)}…` : text; };

class Player {
  readonly host: Headless;
  readonly differences: Difference[] = [];
  readonly #contexts = new Map<number, { readonly client: Client; readonly objects: Objects }>();
  readonly #ids = new Map<string, string>();
  last: SyncRecord | undefined;
  constructor(head: Head) {
    this.host = startHeadless({ lang: head.lang, snapshot: head.book, extras: head.extras as Partial<Extras>, detailed: true, record: (sync) => { this.last = sync; } });
  }
  #context(number: number): { readonly client: Client; readonly objects: Objects } {
    let found = this.#contexts.get(number);
    if (!found) {
      const client = new (this.host.Excel as unknown as { RequestContext: new () => Client }).RequestContext();
      const objects: Objects = new Map();
      for (const root of ['workbook', 'application', 'runtime'] as const) objects.set(root, client[root] as Record<string, unknown>);
      this.#contexts.set(number, (found = { client, objects }));
    }
    return found;
  }
  #given(value: unknown, objects: Objects): unknown {
    if (typeof value === 'string') { let text = value; for (const [was, is] of this.#ids) text = text.replaceAll(was, is); return text; }
    if (typeof value !== 'object' || value === null) return value;
    if ('$' in value) return objects.get(value.$ as Ref);
    // A handler of the page is not here; what it did is recorded by itself.
    if ('$function' in value) return () => undefined;
    if (Array.isArray(value)) return value.map((v) => this.#given(v, objects));
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, this.#given(v, objects)]));
  }
  #ask(step: Step, objects: Objects): void {
    const of = objects.get(step.of);
    if (!of) throw new Error(`the recording speaks of object ${step.of} before it is made`);
    if (step.do === 'part') objects.set(step.as, of[step.name] as Record<string, unknown>);
    else if (step.do === 'item') objects.set(step.as, (of['items'] as Record<string, unknown>[])[step.index]!);
    else if (step.do === 'set') of[step.name] = this.#given(step.value, objects);
    else if (step.do === 'load') (of['load'] as (asked?: unknown) => void)(step.args[0]);
    else objects.set(step.as, (of[step.name] as (...args: unknown[]) => Record<string, unknown>)(...((step.args ?? []).map((a) => this.#given(a, objects)))));
  }
  async sync(line: SyncLine): Promise<number> {
    const { client, objects } = this.#context(line.context);
    this.last = undefined;
    let error: string | undefined;
    try {
      for (const step of line.steps) this.#ask(step, objects);
      await client.sync();
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    const tell = (what: string, was: unknown, is: unknown, step = -1): void => void this.differences.push({ sync: line.sync, step, what, was: short(was), is: short(is) });
    if (error !== line.error) tell('refusal', line.error, error);
    const told = (this.last as SyncRecord | undefined)?.told;
    const mine = new Map((told?.answers ?? []).map((a) => [a.step, a]));
    for (const was of line.answers) {
      const is = mine.get(was.step);
      const step = line.steps[was.step];
      const what = step?.do === 'load' ? `load ${String(step.args[0] ?? '')}` : step?.do === 'call' ? step.name : 'answer';
      if (!is) { if (error === line.error) tell(what, was, undefined, was.step); } else if (!this.#same(was, is)) tell(what, 'value' in was ? was.value : was, 'value' in is ? is.value : is, was.step);
    }
    return (this.last as SyncRecord | undefined)?.ms ?? 0;
  }
  #same(was: Answer, is: Answer): boolean {
    if ('value' in was && 'value' in is) return this.#equal(was.value, is.value);
    // Near the limit an id of another length tips it: the text is compared by its hash.
    const hash = (a: Answer): string => ('hash' in a ? a.hash : hashOf(JSON.stringify(a.value)));
    return hash(was) === hash(is);
  }
  #equal(was: unknown, is: unknown): boolean {
    if (typeof was === 'string' && typeof is === 'string') {
      if (was === is) return true;
      const known = this.#ids.get(was);
      if (known !== undefined) return known === is;
      if (GIVEN.test(was) && GIVEN.test(is)) { this.#ids.set(was, is); return true; }
      return this.#given(was, new Map()) === is;
    }
    if (typeof was !== 'object' || typeof is !== 'object' || was === null || is === null) return Object.is(was, is);
    const [a, b] = [Object.keys(was), Object.keys(is)];
    return a.length === b.length && a.every((k) => this.#equal((was as Record<string, unknown>)[k], (is as Record<string, unknown>)[k]));
  }
  async deed(deed: Deed): Promise<void> {
    const { grid } = this.host;
    const id = grid.sheets().find((s) => s.name === deed.sheet)?.id;
    if (deed.did === 'add') { if (id === undefined) grid.addSheet(deed.sheet); return; }
    if (id === undefined) return;
    if (deed.did === 'delete') grid.removeSheet(id);
    else if (deed.did === 'rename') grid.renameSheet(id, deed.to);
    else if (deed.did === 'show') grid.activate(id);
    else if (deed.did === 'select') { const [row, column, rows, columns] = deed.area; grid.select(id, { row, column, rows, columns }); }
    else if (deed.did === 'moved') {
      const rows = deed.kind.startsWith('Row');
      const area = rows ? { row: deed.at, column: 0, rows: deed.count, columns: MAX_COLUMNS } : { row: 0, column: deed.at, rows: MAX_ROWS, columns: deed.count };
      await (deed.kind.endsWith('Inserted') ? grid.insert(id, area, rows ? 'Down' : 'Right') : grid.remove(id, area, rows ? 'Up' : 'Left'));
    } else {
      const cells = new Map<number, Map<number, CellWrite>>();
      for (const [row, column, value, formula] of deed.cells) {
        if (!cells.has(row)) cells.set(row, new Map());
        cells.get(row)!.set(column, formula === undefined ? { value: (value ?? null) as Scalar, ...(typeof value === 'string' ? { text: true } : {}) } : { formula });
      }
      grid.write(id, cells);
    }
  }
}

export async function replay(lines: readonly Line[]): Promise<Replayed> {
  const [head, ...rest] = lines;
  if (!head || !('recording' in head)) throw new Error('not a recording of a workbench: its first line says nothing');
  const player = new Player(head);
  const times: { sync: number; ms: number; recordedMs: number; bytes: number }[] = [];
  let deeds = 0;
  try {
    for (const line of rest) {
      if ('sync' in line) times.push({ sync: line.sync, ms: await player.sync(line), recordedMs: line.ms, bytes: line.bytes });
      else if ('did' in line) { deeds += 1; await player.deed(line); }
    }
  } finally {
    player.host.stop();
  }
  const sum = (of: 'ms' | 'recordedMs'): number => times.reduce((n, t) => n + t[of], 0);
  return { syncs: times.length, deeds, ms: sum('ms'), recordedMs: sum('recordedMs'), slowest: [...times].sort((a, b) => b.ms - a.ms).slice(0, 5), differences: player.differences };
}
export const linesOf = (text: string): Line[] => text.split('\n').filter((l) => l.trim() !== '').map((l) => JSON.parse(l) as Line);
