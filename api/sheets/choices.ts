/** The values that a cell may be given now, where they depend on other rows or on other cells of its row. */
import { problem, type Problem } from '../contract/problems.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import { may, type Session } from '../access/roles.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { RowChoices, SheetCommands } from './commands.ts';
import { sheetFor } from './own-sheets.ts';

type Asked = { readonly sheet: string; readonly rows: Parameters<RowChoices>[1]; readonly user: Session };
export async function sheetChoices(rt: Runtime, all: readonly SheetCommands[], { sheet: name, rows, user }: Asked): Promise<Result<{ rows: { id: string; columns: Record<string, string[]> }[] }, Problem>> {
  const [sheet, commands] = [await sheetFor(name, user), all.find((c) => c.sheet === name)];
  if (!sheet || !commands) return refuse(problem('not_found', { noun: 'sheet', id: name }));
  const mine = new Set(sheet.columns.filter((c) => c.list && c.editable && may(user, c.editable.right)).map((c) => c.key));
  const found = mine.size > 0 ? await commands.choices?.(rt, rows) : undefined;
  return ok({ rows: rows.map(({ id }) => ({ id, columns: Object.fromEntries(Object.entries(found?.get(id) ?? {}).filter(([key]) => mine.has(key)).map(([key, values]) => [key, [...values]])) })) });
}
