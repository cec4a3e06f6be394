/** The globals of Office.js over a grid: `Office`, `Excel`, `CustomFunctions`, and what the page needs to drive them. */
import { FUNCTIONS, NAMESPACE } from '../functions/metadata.ts';
import { CustomFunctionError, FunctionHost } from './custom-functions.ts';
import type { Area, CellWrite, Edit, Grid } from './grid.ts';
import { addressOf } from './host/address.ts';
import { QueueContext, type Book, type Events, type Handlers } from './host/context.ts';
import { OfficeError } from './host/errors.ts';
import { HostWorkbook } from './host/workbook.ts';

export type OfficeOptions = { readonly grid: Grid; readonly lang: 'zh' | 'en'; readonly settings: Readonly<Record<string, unknown>>; readonly saveSettings: (settings: Readonly<Record<string, unknown>>) => void; readonly showPane?: () => void; readonly hidePane?: () => void };
export type OfficeHost = { readonly Office: object; readonly Excel: object; readonly CustomFunctions: object; readonly action: (id: string) => Promise<void>; readonly functions: FunctionHost; readonly idle: () => Promise<void> };

/** Requirement sets that the host keeps; others are not said to be there. */
const SETS: Readonly<Record<string, number>> = { ExcelApi: 1.14, SharedRuntime: 1.1, CustomFunctionsRuntime: 1.1, DialogApi: 0 };

class HostRequestContext extends QueueContext {
  readonly workbook: HostWorkbook;
  readonly application = { suspendApiCalculationUntilNextSync: () => undefined, suspendScreenUpdatingUntilNextSync: () => undefined, calculationMode: 'Automatic' };
  readonly runtime: { enableEvents: boolean };
  constructor(book: Book) {
    super(book);
    this.workbook = new HostWorkbook(this);
    this.runtime = Object.defineProperty({} as { enableEvents: boolean }, 'enableEvents', { get: () => book.events.on, set: (on: boolean) => this.enqueue(() => { this.flush(); book.events.on = on; }) });
  }
}

export function makeOffice(options: OfficeOptions): OfficeHost {
  const { grid } = options;
  const settings = new Map(Object.entries(options.settings));
  const events: Events = { changed: new Set(), selected: new Set(), activated: new Set(), on: true };
  let pending = 0;
  const fire = (handlers: Handlers, sheetId: string, event: unknown): void => {
    if (!events.on) return;
    for (const handler of handlers) {
      if (handler.sheetId !== undefined && handler.sheetId !== sheetId) continue;
      pending += 1;
      void handler.run(event).catch((error: unknown) => console.error(error)).finally(() => { pending -= 1; });
    }
  };
  const changed = (edit: Edit): void => {
    const one = edit.cells.length === 1 ? edit.cells[0]! : undefined;
    const event = {
      type: 'WorksheetChanged', changeType: 'RangeEdited', worksheetId: edit.sheetId, address: addressOf(around(edit.cells)), source: 'Local', triggerSource: edit.ours ? 'ThisLocalAddin' : 'Unknown',
      ...(one ? { details: { valueBefore: one.before ?? '', valueAfter: one.after ?? '' } } : {}),
    };
    fire(events.changed, edit.sheetId, event);
  };
  const book: Book = {
    grid, settings, events, saveSettings: () => options.saveSettings(Object.fromEntries(settings)),
    wrote: (sheetId, cells) => {
      const list = valuesIn(cells);
      if (list.length > 0) changed({ sheetId, cells: list, ours: true });
    },
  };
  grid.onEdit(changed);
  grid.onSelection((sheetId, area) => fire(events.selected, sheetId, { type: 'WorksheetSelectionChanged', worksheetId: sheetId, address: addressOf(area), workbookId: '' }));
  grid.onActivated((sheetId) => fire(events.activated, sheetId, { type: 'WorksheetActivated', worksheetId: sheetId }));
  const functions = new FunctionHost(grid, NAMESPACE, FUNCTIONS);
  const actions = new Map<string, (event: { completed: () => void }) => unknown>();
  const run = async (first: unknown, second?: unknown): Promise<unknown> => {
    const batch = (typeof first === 'function' ? first : second) as (context: HostRequestContext) => Promise<unknown>;
    const context = new HostRequestContext(book);
    pending += 1;
    try {
      const answer = await batch(context);
      await context.sync();
      return answer;
    } finally {
      pending -= 1;
    }
  };
  return {
    Excel: { run, RequestContext: HostRequestContext, createWorkbook: () => Promise.reject(new OfficeError('ApiNotFound', 'createWorkbook')) },
    Office: officeOf(options, settings, actions), CustomFunctions: { associate: (id: string, work: (...args: readonly unknown[]) => unknown) => functions.associate(id, work), Error: CustomFunctionError, ErrorCode: { notAvailable: '#N/A', invalidValue: '#VALUE!', divisionByZero: '#DIV/0!', invalidName: '#NAME?', invalidNumber: '#NUM!' } },
    functions,
    action: async (id) => {
      const action = actions.get(id);
      if (!action) throw new Error(`no action ${id} is associated`);
      pending += 1;
      try {
        await action({ completed: () => undefined });
      } finally {
        pending -= 1;
      }
    },
    idle: () => settled(() => pending === 0 && !functions.busy() && !grid.calculating()),
  };
}

