/**
 * Decision tables with their versions. A table that was never published is the product's own, as version 0.
 * In: name, rows, the version that the edit began with. Out: the new version, merged with what others published meanwhile.
 * Wrong: cells that cannot be read; cells that somebody else changed too.
 */
import type { ClientSession } from 'mongoose';
import { problem, type Problem } from '../../contract/problems.ts';
import { invariant, ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import { DEFAULT_ROWS } from '../domain/defaults.ts';
import { mergeRows, sameRow, type CellConflict } from '../domain/merge-rows.ts';
import { kindNow } from '../../fields/index.ts';
import { compileTable, filledRows, kindOf, type Compiled, type Row, type RowProblem, type TableKind } from '../domain/table.ts';
import { Versions, type KeptRow, type VersionDoc } from '../store/tables.ts';

export type LiveTable = { readonly version: number; readonly rows: readonly KeptRow[]; readonly at: Date; readonly by: string };
const BEGINNING = new Date(0);
const asLive = (v: VersionDoc): LiveTable => ({ version: v.version, rows: v.rows, at: v.at, by: v.by });
const ownRows = (name: string): LiveTable => ({ version: 0, rows: DEFAULT_ROWS[name] ?? [], at: BEGINNING, by: '' });

export async function liveRows(name: string, session?: ClientSession): Promise<LiveTable> {
  const last = await Versions.findOne({ table: name }).sort({ version: -1 }).session(session ?? null).lean<VersionDoc>();
  return last ? asLive(last) : ownRows(name);
}

export type LoadedTable = { readonly name: string; readonly version: number; readonly decide: Compiled['decide']; readonly uses: Compiled['uses'] };
const KEPT = 100;
const compiled = new Map<string, LoadedTable>();
/** Compiled once per version. The time of publishing tells versions of different stores apart. */
function compiledOf(name: string, live: LiveTable, kind: TableKind | undefined): LoadedTable {
  // Own fields come and are renamed: what is compiled knows the fields of its time.
  const key = `${name}:${live.version}:${live.at.getTime()}:${(kind?.fields ?? []).slice(kindOf(name)?.fields.length).map((f) => `${f.key} ${f.type} ${f.choices?.map((c) => c.value).join(' ') ?? ''}`).join('|')}`;
  const there = compiled.get(key);
  if (there) return there;
  invariant(kind, `a decision table ${name}`);
  const made = compileTable(kind, live.rows);
  invariant(made.ok, `published table ${name} compiles`);
  if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value!);
  const table = { name, version: live.version, decide: made.value.decide, uses: made.value.uses };
  compiled.set(key, table);
  return table;
}
/** The live table, compiled. */
export async function loadTable(name: string): Promise<LoadedTable> {
  const [live, kind] = await Promise.all([liveRows(name), kindNow(name)]);
  return compiledOf(name, live, kind);
}
/** An earlier version, compiled: what decided then still tells whether its reason is gone. */
export async function loadVersion(name: string, version: number): Promise<LoadedTable | undefined> {
  if (version === 0) return compiledOf(name, ownRows(name), await kindNow(name));
  const found = await Versions.findOne({ table: name, version }).lean<VersionDoc>();
  return found ? compiledOf(name, asLive(found), await kindNow(name)) : undefined;
}

export const rowProblems = (problems: readonly RowProblem[]): Problem =>
  problem('batch_refused', { count: problems.length }, problems.map((p) => ({ row: p.row, id: p.id, column: p.column, code: p.code, message: { zh: p.zh, en: p.en } })));

export type Publish = { readonly table: string; readonly rows: readonly Row[]; readonly base: number; readonly note: string; readonly userId: string };
export type Published = { readonly version: number; readonly merged: boolean; readonly changedRows: number };

