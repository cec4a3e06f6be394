/** The grid in a page: the same sheets with what draws them. The ribbon is ours, so Univer's header and toolbar stay off. */
import { ThemeService } from '@univerjs/core';
import { UniverDocsUIPlugin } from '@univerjs/docs-ui';
import { UniverRenderEnginePlugin } from '@univerjs/engine-render';
import { UniverSheetsConditionalFormattingUIPlugin } from '@univerjs/sheets-conditional-formatting-ui';
import { UniverSheetsDataValidationUIPlugin } from '@univerjs/sheets-data-validation-ui';
import { UniverSheetsFilterUIPlugin } from '@univerjs/sheets-filter-ui';
import { UniverSheetsFormulaUIPlugin } from '@univerjs/sheets-formula-ui';
import { UniverSheetsNoteUIPlugin } from '@univerjs/sheets-note-ui';
import { UniverSheetsNumfmtUIPlugin } from '@univerjs/sheets-numfmt-ui';
import { UniverSheetsTableUIPlugin } from '@univerjs/sheets-table-ui';
import { IEditorBridgeService, UniverSheetsUIPlugin } from '@univerjs/sheets-ui';
import { UniverUIPlugin } from '@univerjs/ui';
import type { Book } from './host/book.ts';
import { drawPictures } from './pictures.ts';
import { UniverGrid } from './univer-grid.ts';
import { keepKeys } from './univer-keys.ts';
import { localeData } from './univer-locales.ts';
import { core, startUniver, type Kept, type Plugins } from './univer-plugins.ts';

export type GridOptions = { readonly container: HTMLElement; readonly lang: 'zh' | 'en'; readonly snapshot?: unknown; readonly firstSheet: string };
const [docs, ...sheets] = core.sheets;
const plugins = (container: HTMLElement): Plugins => [
  [UniverRenderEnginePlugin, {}], ...core.engine, [UniverUIPlugin, { container, header: false, toolbar: false, footer: true, contextMenu: true }], docs!, [UniverDocsUIPlugin, {}], sheets[0]!, [UniverSheetsUIPlugin, { formulaBar: true }], ...sheets.slice(1),
  [UniverSheetsFormulaUIPlugin, {}], [UniverSheetsNumfmtUIPlugin, {}], [UniverSheetsFilterUIPlugin, {}], [UniverSheetsDataValidationUIPlugin, { showEditOnDropdown: false, showSearchOnDropdown: false }], [UniverSheetsTableUIPlugin, {}], [UniverSheetsConditionalFormattingUIPlugin, {}], [UniverSheetsNoteUIPlugin, {}],
] as unknown as Plugins;

export type PageGrid = UniverGrid & { readonly pictures: (book: Book) => void };
export function makePageGrid(options: GridOptions): PageGrid {
  const wanted = globalThis.matchMedia('(prefers-color-scheme: dark)');
  const univer = startUniver({ lang: options.lang, locale: localeData(options.lang), plugins: plugins(options.container), snapshot: options.snapshot, firstSheet: options.firstSheet, dark: wanted.matches });
  wanted.addEventListener('change', () => univer.__getInjector().get(ThemeService).setDarkMode(wanted.matches));
  const conditionals = (options.snapshot as Kept | undefined)?.conditionals;
  const grid = new UniverGrid(univer, { typing: { editing: () => univer.__getInjector().get(IEditorBridgeService).isVisible().visible }, ...(conditionals ? { conditionals } : {}) });
  keepKeys(univer, options.container);
  return Object.assign(grid, { pictures: drawPictures(univer, grid, options.container) });
}
