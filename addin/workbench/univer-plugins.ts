import { LocaleType, LogLevel, type mergeLocales, Univer, UniverInstanceType, type IWorkbookData, type Plugin, type PluginCtor } from '@univerjs/core';
import { UniverDataValidationPlugin } from '@univerjs/data-validation';
import { UniverDocsPlugin } from '@univerjs/docs';
import { UniverFormulaEnginePlugin } from '@univerjs/engine-formula';
import { UniverSheetsPlugin } from '@univerjs/sheets';
import { UniverSheetsConditionalFormattingPlugin } from '@univerjs/sheets-conditional-formatting';
import { UniverSheetsDataValidationPlugin } from '@univerjs/sheets-data-validation';
import { UniverSheetsFilterPlugin } from '@univerjs/sheets-filter';
import { UniverSheetsFormulaPlugin } from '@univerjs/sheets-formula';
import { UniverSheetsNotePlugin } from '@univerjs/sheets-note';
import { UniverSheetsNumfmtPlugin } from '@univerjs/sheets-numfmt';
import { UniverSheetsSortPlugin } from '@univerjs/sheets-sort';
import { UniverSheetsTablePlugin } from '@univerjs/sheets-table';
import type { Conditional } from './grid.ts';
import { UNIT } from './univer-base.ts';
import { quickenEngine } from './univer-engine.ts';
import { COLUMNS } from './univer-grid.ts';

export type Plugins = readonly (readonly [PluginCtor<Plugin>, object])[];
/** What works without a page, in the order that plugins need each other. */
export const core: { readonly engine: Plugins; readonly sheets: Plugins } = {
  engine: [[UniverFormulaEnginePlugin, {}]],
  sheets: [[UniverDocsPlugin, {}], [UniverSheetsPlugin, {}], [UniverSheetsFormulaPlugin, {}], [UniverSheetsNumfmtPlugin, {}], [UniverSheetsSortPlugin, {}], [UniverSheetsFilterPlugin, {}], [UniverSheetsTablePlugin, {}], [UniverDataValidationPlugin, {}], [UniverSheetsDataValidationPlugin, {}], [UniverSheetsConditionalFormattingPlugin, {}], [UniverSheetsNotePlugin, {}]] as unknown as Plugins,
};
export type Kept = Partial<IWorkbookData> & { readonly conditionals?: readonly Conditional[] };
export function startUniver(options: { readonly lang: 'zh' | 'en'; readonly locale: ReturnType<typeof mergeLocales>; readonly plugins: Plugins; readonly snapshot: unknown; readonly firstSheet: string; readonly dark?: boolean }): Univer {
  const locale = options.lang === 'zh' ? LocaleType.ZH_CN : LocaleType.EN_US;
  const univer = new Univer({ locale, locales: { [locale]: options.locale }, logLevel: LogLevel.ERROR, ...(options.dark ? { darkMode: true } : {}) });
  quickenEngine();
  for (const [plugin, config] of options.plugins) univer.registerPlugin(plugin, config);
  const kept = options.snapshot as Kept | undefined;
  univer.createUnit(UniverInstanceType.UNIVER_SHEET, kept?.sheets ? { ...kept, id: UNIT } : { id: UNIT, name: 'Suanpan', locale, sheetOrder: ['home'], sheets: { home: { id: 'home', name: options.firstSheet, rowCount: 1000, columnCount: COLUMNS } } });
  return univer;
}
