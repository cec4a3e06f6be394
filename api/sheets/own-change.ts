/**
 * Makes, renames, changes and retires own fields.
 * In:  a noun, a title, a type, who sees it; typed, or a formula over the noun's columns. The same asked twice is the same field.
 * Out: the field; its history is in the audit.
 * Wrong: a title or key that is taken, a formula that cannot be read, a rule or formula that still looks at what would go.
 */
import type { ClientSession } from 'mongoose';
import { TABLES } from '../contract/decision-tables/index.ts';
import { MOST_OWN, type OwnField, type OwnFieldChange, type OwnFieldInput } from '../contract/own-fields.ts';
import { readOwnFormula } from '../contract/own-row.ts';
import { parseFormula } from '../contract/formula.ts';
import { problem, type Problem } from '../contract/problems.ts';
import { SHEETS } from '../contract/sheets/index.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import type { Session } from '../access/roles.ts';
import { asOwnField, ownFields, OwnFields, OwnValues, ruleKey, type OwnFieldDoc, type OwnValuesDoc } from '../fields/index.ts';
import { liveRows } from '../rules/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { audit } from '../store/audit.ts';
import type { z } from 'zod';

const no = (zh: string, en: string): Result<never, Problem> => refuse(problem('command_refused', { zh, en }));
const shape = (f: OwnField) => ({ title: f.title, type: f.type, choices: f.choices, formula: f.formula, roles: f.roles, retired: f.retired });

export function makeField(rt: Runtime, input: OwnFieldInput, user: Session): Promise<Result<OwnField, Problem>> {
  return rt.transact(async (session) => {
    const all = await ownFields(session);
    const own = all.filter((f) => f.noun === input.noun);
    const title = { zh: input.zh, en: input.en ?? input.zh };
    const choices = input.type === 'choice' ? [...new Set(input.choices)] : [];
    const wanted = { title, type: input.type, choices, formula: input.formula.trim(), roles: [...new Set(input.roles)], retired: false };
    const same = own.find((f) => (input.key === undefined || f.key === input.key) && JSON.stringify(shape(f)) === JSON.stringify(wanted));
    if (same) return ok(same);
    if (own.filter((f) => !f.retired).length >= MOST_OWN) return no(`这里已有 ${MOST_OWN} 个自有字段，先停用一个。`, `There are ${MOST_OWN} own fields here; retire one first.`);
    const key = input.key ?? nextKey(own);
    if (own.some((f) => f.key === key)) return no(`接口名 ${key} 已经用过，换一个；停用的字段可以恢复。`, `The name ${key} is taken; choose another. A retired field can be brought back.`);
    const wrong = titleTaken(own, input.noun, title) ?? (input.type === 'choice' && choices.length === 0 && wanted.formula === '' ? no('选项至少写一个。', 'Write at least one allowed value.') : undefined) ?? formulaWrong(input.noun, wanted.formula, all);
    if (wrong) return wrong;
    const now = rt.clock.now();
    const doc: OwnFieldDoc = { _id: rt.newId('ownField'), noun: input.noun, key, ...wanted, formerly: [], madeBy: user.userId, madeAt: now, revision: 1, changedAt: now };
    await OwnFields.create([doc], { session });
    await audit(rt, session, [{ userId: user.userId, command: 'make-own-field', noun: 'own-fields', id: doc._id, before: null, after: { noun: input.noun, key, ...wanted }, at: now }]);
    return ok(asOwnField(doc));
  });
}
const nextKey = (own: readonly OwnField[]): string => { for (let n = own.length + 1; ; n += 1) if (!own.some((f) => f.key === `f${n}`)) return `f${n}`; };

/** Columns are found by their titles, so a sheet has each once: ours, and those of own fields, then and now. */
function titleTaken(own: readonly OwnField[], noun: string, title: OwnField['title'], but?: string): Result<never, Problem> | undefined {
  const mine = [title.zh, title.en].map((t) => t.toLowerCase());
  const ours = SHEETS.filter((s) => s.noun === noun).flatMap((s) => s.columns.map((c) => c.title));
  const taken = [...ours, ...own.filter((f) => !f.retired && f.id !== but).flatMap((f) => [f.title, ...f.formerly])].flatMap((t) => [t.zh, t.en]).find((t) => mine.includes(t.toLowerCase())) ?? mine.find((t) => t === 'id');
  return taken === undefined ? undefined : no(`已有一列叫“${taken}”，换个名字。`, `There is a column “${taken}” already; choose another title.`);
}
function formulaWrong(noun: string, formula: string, all: readonly OwnField[]): Result<never, Problem> | undefined {
  if (formula === '') return undefined;
  const read = readOwnFormula(noun, formula, all.filter((f) => !f.retired));
  return read.ok ? undefined : no(`公式：${read.refusal.message.zh}`, `The formula: ${read.refusal.message.en}`);
}

