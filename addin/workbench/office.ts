/** The globals of Office.js over a grid: `Office`, `Excel`, `CustomFunctions`, `OfficeRuntime`, and what a page needs to drive them. */
import { FUNCTIONS, NAMESPACE, type FunctionMeta } from '../functions/metadata.ts';
import { CustomFunctionError, ErrorCode, FunctionHost } from './custom-functions.ts';
import type { Grid } from './grid.ts';
import { Book, type Extras } from './host/book.ts';
import { HostContext, type SyncRecord } from './host/context.ts';
import { notImplemented, OfficeError } from './host/errors.ts';
import { handleOf, isClientObject } from './host/object.ts';
import { Steps } from './host/record.ts';
import { applicationOf, runtimeOf, workbookOf } from './host/kinds/workbook.ts';

export type Storage = { getItem(key: string): string | null; setItem(key: string, value: string): void; removeItem(key: string): void; keys(): readonly string[] };
export type OfficeOptions = {
  readonly grid: Grid; readonly lang: 'zh' | 'en'; readonly extras?: Partial<Extras>; readonly saved: () => void; readonly user?: string; readonly functions?: readonly FunctionMeta[]; readonly record?: (sync: SyncRecord) => void; readonly detailed?: boolean; readonly storage?: Storage;
  readonly showPane?: () => void; readonly hidePane?: () => void; readonly ribbon?: (update: unknown) => void; readonly dialog?: (url: string, options: Readonly<Record<string, unknown>>) => DialogWindow;
};
/** A dialog's window: what it says to its opener, and the other way. */
export type DialogWindow = { readonly say: (message: string) => void; readonly close: () => void; readonly onMessage: (hear: (message: string) => void) => void; readonly onClosed: (hear: () => void) => void };
export type OfficeHost = { readonly Office: Readonly<Record<string, unknown>>; readonly Excel: Readonly<Record<string, unknown>>; readonly CustomFunctions: object; readonly OfficeRuntime: object; readonly action: (id: string) => Promise<void>; readonly functions: FunctionHost; readonly book: Book; readonly idle: () => Promise<void> };

/** Requirement sets that the host keeps; others are not said to be there. */
const SETS: Readonly<Record<string, number>> = { ExcelApi: 1.14, WorkbenchNotes: 1.1, SharedRuntime: 1.1, CustomFunctionsRuntime: 1.4, DialogApi: 1.1, RibbonApi: 1.1, KeyboardShortcuts: 1.1 };

export class HostRequestContext extends HostContext {
  readonly workbook: object;
  readonly application: object;
  readonly runtime: object;
  readonly trackedObjects = { add: () => undefined, remove: () => undefined };
  constructor(book: Book, options: { readonly delayForCellEdit?: boolean } = {}) {
    super(book, options);
    if (book.detailed) this.steps = new Steps((value) => (isClientObject(value) ? handleOf(value) : undefined));
    this.workbook = workbookOf(this);
    this.application = applicationOf(this);
    this.runtime = runtimeOf(this);
  }
}
/** A namespace of which a member that is not there says so. */
const strict = <T extends object>(name: string, members: T): T => new Proxy(members, { get: (target, key) => { if (typeof key === 'symbol' || key === 'then' || key in target) return target[key as keyof T]; throw notImplemented(`${name}.${key}`); } });

export function makeOffice(options: OfficeOptions): OfficeHost {
  const { grid } = options;
  const book = new Book({ grid, changed: options.saved, ...(options.extras ? { extras: options.extras } : {}), ...(options.record ? { record: options.record } : {}), ...(options.detailed ? { detailed: true } : {}), ...(options.user ? { user: options.user } : {}) });
  const functions = new FunctionHost(grid, NAMESPACE, options.functions ?? FUNCTIONS);
  book.recalculatesAll = () => functions.outdate();
  const actions = new Map<string, (event: { completed: () => void }) => unknown>();
  let pending = 0;
  const busy = async <T>(work: () => T | Promise<T>): Promise<T> => {
    pending += 1;
    try {
      return await work();
    } finally {
      pending -= 1;
    }
  };
  const run = (...given: readonly unknown[]): Promise<unknown> => {
    const batch = given.at(-1) as (context: HostContext) => Promise<unknown>;
    if (typeof batch !== 'function') return Promise.reject(new OfficeError('InvalidArgument', 'Excel.run wants a function.'));
    const first = given.length > 1 ? (Array.isArray(given[0]) ? (given[0] as unknown[])[0] : given[0]) : undefined;
    const former = first instanceof HostContext ? first : isClientObject(first) ? handleOf(first).context : undefined;
    const context = former ?? new HostRequestContext(book, (first ?? {}) as { delayForCellEdit?: boolean });
    former?.resume();
    return busy(async () => {
      try {
        const answer = await batch(context);
        await context.sync();
        return answer;
      } finally {
        context.end();
      }
    });
  };
  class OwnContext extends HostRequestContext { constructor() { super(book); } }
  return {
    Excel: strict('Excel', { run, RequestContext: OwnContext, ...ENUMS }), Office: officeOf(options, book, actions), OfficeRuntime: runtimeGlobal(options.storage ?? memoryStorage()), functions, book,
    CustomFunctions: { associate: (id: string | Readonly<Record<string, (...args: readonly unknown[]) => unknown>>, work?: (...args: readonly unknown[]) => unknown) => { if (typeof id === 'string') functions.associate(id, work!); else for (const [name, f] of Object.entries(id)) functions.associate(name, f); }, Error: CustomFunctionError, ErrorCode },
    action: async (id) => {
      const action = actions.get(id);
      if (!action) throw new Error(`no action ${id} is associated`);
      await busy(() => new Promise<void>((resolve, reject) => { void Promise.resolve(action({ completed: resolve })).catch(reject); }));
    },
    idle: () => settled(() => pending === 0 && !book.pending() && !functions.busy() && !grid.calculating() && !grid.drawing()),
  };
}

