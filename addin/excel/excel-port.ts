/** The port over Office.js: the same code in Excel and in the workbench. */
import { changePicture, putPicture } from './pictures.ts';
import type { Block, Cell, ColumnLook, Paint, Spot, SpreadsheetPort, Unlisten, Write, StreamCell } from './port.ts';

/** A request holds at most 5 MB; two leave room for what Office.js adds. */
const CHUNK_BYTES = 2_000_000;
/** Property of a sheet that says which of ours it is. */
const ROLE = 'suanpan.sheet';
const CELLS_PER_READ = 80_000;
/** Read between two breaths of the page. */
const CELLS_PER_SLICE = 20_000;
const LOOKS: Readonly<Record<Paint['look'], { readonly fill: string | undefined; readonly color?: string; readonly bold?: boolean }>> = {
  draft: { fill: '#FFF1C2', color: '#000000' }, bad: { fill: '#FBD5D0', color: '#8E1F12' }, conflict: { fill: '#E3D4F7', color: '#4A2378' }, plain: { fill: undefined, color: '#000000' }, heading: { fill: '#F3EDE6', bold: true }, muted: { fill: undefined, color: '#7A7A7A' },
};
const run = <T>(work: (context: Excel.RequestContext) => Promise<T>): Promise<T> => Excel.run({ delayForCellEdit: true } as never, work as never) as Promise<T>;
const column = (name: string): number => [...name].reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1;

/** `B3:D5` as a spot; whole rows or columns are cut to what a sheet can hold of ours. */
export function spotOf(sheet: string, address: string): Spot {
  const plain = address.slice(address.lastIndexOf('!') + 1).replaceAll('$', '').split(',')[0]!;
  const [from = 'A1', to = from] = plain.split(':');
  const read = (part: string, end: boolean): [number, number] => {
    const m = /^([A-Z]*)(\d*)$/.exec(part.toUpperCase());
    return [m?.[2] ? Number(m[2]) - 1 : end ? 60_000 : 0, m?.[1] ? column(m[1]) : end ? 200 : 0];
  };
  const [a, b] = [read(from, false), read(to, true)];
  return { sheet, row: Math.min(a[0], b[0]), column: Math.min(a[1], b[1]), rows: Math.abs(b[0] - a[0]) + 1, columns: Math.abs(b[1] - a[1]) + 1 };
}

/** Cuts a tall block into pieces that fit a request. */
function* pieces(write: Write): Generator<Write> {
  let from = 0;
  for (let bytes = 0, i = 0; i < write.values.length; i += 1) {
    bytes += write.values[i]!.reduce<number>((n, v) => n + (typeof v === 'string' ? v.length * 3 + 4 : 12), 0);
    if (bytes < CHUNK_BYTES && i < write.values.length - 1) continue;
    yield { row: write.row + from, column: write.column, values: write.values.slice(from, i + 1) };
    [from, bytes] = [i + 1, 0];
  }
}

/** A character of the default font is about 5.6 points wide; Chinese ones take two. */
const pointsOf = (characters: number): number => characters * 5.6 + 6;

/** A list written out takes 255 characters and no commas inside; the first that fit, in the order in which they are likely. */
function listSource(values: readonly string[]): string {
  let text = '';
  for (const v of values) if (!v.includes(',') && text.length + v.length + 1 <= 255) text += `${text === '' ? '' : ','}${v}`;
  return text;
}
const letters = (n: number): string => (n < 26 ? '' : letters(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26));
const addressOf = (row: number, c: number): string => `${letters(c)}${row + 1}`;
/** Neighbouring rows together, no more than `most` of them. */
function runsOf(rows: readonly number[], most: number): { readonly from: number; readonly count: number }[] {
  const made: { from: number; count: number }[] = [];
  for (const row of [...rows].sort((a, b) => a - b)) {
    const last = made.at(-1);
    if (last && last.from + last.count === row && last.count < most) last.count += 1; else made.push({ from: row, count: 1 });
  }
  return made;
}
/** Runs of rows in pieces of about `most` rows. */
function piecesOf<R extends { readonly count: number }>(runs: readonly R[], most: number): R[][] {
  const made: R[][] = [];
  let rows = most;
  for (const run of runs) {
    if (rows >= most) { made.push([]); rows = 0; }
    made.at(-1)!.push(run);
    rows += run.count;
  }
  return made;
}
/** Texts stand left and numbers right by themselves; only what does not is told. */
function format(range: Excel.Range, c: ColumnLook): void {
  range.numberFormat = c.format as never;
  if (c.right ? c.format === '@' : c.format !== '@') range.format.horizontalAlignment = c.right ? 'Right' : 'Left';
}

