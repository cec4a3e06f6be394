import type { Plugin, PluginCtor } from '@univerjs/core';
import { UniverDataValidationPlugin } from '@univerjs/data-validation';
import { UniverDocsPlugin } from '@univerjs/docs';
import { UniverDocsUIPlugin } from '@univerjs/docs-ui';
import { UniverFormulaEnginePlugin } from '@univerjs/engine-formula';
import { UniverRenderEnginePlugin } from '@univerjs/engine-render';
import { UniverSheetsPlugin } from '@univerjs/sheets';
import { UniverSheetsDataValidationPlugin } from '@univerjs/sheets-data-validation';
import { UniverSheetsDataValidationUIPlugin } from '@univerjs/sheets-data-validation-ui';
import { UniverSheetsFilterPlugin } from '@univerjs/sheets-filter';
import { UniverSheetsFilterUIPlugin } from '@univerjs/sheets-filter-ui';
import { UniverSheetsFormulaPlugin } from '@univerjs/sheets-formula';
import { UniverSheetsFormulaUIPlugin } from '@univerjs/sheets-formula-ui';
import { UniverSheetsNumfmtPlugin } from '@univerjs/sheets-numfmt';
import { UniverSheetsNumfmtUIPlugin } from '@univerjs/sheets-numfmt-ui';
import { UniverSheetsSortPlugin } from '@univerjs/sheets-sort';
import { UniverSheetsUIPlugin } from '@univerjs/sheets-ui';
import { UniverUIPlugin } from '@univerjs/ui';

/** Plugins in the order that they need each other. The ribbon is ours, so Univer's header and toolbar stay off. */
export const plugins = (container: HTMLElement): readonly (readonly [PluginCtor<Plugin>, object])[] => [
  [UniverRenderEnginePlugin, {}], [UniverFormulaEnginePlugin, {}], [UniverUIPlugin, { container, header: false, toolbar: false, footer: true, contextMenu: true }], [UniverDocsPlugin, {}], [UniverDocsUIPlugin, {}],
  [UniverSheetsPlugin, {}], [UniverSheetsUIPlugin, { formulaBar: true }], [UniverSheetsFormulaPlugin, {}], [UniverSheetsFormulaUIPlugin, {}], [UniverSheetsNumfmtPlugin, {}], [UniverSheetsNumfmtUIPlugin, {}], [UniverSheetsSortPlugin, {}],
  [UniverSheetsFilterPlugin, {}], [UniverSheetsFilterUIPlugin, {}], [UniverDataValidationPlugin, {}], [UniverSheetsDataValidationPlugin, {}], [UniverSheetsDataValidationUIPlugin, { showEditOnDropdown: false }],
] as unknown as readonly (readonly [PluginCtor<Plugin>, object])[];