export function changeField(rt: Runtime, id: string, change: z.output<typeof OwnFieldChange>, user: Session): Promise<Result<OwnField, Problem>> {
  return rt.transact(async (session) => {
    const all = await ownFields(session);
    const there = all.find((f) => f.id === id);
    if (!there) return refuse(problem('not_found', { noun: 'own field', id }));
    if (there.revision !== change.revision) return refuse(problem('revision_conflict', { count: 1 }));
    const own = all.filter((f) => f.noun === there.noun);
    const next = nextOf(there, change);
    const wrong = (next.retired ? undefined : titleTaken(own, there.noun, next.title, id)) ?? (there.formula === '' && next.formula !== '' ? no('填写的字段不能变成公式，另建一个公式字段。', 'A typed field cannot become a formula; make another field.') : undefined)
      ?? (there.formula !== '' && next.formula === '' ? no('公式不能为空。', 'The formula must not be empty.') : undefined) ?? formulaWrong(there.noun, next.formula, all) ?? formulasThatRead(there, next, own) ?? (await choicesInUse(there, next, session)) ?? (next.retired && !there.retired ? await rulesThatRead(there) : undefined);
    if (wrong) return wrong;
    const now = rt.clock.now();
    await OwnFields.updateOne({ _id: id, revision: change.revision }, { $set: { ...next, changedAt: now }, $inc: { revision: 1 } }, { session });
    const command = next.retired === there.retired ? 'change-own-field' : next.retired ? 'retire-own-field' : 'restore-own-field';
    await audit(rt, session, [{ userId: user.userId, command, noun: 'own-fields', id, before: shape(there), after: shape({ ...there, ...next }), at: now }]);
    return ok({ ...there, ...next, revision: change.revision + 1 });
  });
}
function nextOf(there: OwnField, change: z.output<typeof OwnFieldChange>) {
  const title = { zh: change.zh ?? there.title.zh, en: change.en ?? (there.title.en === there.title.zh ? (change.zh ?? there.title.en) : there.title.en) };
  const renamed = title.zh !== there.title.zh || title.en !== there.title.en;
  return {
    title, formerly: renamed ? [...there.formerly.filter((t) => t.zh !== title.zh || t.en !== title.en), there.title] : there.formerly, choices: change.choices && there.type === 'choice' ? [...new Set(change.choices)] : there.choices,
    formula: change.formula?.trim() ?? there.formula, roles: change.roles ? [...new Set(change.roles)] : there.roles, retired: change.retired ?? there.retired,
  };
}
/** A rename keeps formulas that name the field by its key; by its title they would break, so they are named. */
function formulasThatRead(there: OwnField, next: { readonly title: OwnField['title']; readonly retired: boolean }, own: readonly OwnField[]): Result<never, Problem> | undefined {
  const keeps = next.retired ? new Set<string>() : new Set([next.title.zh, next.title.en, there.key, `own.${there.key}`]);
  const before = new Set([there.title.zh, there.title.en, there.key, `own.${there.key}`]);
  const reader = own.find((f) => { if (f.formula === '' || f.retired || f.id === there.id) return false; const read = parseFormula(f.formula); return read.ok && read.value.names.some((n) => before.has(n) && !keeps.has(n)); });
  return reader ? no(`公式字段“${reader.title.zh}”还在用它，先改那个公式。`, `The formula field “${reader.title.en}” reads it; change that formula first.`) : undefined;
}
async function choicesInUse(there: OwnField, next: { readonly choices: readonly string[] }, session: ClientSession): Promise<Result<never, Problem> | undefined> {
  const gone = there.choices.filter((c) => !next.choices.includes(c));
  if (there.type === 'choice' && next.choices.length === 0 && there.formula === '') return no('选项至少写一个。', 'Write at least one allowed value.');
  if (gone.length === 0 || there.formula !== '') return undefined;
  const used = await OwnValues.findOne({ noun: there.noun, [`values.${there.key}`]: { $in: gone } }, { values: 1 }).session(session).lean<OwnValuesDoc>();
  const value = used?.values[there.key];
  return used ? no(`还有行填着“${String(value)}”，先改掉它们。`, `Rows still say “${String(value)}”; change them first.`) : undefined;
}
async function rulesThatRead(there: OwnField): Promise<Result<never, Problem> | undefined> {
  for (const table of TABLES) {
    const row = (await liveRows(table.name)).rows.find((r) => (r.cells[ruleKey(there)] ?? '') !== '');
    if (row) return no(`${table.title.zh} ${row.id} 还在看它，先改那条规则。`, `${table.title.en}, row ${row.id}, looks at it; change that rule first.`);
  }
  return undefined;
}