/** Enumerations that samples name; each value is its own name. */
const enumOf = (...names: readonly string[]): Readonly<Record<string, string>> => Object.fromEntries(names.map((n) => [n.charAt(0).toLowerCase() + n.slice(1), n]));
const ENUMS = {
  InsertShiftDirection: enumOf('Down', 'Right'), DeleteShiftDirection: enumOf('Up', 'Left'), ClearApplyTo: enumOf('All', 'Formats', 'Contents', 'Hyperlinks', 'RemoveHyperlinks'), RangeCopyType: enumOf('All', 'Formulas', 'Values', 'Formats'), CalculationType: enumOf('Recalculate', 'Full', 'FullRebuild'), CalculationMode: enumOf('Automatic', 'AutomaticExceptTables', 'Manual'),
  SpecialCellType: enumOf('ConditionalFormats', 'DataValidations', 'Blanks', 'Constants', 'Formulas', 'SameConditionalFormat', 'SameDataValidation', 'Visible'), SpecialCellValueType: enumOf('All', 'Errors', 'Logical', 'Numbers', 'Text'), FilterOn: enumOf('BottomItems', 'BottomPercent', 'Custom', 'TopItems', 'TopPercent', 'Values'), FilterOperator: enumOf('And', 'Or'),
  ConditionalFormatType: enumOf('Custom', 'DataBar', 'ColorScale', 'TopBottom', 'ContainsText', 'CellValue'), DataValidationOperator: enumOf('Between', 'NotBetween', 'EqualTo', 'NotEqualTo', 'GreaterThan', 'LessThan', 'GreaterThanOrEqualTo', 'LessThanOrEqualTo'), DataValidationAlertStyle: enumOf('Stop', 'Warning', 'Information'),
  BorderIndex: enumOf('EdgeTop', 'EdgeBottom', 'EdgeLeft', 'EdgeRight', 'InsideVertical', 'InsideHorizontal'), BorderLineStyle: enumOf('None', 'Continuous', 'Dash', 'DashDot', 'DashDotDot', 'Dot', 'Double', 'SlantDashDot'), BorderWeight: enumOf('Hairline', 'Thin', 'Medium', 'Thick'), HorizontalAlignment: enumOf('General', 'Left', 'Center', 'Right'), VerticalAlignment: enumOf('Top', 'Center', 'Bottom'),
  SheetVisibility: enumOf('Visible', 'Hidden', 'VeryHidden'), WorksheetPositionType: enumOf('None', 'Before', 'After', 'Beginning', 'End'), SearchDirection: { forward: 'Forward', backwards: 'Backwards' }, KeyboardDirection: enumOf('Left', 'Right', 'Up', 'Down'), SortOn: { value: 'Value' }, AutoFillType: enumOf('FillDefault', 'FillCopy', 'FillSeries'),
  ErrorCodes: { accessDenied: 'AccessDenied', generalException: 'GeneralException', invalidArgument: 'InvalidArgument', invalidOperation: 'InvalidOperation', itemAlreadyExists: 'ItemAlreadyExists', itemNotFound: 'ItemNotFound', apiNotFound: 'ApiNotFound', invalidOperationInCellEditMode: 'InvalidOperationInCellEditMode', requestPayloadSizeLimitExceeded: 'RequestPayloadSizeLimitExceeded', responsePayloadSizeLimitExceeded: 'ResponsePayloadSizeLimitExceeded', rangeExceedsLimit: 'RangeExceedsLimit' },
};

