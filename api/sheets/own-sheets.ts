/** Sheets with own columns: they are checked by the same parser, published in the same batch, and seen in the same revision and audit as the others. */
import { isOwnNoun, ownColumn, sees, withColumns, type OwnField, type OwnNoun } from '../contract/own-fields.ts';
import type { OwnValue } from '../contract/own-row.ts';
import { SHEETS, sheetByName } from '../contract/sheets/index.ts';
import type { Column, Sheet } from '../contract/sheets/sheet.ts';
import { ok, refuse } from '../contract/values/result.ts';
import type { Session } from '../access/roles.ts';
import { ownFields, ownId, OwnValues, revisionsOf, ruleColumns, touchRow, typedValues } from '../fields/index.ts';
import { reviewAgain } from '../orders/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { audit } from '../store/audit.ts';
import type { CellRefusal, PublishContext, SheetCommands, SheetEdit } from './commands.ts';

const OWN = 'own.';
export const ownColumnsOf = (sheet: Sheet, fields: readonly OwnField[], user: Pick<Session, 'role'>): Column[] => [...fields.filter((f) => f.noun === sheet.noun && sees(f, user)).map(ownColumn), ...ruleColumns(sheet.name, fields)];
/** A sheet as this person has it. */
export async function sheetFor(name: string, user: Pick<Session, 'role'>): Promise<Sheet | undefined> {
  const sheet = sheetByName(name);
  return sheet && withColumns(sheet, ownColumnsOf(sheet, await ownFields(), user));
}

const pick = <V>(set: Readonly<Record<string, V>>, own: boolean): Record<string, V> => Object.fromEntries(Object.entries(set).filter(([key]) => key.startsWith(OWN) === own));

/** Every sheet of a noun that can have own fields takes them, also one that has nothing else to edit. */
export function withOwn(all: readonly SheetCommands[]): SheetCommands[] {
  const made = SHEETS.flatMap((sheet): SheetCommands[] => (isOwnNoun(sheet.noun) ? [wrapped(sheet, sheet.noun, all.find((c) => c.sheet === sheet.name))] : []));
  return [...all.filter((c) => !made.some((m) => m.sheet === c.sheet)), ...made];
}
function wrapped(sheet: Sheet, noun: OwnNoun, base: SheetCommands | undefined): SheetCommands {
  return {
    sheet: sheet.name, noun: base?.noun ?? noun, ...(base?.choices ? { choices: base.choices } : {}),
    load: async (rt, ids, session) => {
      const rows = base ? await base.load(rt, ids, session) : new Map([...(await revisionsOf(noun, ids, session))].map(([id, revision]) => [id, { revision, values: {} }]));
      const own = await typedValues(noun, [...rows.keys()], session);
      return new Map([...rows].map(([id, row]) => [id, { revision: row.revision, values: { ...row.values, ...Object.fromEntries(Object.entries(own.get(id) ?? {}).map(([key, value]) => [`${OWN}${key}`, value])) } }]));
    },
    apply: async (rt, edits, context) => {
      const others = edits.map((e) => ({ ...e, set: pick(e.set, false) })).filter((e) => Object.keys(e.set).length > 0);
      const mine = edits.map((e) => ({ ...e, set: pick(e.set, true) })).filter((e) => Object.keys(e.set).length > 0);
      const done = base && (others.length > 0 || mine.length === 0) ? await base.apply(rt, others, context) : ok({ effects: [] });
      if (!done.ok || mine.length === 0) return done;
      const moved = await touched(noun, mine, new Set(others.map((e) => e.id)), context);
      if (moved.length > 0) return refuse(moved);
      const cells = await writeOwn(rt, noun, mine, context);
      const again = await reviewAgain(rt, context.session, noun, mine.map((e) => ({ id: e.id, keys: Object.keys(e.set).map((key) => key.slice(OWN.length)) })));
      if (again > 0) rt.wake('review-orders');
      return ok({ effects: [...done.value.effects, { zh: `自有字段改了 ${cells} 格`, en: `${cells} cells of own fields changed` }, ...(again > 0 ? [{ zh: `规则要看它们，${again} 单重审`, en: `rules look at them: ${again} orders are reviewed again` }] : [])] });
    },
  };
}
/** A row that the pillar has just written has its new revision already, unless there was nothing in it to write. */
async function touched(noun: OwnNoun, edits: readonly SheetEdit[], written: ReadonlySet<string>, { session, now }: PublishContext): Promise<CellRefusal[]> {
  const wrong: CellRefusal[] = [];
  for (const e of edits) {
    if ((await touchRow(noun, e.id, e.revision, now, session)) || written.has(e.id)) continue;
    wrong.push({ row: e.row, column: Object.keys(e.set)[0]!, code: 'changed_meanwhile', message: { zh: `第 ${e.row} 行刚被改过，刷新后再发布。`, en: `Row ${e.row} was changed just now; refresh, then publish again.` } });
  }
  return wrong;
}
async function writeOwn(rt: Runtime, noun: OwnNoun, edits: readonly SheetEdit[], { session, user, now, batchId }: PublishContext): Promise<number> {
  const before = await typedValues(noun, edits.map((e) => e.id), session);
  const values = (e: SheetEdit): Record<string, OwnValue> => Object.fromEntries(Object.entries(e.set).map(([key, value]) => [key.slice(OWN.length), value]));
  await OwnValues.bulkWrite(edits.map((e) => ({
    updateOne: { filter: { _id: ownId(noun, e.id) }, update: { $set: { noun, rowId: e.id, changedAt: now, ...Object.fromEntries(Object.entries(values(e)).map(([key, value]) => [`values.${key}`, value])) }, $inc: { revision: 1 } }, upsert: true },
  })), { session });
  await audit(rt, session, edits.map((e) => {
    const after = values(e);
    const was = before.get(e.id) ?? {};
    return { userId: user.userId, command: 'set-own-field', noun, id: e.id, before: Object.fromEntries(Object.keys(after).map((key) => [key, was[key] ?? null])), after, batchId, at: now };
  }));
  return edits.reduce((n, e) => n + Object.keys(e.set).length, 0);
}