function officeOf(options: OfficeOptions, settings: Map<string, unknown>, actions: Map<string, (event: { completed: () => void }) => unknown>): object {
  const info = { host: 'Excel', platform: 'OfficeOnline' };
  const context = {
    ...info, displayLanguage: options.lang === 'zh' ? 'zh-CN' : 'en-US', contentLanguage: options.lang === 'zh' ? 'zh-CN' : 'en-US', partitionKey: 'workbench',
    requirements: { isSetSupported: (name: string, version = '1.1') => (SETS[name] ?? 0) >= Number(version) },
    document: { settings: { get: (key: string) => settings.get(key) ?? null, set: (key: string, value: unknown) => void settings.set(key, value), remove: (key: string) => void settings.delete(key), saveAsync: (done?: (r: { status: string }) => void) => { options.saveSettings(Object.fromEntries(settings)); done?.({ status: 'succeeded' }); } } },
  };
  return {
    onReady: async (then?: (info: object) => unknown) => { await then?.(info); return info; }, context, HostType: { Excel: 'Excel' }, PlatformType: { OfficeOnline: 'OfficeOnline' }, AsyncResultStatus: { Succeeded: 'succeeded', Failed: 'failed' },
    StartupBehavior: { none: 'None', load: 'Load' },
    addin: { showAsTaskpane: async () => options.showPane?.(), hide: async () => options.hidePane?.(), setStartupBehavior: async () => undefined, onVisibilityModeChanged: async () => async () => undefined },
    actions: { associate: (id: string, action: (event: { completed: () => void }) => unknown) => void actions.set(id, action) }, ribbon: { requestUpdate: async () => undefined },
  };
}

function around(cells: readonly { readonly row: number; readonly column: number }[]): Area {
  const [rows, columns] = [cells.map((c) => c.row), cells.map((c) => c.column)];
  const least = (list: readonly number[]): number => list.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (list: readonly number[]): number => list.reduce((a, b) => Math.max(a, b), 0);
  return { row: least(rows), column: least(columns), rows: most(rows) - least(rows) + 1, columns: most(columns) - least(columns) + 1 };
}
function valuesIn(cells: ReadonlyMap<number, ReadonlyMap<number, CellWrite>>) {
  const list: Edit['cells'][number][] = [];
  for (const [row, columns] of cells) for (const [column, write] of columns) if (write.value !== undefined || write.formula !== undefined) list.push({ row, column, before: null, after: write.value ?? null });
  return list;
}

/** Resolves when nothing was going on for a few frames in a row. */
async function settled(quiet: () => boolean): Promise<void> {
  for (let calm = 0; calm < 4; calm = quiet() ? calm + 1 : 0) await new Promise((resolve) => { setTimeout(resolve, 25); });
}