/** Inside a transaction: the rows become the next version; what was published since `base` is merged cell by cell. */
export async function publishVersion(rt: Runtime, session: ClientSession, input: Publish): Promise<Result<Published, Problem>> {
  const kind = await kindNow(input.table);
  if (!kind) return refuse(problem('not_found', { noun: 'table', id: input.table }));
  const own = compileTable(kind, input.rows);
  if (!own.ok) return refuse(rowProblems(own.refusal));
  const live = await liveRows(input.table, session);
  const together = await mergedWith(input, live, session);
  if (!together.ok) return together;
  const rows = filledRows(together.value);
  const read = compileTable(kind, rows);
  if (!read.ok) return refuse(rowProblems(read.refusal));
  const before = new Map(live.rows.map((r) => [r.id, r]));
  const version = live.version + 1;
  const kept = rows.map((r): KeptRow => ({ id: r.id, enabled: r.enabled, cells: r.cells, since: sameRow(r, before.get(r.id)) ? (before.get(r.id)!.since ?? 0) : version }));
  const changedRows = kept.filter((r) => r.since === version).length + live.rows.filter((r) => !kept.some((k) => k.id === r.id)).length;
  const now = rt.clock.now();
  const merged = live.version !== input.base;
  await Versions.create([{ _id: `${input.table}:${version}`, table: input.table, version, rows: kept, at: now, by: input.userId, note: input.note, merged }], { session });
  await audit(rt, session, [{ userId: input.userId, command: 'publish-table', noun: 'rules', id: input.table, before: { version: live.version }, after: { version, changedRows, merged }, at: now }]);
  return ok({ version, merged, changedRows });
}

async function mergedWith(input: Publish, live: LiveTable, session: ClientSession): Promise<Result<readonly Row[], Problem>> {
  if (live.version === input.base) return ok(input.rows);
  const base = await versionRows(input.table, input.base, session);
  if (!base) return refuse(problem('not_found', { noun: 'version', id: `${input.table} ${input.base}` }));
  const made = mergeRows(base, filledRows(input.rows), live.rows);
  return made.conflicts.length === 0 ? ok(made.rows) : refuse(conflictProblem((await kindNow(input.table))!, input, live, made.conflicts));
}

function conflictProblem(kind: TableKind, input: Publish, live: LiveTable, conflicts: readonly CellConflict[]): Problem {
  const title = (column: string): { zh: string; en: string } => [...kind.fields, ...kind.outcomes].find((f) => f.key === column) ?? (column === 'enabled' ? { zh: '启用', en: 'On' } : { zh: '顺序', en: 'Place' });
  const say = (text: string | null, gone: string, empty: string): string => (text === null ? gone : text === '' ? empty : text);
  return problem('revision_conflict', { count: conflicts.length }, conflicts.map((c) => ({
    row: Math.max(1, input.rows.findIndex((r) => r.id === c.id) + 1), id: c.id, column: c.column, code: 'changed_meanwhile', base: c.base, mine: c.mine, theirs: c.theirs, by: live.by, at: live.at.toISOString(),
    message: {
      zh: `规则 ${c.id}“${title(c.column).zh}”：原来 ${say(c.base, '没有', '空')}，你改成 ${say(c.mine, '删掉了', '空')}，版本 ${live.version} 改成 ${say(c.theirs, '删掉了', '空')}`,
      en: `Rule ${c.id}, “${title(c.column).en}”: it was ${say(c.base, 'not there', 'empty')}, you made it ${say(c.mine, 'gone', 'empty')}, version ${live.version} made it ${say(c.theirs, 'gone', 'empty')}`,
    },
  })));
}

export async function versionRows(table: string, version: number, session?: ClientSession): Promise<readonly Row[] | undefined> {
  if (version === 0) return DEFAULT_ROWS[table];
  return (await Versions.findOne({ table, version }).session(session ?? null).lean<VersionDoc>())?.rows;
}
export const versionsOf = (table: string): Promise<VersionDoc[]> => Versions.find({ table }).sort({ version: -1 }).limit(100).lean<VersionDoc[]>();
