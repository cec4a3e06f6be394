/**
 * Publishes a batch of edits from a sheet.
 * In:  sheet name, rows {id, revision, cells}, dry run or not.
 * Out: what changed (or would change), new revisions, effects in words.
 * Wrong: a cell that cannot be read or that the domain refuses (batch_refused), a row changed by somebody else
 *        (revision_conflict), a column that this person may not edit (no_right). In each case nothing is written.
 */
import type { z } from 'zod';
import { problem, type Problem, type ProblemError } from '../contract/problems.ts';
import type { PublishAnswer, PublishBody } from '../contract/system.ts';
import type { Column, Sheet } from '../contract/sheets/sheet.ts';
import { parseCell } from '../contract/sheets/parse.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import { may, type Session } from '../access/roles.ts';
import { personNames } from '../access/users.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { lastChange } from '../store/audit.ts';
import type { CellValue, SheetCommands, SheetEdit } from './commands.ts';
import { sheetFor } from './own-sheets.ts';

type Body = z.output<typeof PublishBody>;
type Answer = z.input<typeof PublishAnswer>;
type Loaded = Awaited<ReturnType<SheetCommands['load']>>;

/** Carries a refusal out of a transaction, so that the transaction is undone. */
class Refused extends Error {
  readonly problem: Problem;
  constructor(refused: Problem) {
    super(refused.code);
    this.problem = refused;
  }
}

export async function publishSheet(
  rt: Runtime, all: readonly SheetCommands[], input: { sheet: string; body: Body; dryRun: boolean; user: Session },
): Promise<Result<Answer, Problem>> {
  const sheet = await sheetFor(input.sheet, input.user);
  const commands = all.find((c) => c.sheet === input.sheet);
  if (!sheet || !commands) return refuse(problem('not_found', { noun: 'sheet', id: input.sheet }));
  const parsed = parseRows(sheet, input.body, input.user);
  if (!parsed.ok) return parsed;
  const work = input.dryRun ? rt.transact.dryRun : rt.transact;
  try {
    return ok(await work(async (session) => {
      const before = await commands.load(rt, parsed.value.map((e) => e.id), session);
      const conflicts = await conflictsOf(sheet, commands, input.body, parsed.value, before, session);
      // What does not conflict is tried all the same: a person mends every wrong cell of a batch in one go.
      const edits = changedOnly(without(parsed.value, conflicts), before);
      const applied = await commands.apply(rt, edits, { session, user: input.user, now: rt.clock.now(), batchId: input.body.batchId });
      const refusals = applied.ok ? [] : applied.refusal.map((r) => ({ ...r, ...idOf(parsed.value, r.row) }));
      if (conflicts.length > 0) throw new Refused(problem('revision_conflict', { count: conflicts.length }, [...conflicts, ...refusals]));
      if (!applied.ok) throw new Refused(problem('batch_refused', { count: refusals.length }, refusals));
      const after = await commands.load(rt, parsed.value.map((e) => e.id), session);
      return { dryRun: input.dryRun, batchId: input.body.batchId, rows: answerRows(parsed.value, before, after), effects: [...applied.value.effects] };
    }));
  } catch (error) {
    if (error instanceof Refused) return refuse(error.problem);
    throw error;
  }
}

const idOf = (edits: readonly SheetEdit[], row: number): { id?: string } => {
  const edit = edits.find((e) => e.row === row);
  return edit ? { id: edit.id } : {};
};

function parseRows(sheet: Sheet, body: Body, user: Session): Result<SheetEdit[], Problem> {
  const errors: ProblemError[] = [];
  const edits: SheetEdit[] = [];
  const seen = new Set<string>();
  body.rows.forEach((sent, index) => {
    const row = index + 1;
    if (seen.has(sent.id)) errors.push({ row, column: 'id', id: sent.id, code: 'row_twice', message: { zh: `第 ${row} 行的 ${sent.id} 出现了两次。`, en: `Row ${row}: ${sent.id} came twice.` } });
    seen.add(sent.id);
    const set: Record<string, CellValue> = {};
    for (const [key, value] of Object.entries(sent.cells)) {
      const read = parseOne(sheet.columns.find((c) => c.key === key), key, value, user);
      if (read.ok) set[key] = read.value;
      else errors.push({ row, column: key, id: sent.id, ...read.refusal });
    }
    edits.push({ id: sent.id, row, revision: sent.revision, set });
  });
  return errors.length > 0 ? refuse(problem('batch_refused', { count: errors.length }, errors)) : ok(edits);
}

