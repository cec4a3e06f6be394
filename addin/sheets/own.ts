/** Own fields in sheets: the columns that a company added, beside those of the contract, and how they come into a sheet that is there already. */
import { ownFieldRoutes, withColumns } from '../../api/contract/own-fields.ts';
import type { ResponseOf } from '../../api/contract/route.ts';
import { SHEETS, sheetByName } from '../../api/contract/sheets/index.ts';
import type { Column, Sheet } from '../../api/contract/sheets/sheet.ts';
import { ApiProblem, type Client } from '../client.ts';
import type { Spot, SpreadsheetPort } from '../excel/port.ts';
import { looksOf, type Lang } from './cells.ts';
import { look } from './look.ts';

export type OwnField = ResponseOf<typeof ownFieldRoutes.listOwnFields>['fields'][number];
/** Own columns that a sheet of this workbook has been given, so that a column of the user's with such a title is known as theirs. */
const GIVEN = 'suanpan.own';

export class OwnSheets {
  #columns: Readonly<Record<string, readonly Column[]>> = {};
  fields: readonly OwnField[] = [];
  sheet(name: string): Sheet | undefined {
    const sheet = sheetByName(name);
    return sheet && withColumns(sheet, this.#columns[name] ?? []);
  }
  /** The sheet that shows a noun. */
  ofNoun(noun: string): Sheet | undefined { const sheet = SHEETS.find((s) => s.noun === noun); return sheet && this.sheet(sheet.name); }
  /** Another one when a column came, went, or means something else: then all rows are read again. */
  stamp(name: string): string { return JSON.stringify((this.#columns[name] ?? []).map((c) => [c.key, c.kind, c.title, c.choices, c.editable !== undefined])) + this.fields.filter((f) => f.noun === sheetByName(name)?.noun).map((f) => f.formula).join('|'); }
  async load(client: Client): Promise<void> {
    try {
      const answer = await client.call('listOwnFields');
      this.#columns = answer.columns as unknown as Readonly<Record<string, readonly Column[]>>;
      this.fields = answer.fields;
    } catch (error) {
      // Offline, the columns stay as they were last known; what must be told is told by the list itself.
      if (!(error instanceof ApiProblem)) throw error;
    }
  }
}

/**
 * Gives a sheet its own columns: missing ones stand at the right end, with their look; renamed ones get their new title. A
 * column of the user's that has such a title becomes the field, and what is typed in it is handed back to be kept as drafts;
 * where the field is worked out by the service, theirs is put aside under another name.
 */
export async function placeOwn(port: SpreadsheetPort, sheet: Sheet, lang: Lang, title: string): Promise<readonly Spot[]> {
  const own = sheet.columns.map((c, i) => ({ c, i })).filter(({ c }) => /^own[._]/.test(c.key));
  if (own.length === 0) return [];
  const given = (await port.setting<Record<string, string[]>>(GIVEN)) ?? {};
  const had = new Set(given[sheet.name] ?? []);
  const places = await look(port, sheet, lang, title, { from: 0, count: 0 });
  if (places.blank) return remember(port, given, sheet, own.map(({ c }) => c.key), []);
  const extent = await port.extent(title);
  const looks = looksOf(sheet, lang);
  let free = extent ? extent.column + extent.columns : sheet.columns.length + 1;
  const typed: Spot[] = [];
  const rows = Math.max(1, places.nextRow - places.header - 1);
  for (const { c, i } of own) {
    const at = places.columns[i];
    const look = looks[i + 1]!;
    if (at !== undefined && !had.has(c.key) && c.editable) typed.push({ sheet: title, row: places.header + 1, column: at, rows, columns: 1 });
    if (at !== undefined && !had.has(c.key) && !c.editable) await port.write(title, [{ row: places.header, column: at, values: [[`${c.title[lang]}${lang === 'zh' ? '（我的）' : ' (mine)'}`]] }]);
    if (at !== undefined && (had.has(c.key) || c.editable)) {
      // In the other language it is left as it is; under an earlier title it is renamed.
      if (!had.has(c.key) || !isNow(places.at(places.header, at), c)) await port.addColumns(title, places.header, [{ ...look, column: at }], rows);
      continue;
    }
    await port.addColumns(title, places.header, [{ ...look, column: free }], rows);
    free += 1;
  }
  return remember(port, given, sheet, own.map(({ c }) => c.key), typed);
}
const isNow = (cell: unknown, c: Column): boolean => cell === c.title.zh || cell === c.title.en;
async function remember(port: SpreadsheetPort, given: Readonly<Record<string, string[]>>, sheet: Sheet, keys: string[], typed: readonly Spot[]): Promise<readonly Spot[]> {
  if (JSON.stringify(given[sheet.name]) !== JSON.stringify(keys)) await port.saveSetting(GIVEN, { ...given, [sheet.name]: keys });
  return typed;
}
export type UserColumn = { readonly sheet: Sheet; readonly title: string; readonly type: 'text' | 'number' | 'flag' | 'choice'; readonly choices: readonly string[] };
const YES_NO = /^(是|否|true|false|☑|☐|yes|no)$/i;
/** The user's own column at the selection, with the type that its cells look like. */
export async function userColumnAt(port: SpreadsheetPort, lang: Lang, spot: Spot, sheet: Sheet): Promise<UserColumn | undefined> {
  const places = await look(port, sheet, lang, spot.sheet);
  if (!places.own.includes(spot.column)) return undefined;
  const values = [...places.rows.values()].map((row) => places.at(row, spot.column)).filter((v) => v !== '');
  const words = [...new Set(values.map(String))];
  const type = values.length === 0 ? 'text' : values.every((v) => typeof v === 'number') ? 'number' : words.every((v) => YES_NO.test(v)) ? 'flag' : words.length <= 8 && values.length >= words.length * 2 ? 'choice' : 'text';
  return { sheet, title: String(places.at(places.header, spot.column)), type, choices: type === 'choice' ? words : [] };
}