function heading(sheet: Excel.Worksheet, row: number, c: ColumnLook): void {
  const head = sheet.getRangeByIndexes(row, c.column, 1, 1);
  head.numberFormat = '@' as never;
  head.values = [[c.title]];
  head.format.font.bold = true;
  head.format.fill.color = c.editable ? '#FBE3DC' : '#EFEBE7';
  head.format.font.color = '#3A2A24';
}

export class ExcelPort implements SpreadsheetPort {
  readonly lang: 'zh' | 'en';
  #own = 0;
  readonly #names = new Map<string, string>();
  constructor(lang: 'zh' | 'en') { this.lang = lang; }

  ensureSheet(name: string): Promise<boolean> {
    return run(async (context) => {
      const sheet = context.workbook.worksheets.getItemOrNullObject(name);
      sheet.load('name');
      await context.sync();
      if (!sheet.isNullObject) return false;
      context.workbook.worksheets.add(name);
      await context.sync();
      return true;
    });
  }
  hasSheet(name: string): Promise<boolean> {
    return run(async (context) => {
      const sheet = context.workbook.worksheets.getItemOrNullObject(name);
      sheet.load('name');
      await context.sync();
      return !sheet.isNullObject;
    });
  }
  sheetOf(role: string): Promise<string | undefined> { return this.#roles((found) => found.find((f) => f.role === role)?.name); }
  roleOf(sheet: string): Promise<string | undefined> { return this.#roles((found) => (found.find((f) => f.id === sheet) ?? found.find((f) => f.name === sheet))?.role); }
  /** The mark names the sheet's id too: a copy takes the properties along and must not be taken for the sheet. */
  #roles<T>(pick: (found: readonly { readonly id: string; readonly name: string; readonly role: string }[]) => T): Promise<T> {
    return run(async (context) => {
      const { worksheets } = context.workbook;
      worksheets.load('items/id,items/name');
      await context.sync();
      const marks = worksheets.items.map((sheet) => ({ sheet, property: sheet.customProperties.getItemOrNullObject(ROLE) }));
      for (const { property } of marks) property.load('value');
      await context.sync();
      return pick(marks.flatMap(({ sheet, property }) => { const [role = '', id] = property.isNullObject ? [] : property.value.split('|'); return id === sheet.id ? [{ id: sheet.id, name: sheet.name, role }] : []; }));
    });
  }
  mark(name: string, role: string): Promise<void> {
    return run(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      sheet.load('id');
      await context.sync();
      sheet.customProperties.add(ROLE, `${role}|${sheet.id}`);
      await context.sync();
    });
  }
  formulasAt(spot: Spot): Promise<readonly (readonly Cell[])[]> {
    return run(async (context) => {
      const range = context.workbook.worksheets.getItem(spot.sheet).getRangeByIndexes(spot.row, spot.column, spot.rows, spot.columns);
      range.load('formulas');
      await context.sync();
      return range.formulas as Cell[][];
    });
  }
  fillDown(name: string, columns: readonly number[], from: number, row: number, rows: number): Promise<void> {
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      for (const c of columns) sheet.getRangeByIndexes(row, c, rows, 1).copyFrom(sheet.getRangeByIndexes(from, c, 1, 1), 'All');
      await context.sync();
    });
  }
  removeRows(name: string, rows: readonly number[]): Promise<void> {
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      // From below, so that what is still to go keeps its place; neighbours go together.
      const runs: { from: number; count: number }[] = [];
      for (const row of [...rows].sort((a, b) => b - a)) {
        const last = runs.at(-1);
        if (last && last.from - 1 === row) { last.from = row; last.count += 1; } else runs.push({ from: row, count: 1 });
      }
      for (const { from, count } of runs) sheet.getRange(`${from + 1}:${from + count}`).delete('Up');
      await context.sync();
    });
  }
  part(namespace: string): Promise<string | undefined> {
    return run(async (context) => {
      const part = context.workbook.customXmlParts.getByNamespace(namespace).getOnlyItemOrNullObject();
      part.load('id');
      await context.sync();
      if (part.isNullObject) return undefined;
      const xml = part.getXml();
      await context.sync();
      return xml.value;
    });
  }
  keepPart(namespace: string, xml: string | undefined): Promise<void> {
    return run(async (context) => {
      const parts = context.workbook.customXmlParts;
      const part = parts.getByNamespace(namespace).getOnlyItemOrNullObject();
      part.load('id');
      await context.sync();
      if (part.isNullObject) { if (xml !== undefined) parts.add(xml); } else if (xml === undefined) part.delete();
      else part.setXml(xml);
      await context.sync();
    });
  }
  show(name: string): Promise<void> { return run(async (context) => { context.workbook.worksheets.getItem(name).activate(); await context.sync(); }); }
  activeSheet(): Promise<string> {
    return run(async (context) => {
      const sheet = context.workbook.worksheets.getActiveWorksheet();
      sheet.load('name');
      await context.sync();
      return sheet.name;
    });
  }
  read(name: string): Promise<Block | undefined> {
    return run(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      const used = sheet.getUsedRangeOrNullObject(true);
      used.load('rowIndex,columnIndex,rowCount,columnCount');
      await context.sync();
      if (used.isNullObject) return undefined;
      const { rowIndex: row, columnIndex: column, rowCount, columnCount } = used;
      const values: Cell[][] = [];
      // An answer holds at most 5 MB: pieces of rows, halved when their texts are long.
      for (let at = 0, rows = Math.max(1, Math.floor(CELLS_PER_READ / columnCount)); at < rowCount;) {
        const count = Math.min(rows, rowCount - at);
        const piece = sheet.getRangeByIndexes(row + at, column, count, columnCount);
        piece.load('values');
        try {
          // one sync a piece: an answer holds at most 5 MB
          await context.sync();
        } catch (error) {
          if ((error as { code?: string }).code !== 'ResponsePayloadSizeLimitExceeded' || count === 1) throw error;
          rows = Math.max(1, Math.floor(count / 2));
          continue;
        }
        for (const line of piece.values as Cell[][]) values.push(line);
        at += count;
      }
      return { row, column, values };
    });
  }
  extent(name: string): Promise<Spot | undefined> {
    return run(async (context) => {
      const used = context.workbook.worksheets.getItem(name).getUsedRangeOrNullObject(true);
      used.load('rowIndex,columnIndex,rowCount,columnCount');
      await context.sync();
      return used.isNullObject ? undefined : { sheet: name, row: used.rowIndex, column: used.columnIndex, rows: used.rowCount, columns: used.columnCount };
    });
  }
  readRows(name: string, rows: readonly number[], first: number, columns: number): Promise<ReadonlyMap<number, readonly Cell[]>> {
    return run(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      const most = Math.max(1, Math.floor(CELLS_PER_SLICE / columns));
      const found = new Map<number, readonly Cell[]>();
      for (const piece of piecesOf(runsOf(rows, most), most)) {
        const ranges = piece.map(({ from, count }) => ({ row: from, range: sheet.getRangeByIndexes(from, first, count, columns) }));
        for (const { range } of ranges) range.load('values');
        // one sync a piece: the page breathes between two
        await context.sync();
        for (const { row, range } of ranges) (range.values as Cell[][]).forEach((line, i) => found.set(row + i, line));
      }
      return found;
    });
  }
  readAt(spot: Spot): Promise<readonly (readonly Cell[])[]> {
    return run(async (context) => {
      const range = context.workbook.worksheets.getItem(spot.sheet).getRangeByIndexes(spot.row, spot.column, spot.rows, spot.columns);
      range.load('values');
      await context.sync();
      return range.values as Cell[][];
    });
  }
  async write(name: string, writes: readonly Write[]): Promise<void> {
    await this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      let bytes = 0;
      for (const write of writes) for (const piece of pieces(write)) {
        if (piece.values.length === 0 || piece.values[0]!.length === 0) continue;
        sheet.getRangeByIndexes(piece.row, piece.column, piece.values.length, piece.values[0]!.length).values = piece.values as never;
        bytes += piece.values.length * piece.values[0]!.length * 14;
        if (bytes < CHUNK_BYTES) continue;
        // one sync a piece: a request holds at most 5 MB
        await context.sync();
        bytes = 0;
      }
      await context.sync();
    });
  }
  formatRows(name: string, columns: readonly ColumnLook[], row: number, rows: number): Promise<void> {
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      for (const c of columns) format(sheet.getRangeByIndexes(row, c.column, rows, 1), c);
      await context.sync();
    });
  }
  append(name: string, columns: readonly ColumnLook[], row: number, rows: number, writes: readonly Write[]): Promise<void> {
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      // Set before the values, or long ids lose their digits.
      for (const c of columns) format(sheet.getRangeByIndexes(row, c.column, rows, 1), c);
      for (const w of writes) if (w.values.length > 0 && w.values[0]!.length > 0) sheet.getRangeByIndexes(w.row, w.column, w.values.length, w.values[0]!.length).values = w.values as never;
      await context.sync();
    });
  }
  lists(name: string, columns: readonly ColumnLook[], row: number, rows: number): Promise<void> {
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      for (const c of columns) if (c.choices && c.editable) sheet.getRangeByIndexes(row, c.column, rows, 1).dataValidation.rule = { list: { inCellDropDown: true, source: c.choices.join(',') } };
      await context.sync();
    });
  }
  choices(name: string, cells: readonly { readonly row: number; readonly column: number; readonly values: readonly string[] }[]): Promise<void> {
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      const found = cells.map((c) => ({ source: listSource(c.values), validation: sheet.getRangeByIndexes(c.row, c.column, 1, 1).dataValidation }));
      for (const { validation } of found) validation.load('rule');
      await context.sync();
      // Undo may be lost by a write: the same is not written again.
      for (const { source, validation } of found) {
        if ((validation.rule.list?.source ?? '') === source) continue;
        validation.clear();
        if (source !== '') validation.rule = { list: { inCellDropDown: true, source } };
        // Excel would stop what is not in the list without saying why.
        if (source !== '') validation.errorAlert = { showAlert: false, message: '', style: 'Information', title: '' };
      }
      await context.sync();
    });
  }
  notes(name: string, notes: readonly { readonly row: number; readonly column: number; readonly words: string | undefined }[]): Promise<void> {
    // Notes came with ExcelApi 1.18; the workbench has them without claiming the set. Below it, colour and pane tell.
    if (notes.length === 0 || !(Office.context.requirements.isSetSupported('ExcelApi', '1.18') || Office.context.requirements.isSetSupported('WorkbenchNotes', '1.1'))) return Promise.resolve();
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      const found = notes.map((n) => ({ ...n, note: sheet.notes.getItemOrNullObject(addressOf(n.row, n.column)) }));
      for (const { note } of found) note.load('content');
      await context.sync();
      for (const { row, column: c, words, note } of found) {
        if (!note.isNullObject && (words === undefined || note.content !== words)) note.delete();
        if (words !== undefined && (note.isNullObject || note.content !== words)) sheet.notes.add(addressOf(row, c), words);
      }
      await context.sync();
    });
  }
  dress(name: string, look: { readonly headerRow: number; readonly columns: readonly ColumnLook[]; readonly frozenColumns: number; readonly rows: number }): Promise<void> {
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      const last = look.columns.length;
      for (const c of look.columns) {
        const whole = sheet.getRangeByIndexes(0, c.column, 1, 1);
        whole.format.columnWidth = pointsOf(c.width);
        if (c.hidden) whole.getEntireColumn().columnHidden = true;
        heading(sheet, look.headerRow, c);
      }
      sheet.freezePanes.freezeAt(sheet.getRangeByIndexes(0, 0, look.headerRow + 1, Math.max(1, look.frozenColumns)));
      sheet.autoFilter.apply(sheet.getRangeByIndexes(look.headerRow, 0, look.rows + 1, last));
      await context.sync();
    });
  }
  addColumns(name: string, headerRow: number, columns: readonly ColumnLook[], rows: number): Promise<void> {
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      for (const c of columns) {
        sheet.getRangeByIndexes(0, c.column, 1, 1).format.columnWidth = pointsOf(c.width);
        heading(sheet, headerRow, c);
        const body = sheet.getRangeByIndexes(headerRow + 1, c.column, rows, 1);
        format(body, c);
        if (c.choices && c.editable) body.dataValidation.rule = { list: { inCellDropDown: true, source: c.choices.join(',') } };
      }
      await context.sync();
    });
  }
  widths(name: string, columns: readonly { readonly column: number; readonly width: number }[]): Promise<void> {
    return this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      for (const c of columns) sheet.getRangeByIndexes(0, c.column, 1, 1).format.columnWidth = pointsOf(c.width);
      await context.sync();
    });
  }
  async paint(name: string, cells: readonly Paint[]): Promise<void> {
    if (cells.length === 0) return;
    await this.#quietly(async (context) => {
      const sheet = context.workbook.worksheets.getItem(name);
      for (const cell of cells) {
        const { format } = sheet.getRangeByIndexes(cell.row, cell.column, 1, 1);
        const look = LOOKS[cell.look];
        if (look.fill) format.fill.color = look.fill;
        else format.fill.clear();
        if (look.color) format.font.color = look.color;
        if (look.bold) format.font.bold = true;
      }
      await context.sync();
    });
  }
  select(spot: Spot): Promise<void> {
    return run(async (context) => {
      const sheet = context.workbook.worksheets.getItem(spot.sheet);
      sheet.activate();
      sheet.getRangeByIndexes(spot.row, spot.column, spot.rows, spot.columns).select();
      await context.sync();
    });
  }
  selection(): Promise<Spot> {
    return run(async (context) => {
      const range = context.workbook.getSelectedRange();
      const sheet = context.workbook.worksheets.getActiveWorksheet();
      range.load('address');
      sheet.load('name');
      await context.sync();
      return spotOf(sheet.name, range.address);
    });
  }

  onEdit(listen: (spot: Spot) => Promise<void>): Promise<Unlisten> {
    return run(async (context) => {
      const handler = context.workbook.worksheets.onChanged.add(async (event) => {
        // Our own writes, and those of other people's add-ins, are no edits of this person.
        // Where the host says who it was (ExcelApi 1.14), a person who types while we write is heard.
        if ((event.triggerSource === undefined ? this.#own > 0 : event.triggerSource === 'ThisLocalAddin') || event.source !== 'Local') return;
        if (event.changeType !== 'RangeEdited') return;
        await listen({ ...spotOf(await this.#nameOf(event.worksheetId), event.address), sheetId: event.worksheetId });
      });
      await context.sync();
      return async () => { await run(async () => { handler.remove(); await handler.context.sync(); }); };
    });
  }
  onSelection(listen: (spot: Spot) => Promise<void>): Promise<Unlisten> {
    return run(async (context) => {
      const handler = context.workbook.worksheets.onSelectionChanged.add(async (event) => { await listen(spotOf(await this.#nameOf(event.worksheetId), event.address)); });
      await context.sync();
      return async () => { await run(async () => { handler.remove(); await handler.context.sync(); }); };
    });
  }
  async #nameOf(id: string): Promise<string> {
    const known = this.#names.get(id);
    const name = await run(async (context) => {
      const sheet = context.workbook.worksheets.getItemOrNullObject(id);
      sheet.load('name');
      await context.sync();
      return sheet.isNullObject ? (known ?? '') : sheet.name;
    });
    this.#names.set(id, name);
    return name;
  }
  async #quietly(work: (context: Excel.RequestContext) => Promise<void>): Promise<void> {
    this.#own += 1;
    try {
      await run(work);
    } finally {
      this.#own -= 1;
    }
  }

  setting<T>(key: string): Promise<T | undefined> {
    return run(async (context) => {
      const setting = context.workbook.settings.getItemOrNullObject(key);
      setting.load('value');
      await context.sync();
      return setting.isNullObject ? undefined : (setting.value as T);
    });
  }
  saveSetting(key: string, value: unknown): Promise<void> { return run(async (context) => { context.workbook.settings.add(key, value as never); await context.sync(); }); }
  picture(base64: string, words: string, name?: string): Promise<void> { return putPicture(run, base64, words, name); }
  changePicture(name: string, base64: string, words: string): Promise<boolean> { return changePicture(run, name, base64, words); }
  /** Contextual ribbons came with RibbonApi 1.1; without it every button can be pressed, and says what is missing. */
  async enable(commands: Readonly<Record<string, boolean>>): Promise<void> {
    if (!Office.context.requirements.isSetSupported('RibbonApi', '1.1')) return;
    await Office.ribbon.requestUpdate({ tabs: [{ id: 'Suanpan.Tab', controls: Object.entries(commands).map(([id, enabled]) => ({ id: `Suanpan.${id}`, enabled })) }] });
  }
  async showPane(): Promise<void> { await Office.addin.showAsTaskpane(); }
  associateAction(id: string, work: () => Promise<void>): void {
    Office.actions.associate(id, (event: Office.AddinCommands.Event) => work().catch((error: unknown) => console.error(error)).finally(() => event.completed()));
  }
  /** Excel has no way to mark single functions: all is worked out anew, and what has not moved answers from what is known. */
  recalculate(_functions: readonly string[]): Promise<void> { return run(async (context) => { context.workbook.application.calculate('Full'); await context.sync(); }); }
  associateFunction(id: string, work: (...args: unknown[]) => Promise<number | string | (number | string)[][]>): void { CustomFunctions.associate(id, work as never); }
  associateStream(id: string, work: (args: unknown[], cell: StreamCell) => void): void {
    CustomFunctions.associate(id, ((...args: unknown[]) => {
      const invocation = args.at(-1) as CustomFunctions.StreamingInvocation<unknown>;
      work(args.slice(0, -1), { set: (value) => invocation.setResult(value), whenGone: (listen) => { invocation.onCanceled = listen; } });
    }) as never);
  }
  functionError(kind: 'notAvailable' | 'invalidValue', message: string): Error {
    const code = kind === 'notAvailable' ? CustomFunctions.ErrorCode.notAvailable : CustomFunctions.ErrorCode.invalidValue;
    return new CustomFunctions.Error(code, message) as unknown as Error;
  }
}