function parseOne(column: Column | undefined, key: string, value: CellValue, user: Session): Result<CellValue, Pick<ProblemError, 'code' | 'message'>> {
  if (!column?.editable) return refuse({ code: 'not_editable', message: { zh: `“${column?.title.zh ?? key}”列不能改。`, en: `The column “${column?.title.en ?? key}” cannot be edited.` } });
  const right = column.editable.right;
  if (!may(user, right)) return refuse({ code: 'no_right', message: { zh: `改“${column.title.zh}”需要权限 ${right}。`, en: `Editing “${column.title.en}” needs the right ${right}.` } });
  return parseCell(column, value);
}

/** A row that somebody else changed conflicts only in the cells that both touched; edits that do not overlap merge by themselves. */
async function conflictsOf(sheet: Sheet, commands: SheetCommands, body: Body, edits: readonly SheetEdit[], before: Loaded, session: Parameters<SheetCommands['load']>[2]): Promise<ProblemError[]> {
  const conflicts: ProblemError[] = [];
  let nameOf: Awaited<ReturnType<typeof personNames>> | undefined;
  for (const edit of edits) {
    const row = before.get(edit.id);
    if (!row) {
      conflicts.push({ row: edit.row, id: edit.id, code: 'row_gone', message: { zh: `第 ${edit.row} 行 ${edit.id} 已经不在了。刷新后再改。`, en: `Row ${edit.row}, ${edit.id}, is gone. Refresh, then edit again.` } });
      continue;
    }
    if (row.revision === edit.revision) continue;
    const who = await lastChange(commands.noun ?? sheet.noun, edit.id, session);
    const called = nameOf ??= await personNames();
    for (const [column, mine] of Object.entries(edit.set)) {
      const theirs = row.values[column] ?? null;
      const base = baseOf(sheet, body.rows[edit.row - 1]!, column);
      if (theirs === mine || (base.ok && theirs === base.value)) continue;
      conflicts.push({
        row: edit.row, id: edit.id, column, code: 'changed_meanwhile', mine, theirs, ...(base.ok ? { base: base.value } : {}),
        ...(who ? { by: called(who.by), at: who.at.toISOString() } : {}),
        message: { zh: `已被改过：现在是 ${String(theirs ?? '空')}，你写的是 ${String(mine ?? '空')}。`, en: `Changed meanwhile: it now says ${String(theirs ?? 'empty')}, you wrote ${String(mine ?? 'empty')}.` },
      });
    }
  }
  return conflicts;
}

/** The value that the person saw, in the same form as the stored one. */
function baseOf(sheet: Sheet, sent: Body['rows'][number], key: string): Result<CellValue, 'unknown'> {
  const column = sheet.columns.find((c) => c.key === key);
  if (!column || !sent.base || !(key in sent.base)) return refuse('unknown');
  const read = parseCell({ ...column, ...(column.editable ? { editable: { ...column.editable, required: false } } : {}) }, sent.base[key]!);
  return read.ok ? read : refuse('unknown');
}

const without = (edits: readonly SheetEdit[], conflicts: readonly ProblemError[]): SheetEdit[] =>
  edits.map((e) => ({ ...e, set: Object.fromEntries(Object.entries(e.set).filter(([column]) => !conflicts.some((c) => c.row === e.row && (c.column === column || c.column === undefined)))) }));

const changedOnly = (edits: readonly SheetEdit[], before: Loaded): SheetEdit[] =>
  edits.flatMap((edit) => {
    const row = before.get(edit.id);
    const set = Object.fromEntries(Object.entries(edit.set).filter(([key, value]) => row?.values[key] !== value));
    return row && Object.keys(set).length > 0 ? [{ ...edit, revision: row.revision, set }] : [];
  });

const answerRows = (edits: readonly SheetEdit[], before: Loaded, after: Loaded): Answer['rows'] =>
  edits.map((edit) => {
    const [was, is] = [before.get(edit.id), after.get(edit.id)];
    const changes = Object.keys(edit.set)
      .filter((column) => was?.values[column] !== (is ?? was)?.values[column])
      .map((column) => ({ column, before: was?.values[column] ?? null, after: is?.values[column] ?? null }));
    return { id: edit.id, revision: (is ?? was)?.revision ?? edit.revision, changes };
  });
