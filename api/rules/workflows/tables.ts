/**
 * Decision tables with their versions. A table that was never published is the product's own, as version 0.
 * In: name, rows, the version that was edited. Out: the new version. Wrong: cells that cannot be read; somebody published meanwhile.
 */
import type { ClientSession } from 'mongoose';
import { problem, type Problem } from '../../contract/problems.ts';
import { invariant, ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import { DEFAULT_ROWS } from '../domain/defaults.ts';
import { kindOf } from '../domain/kinds.ts';
import { compileTable, type Compiled, type Row, type RowProblem } from '../domain/table.ts';
import { Versions, type VersionDoc } from '../store/tables.ts';

export type LiveTable = { readonly version: number; readonly rows: readonly Row[]; readonly at: Date };
const BEGINNING = new Date(0);

export async function liveRows(name: string, session?: ClientSession): Promise<LiveTable> {
  const last = await Versions.findOne({ table: name }).sort({ version: -1 }).session(session ?? null).lean<VersionDoc>();
  return last ? { version: last.version, rows: last.rows, at: last.at } : { version: 0, rows: DEFAULT_ROWS[name] ?? [], at: BEGINNING };
}

const compiledVersions = new WeakMap<readonly Row[], Compiled>();
let kept: { name: string; version: number; at: number; table: { version: number; compiled: Compiled } }[] = [];

export type LoadedTable = { readonly name: string; readonly version: number; readonly decide: Compiled['decide'] };
/** The live table, compiled; compiled once per version. */
export async function loadTable(name: string): Promise<LoadedTable> {
  const live = await liveRows(name);
  const known = kept.find((k) => k.name === name && k.version === live.version && k.at === live.at.getTime());
  if (known) return { name, version: live.version, decide: known.table.compiled.decide };
  const kind = kindOf(name);
  invariant(kind, `a decision table ${name}`);
  const compiled = compiledVersions.get(live.rows) ?? compileTable(kind, live.rows);
  const table = 'ok' in compiled ? (invariant(compiled.ok, `published table ${name} compiles`), compiled.value) : compiled;
  kept = [...kept.filter((k) => k.name !== name), { name, version: live.version, at: live.at.getTime(), table: { version: live.version, compiled: table } }];
  return { name, version: live.version, decide: table.decide };
}

export const rowProblems = (problems: readonly RowProblem[]): Problem =>
  problem('batch_refused', { count: problems.length }, problems.map((p) => ({ row: p.row, id: p.id, column: p.column, code: p.code, message: { zh: p.zh, en: p.en } })));

type Publish = { readonly table: string; readonly rows: readonly Row[]; readonly base: number; readonly note: string; readonly userId: string };

/** Inside a transaction: the rows become the next version, if nobody published since `base`. */
export async function publishVersion(rt: Runtime, session: ClientSession, input: Publish): Promise<Result<number, Problem>> {
  const kind = kindOf(input.table);
  if (!kind) return refuse(problem('not_found', { noun: 'table', id: input.table }));
  const compiled = compileTable(kind, input.rows);
  if (!compiled.ok) return refuse(rowProblems(compiled.refusal));
  const live = await liveRows(input.table, session);
  if (live.version !== input.base) return refuse(problem('revision_conflict', { count: 1 }, [{ code: 'changed_meanwhile', message: { zh: `有人已发布版本 ${live.version}。`, en: `Version ${live.version} was published meanwhile.` } }]));
  const version = live.version + 1;
  const now = rt.clock.now();
  await Versions.create([{ _id: `${input.table}:${version}`, table: input.table, version, rows: [...input.rows], at: now, by: input.userId, note: input.note }], { session });
  await audit(rt, session, [{ userId: input.userId, command: 'publish-table', noun: 'review-rules', id: input.table, before: { version: live.version }, after: { version }, at: now }]);
  return ok(version);
}

export async function versionRows(table: string, version: number): Promise<readonly Row[] | undefined> {
  if (version === 0) return DEFAULT_ROWS[table];
  return (await Versions.findOne({ table, version }).lean<VersionDoc>())?.rows;
}
export const versionsOf = (table: string): Promise<VersionDoc[]> => Versions.find({ table }).sort({ version: -1 }).limit(100).lean<VersionDoc[]>();