function officeOf(options: OfficeOptions, book: Book, actions: Map<string, (event: { completed: () => void }) => unknown>): Readonly<Record<string, unknown>> {
  const info = { host: 'Excel', platform: 'OfficeOnline' };
  const { settings } = book.extras;
  const done = (then: ((r: object) => void) | undefined, value?: unknown): void => then?.({ status: 'succeeded', value });
  const visibility = new Set<(message: { visibilityMode: string }) => void>();
  const show = (mode: 'Taskpane' | 'Hidden'): Promise<void> => { (mode === 'Taskpane' ? options.showPane : options.hidePane)?.(); for (const tell of visibility) tell({ visibilityMode: mode }); return Promise.resolve(); };
  const culture = options.lang === 'zh' ? 'zh-CN' : 'en-US';
  const context = strict('Office.context', {
    ...info, displayLanguage: culture, contentLanguage: culture, partitionKey: 'workbench', touchEnabled: false, commerceAllowed: true, diagnostics: { host: 'Excel', platform: 'OfficeOnline', version: '16.0' },
    requirements: { isSetSupported: (name: string, version = '1.1') => (SETS[name] ?? 0) >= Number(version) }, ui: dialogs(options), officeTheme: undefined,
    document: strict('Office.context.document', { url: '', mode: 'readWrite', settings: strict('Settings', { get: (key: string) => settings[key] ?? null, set: (key: string, value: unknown) => { settings[key] = JSON.parse(JSON.stringify(value)) as unknown; }, remove: (key: string) => { delete settings[key]; }, saveAsync: (a?: unknown, b?: (r: object) => void) => { book.touched(); done((typeof a === 'function' ? a : b) as never); }, refreshAsync: (then?: (r: object) => void) => done(then) }) }),
  });
  return strict('Office', {
    onReady: async (then?: (i: object) => unknown) => { await then?.(info); return info; }, initialize: undefined, context, HostType: { Excel: 'Excel' }, PlatformType: { OfficeOnline: 'OfficeOnline', PC: 'PC', Mac: 'Mac', iOS: 'iOS', Android: 'Android', Universal: 'Universal' }, AsyncResultStatus: { Succeeded: 'succeeded', Failed: 'failed' }, EventType: { DialogMessageReceived: 'dialogMessageReceived', DialogEventReceived: 'dialogEventReceived' },
    StartupBehavior: { none: 'None', load: 'Load' }, VisibilityMode: { hidden: 'Hidden', taskpane: 'Taskpane' },
    addin: strict('Office.addin', { showAsTaskpane: () => show('Taskpane'), hide: () => show('Hidden'), setStartupBehavior: (b: string) => { settings['Office.startup'] = b; book.touched(); return Promise.resolve(); }, getStartupBehavior: () => Promise.resolve(settings['Office.startup'] ?? 'None'), onVisibilityModeChanged: (hear: (m: { visibilityMode: string }) => void) => { visibility.add(hear); return Promise.resolve(() => { visibility.delete(hear); return Promise.resolve(); }); } }),
    actions: strict('Office.actions', { associate: (id: string, action: (event: { completed: () => void }) => unknown) => void actions.set(id, action), areShortcutsInUse: (combos: readonly string[]) => Promise.resolve(combos.map((shortcut) => ({ shortcut, inUse: false }))), getShortcuts: () => Promise.resolve({}), replaceShortcuts: () => Promise.resolve() }),
    ribbon: strict('Office.ribbon', { requestUpdate: (update: unknown) => { options.ribbon?.(update); return Promise.resolve(); } }),
  });
}
function dialogs(options: OfficeOptions): object {
  return strict('Office.context.ui', {
    displayDialogAsync: (url: string, a?: unknown, b?: (result: object) => void) => {
      const then = (typeof a === 'function' ? a : b) as ((result: object) => void) | undefined;
      if (!options.dialog) return then?.({ status: 'failed', error: { code: 12_007, message: 'no dialog can be opened here' } });
      const open = options.dialog(url, (typeof a === 'object' ? a : {}) as Readonly<Record<string, unknown>>);
      const handlers = new Map<string, (arg: object) => void>();
      open.onMessage((message) => handlers.get('dialogMessageReceived')?.({ message, origin: '', type: 'dialogMessageReceived' }));
      // 12006: closed by the person, in the documentation of the dialog API.
      open.onClosed(() => handlers.get('dialogEventReceived')?.({ error: 12_006, type: 'dialogEventReceived' }));
      then?.({ status: 'succeeded', value: { close: open.close, messageChild: open.say, addEventHandler: (type: string, hear: (arg: object) => void) => void handlers.set(type, hear) } });
    },
  });
}
const memoryStorage = (): Storage => { const kept = new Map<string, string>(); return { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => void kept.set(k, v), removeItem: (k) => void kept.delete(k), keys: () => [...kept.keys()] }; };
function runtimeGlobal(storage: Storage): object {
  return { storage: strict('OfficeRuntime.storage', {
    getItem: async (key: string) => storage.getItem(key), setItem: async (key: string, value: string) => storage.setItem(key, value), removeItem: async (key: string) => storage.removeItem(key), getKeys: async () => [...storage.keys()],
    getItems: async (keys: readonly string[]) => Object.fromEntries(keys.map((k) => [k, storage.getItem(k)])), setItems: async (values: Readonly<Record<string, string>>) => { for (const [k, v] of Object.entries(values)) storage.setItem(k, v); }, removeItems: async (keys: readonly string[]) => { for (const k of keys) storage.removeItem(k); },
  }) };
}
/** Resolves when nothing was going on for a few frames in a row. */
async function settled(quiet: () => boolean): Promise<void> {
  for (let calm = 0; calm < 4; calm = quiet() ? calm + 1 : 0) await new Promise((resolve) => { setTimeout(resolve, 25); });
}
