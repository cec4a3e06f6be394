/** Filters, tables, names, validation, conditional formats and notes of the grid, as Univer keeps them. */
import { DataValidationErrorStyle, DataValidationOperator, type DataValidationType, type IDataValidationRule } from '@univerjs/core';
import { DataValidationModel } from '@univerjs/data-validation';
import { IDefinedNamesService } from '@univerjs/engine-formula';
import { ConditionalFormattingRuleModel, type IConditionFormattingRule } from '@univerjs/sheets-conditional-formatting';
import { SheetsFilterService } from '@univerjs/sheets-filter';
import { SheetsNoteModel } from '@univerjs/sheets-note';
import { TableColumnFilterTypeEnum, TableManager } from '@univerjs/sheets-table';
import type { Area, CellStyle, Conditional, Criteria, NameInfo, TableInfo, Validation, ValidationRule } from './grid.ts';
import { areaOf, rangeOf, UNIT, UniverBase } from './univer-base.ts';

const OPERATORS: Readonly<Record<string, DataValidationOperator>> = {
  Between: DataValidationOperator.BETWEEN, NotBetween: DataValidationOperator.NOT_BETWEEN, EqualTo: DataValidationOperator.EQUAL, NotEqualTo: DataValidationOperator.NOT_EQUAL, GreaterThan: DataValidationOperator.GREATER_THAN,
  GreaterThanOrEqualTo: DataValidationOperator.GREATER_THAN_OR_EQUAL, LessThan: DataValidationOperator.LESS_THAN, LessThanOrEqualTo: DataValidationOperator.LESS_THAN_OR_EQUAL,
};
const named = (operator: string | undefined): string | undefined => Object.entries(OPERATORS).find(([, o]) => o === operator)?.[0];
const TYPES: Readonly<Record<Validation['type'], string>> = { List: 'list', WholeNumber: 'whole', Decimal: 'decimal', TextLength: 'textLength', Date: 'date', Custom: 'custom', Tick: 'checkbox' };
const STYLES: Readonly<Record<string, DataValidationErrorStyle>> = { Stop: DataValidationErrorStyle.STOP, Warning: DataValidationErrorStyle.WARNING, Information: DataValidationErrorStyle.INFO };

function univerRule({ id, areas, rule: v }: ValidationRule): IDataValidationRule {
  return {
    uid: id, ranges: areas.map(rangeOf), type: TYPES[v.type] as DataValidationType, allowBlank: v.blanks !== false, errorStyle: STYLES[v.alert?.style ?? 'Warning'] ?? DataValidationErrorStyle.WARNING,
    ...(v.operator ? { operator: OPERATORS[v.operator] ?? DataValidationOperator.BETWEEN } : {}), ...(v.formula1 === undefined ? {} : { formula1: v.formula1 }), ...(v.formula2 === undefined ? {} : { formula2: v.formula2 }),
    ...(v.type === 'List' ? { showDropDown: v.dropDown !== false, renderMode: 1 } : {}), ...(v.alert ? { error: v.alert.message ?? '', errorTitle: v.alert.title ?? '', showErrorMessage: v.alert.show !== false } : {}),
    ...(v.prompt ? { prompt: v.prompt.message ?? '', promptTitle: v.prompt.title ?? '', showInputMessage: true } : {}),
  };
}
function ourRule(r: IDataValidationRule): ValidationRule {
  const type = (Object.keys(TYPES) as Validation['type'][]).find((t) => TYPES[t] === r.type) ?? 'Custom';
  const operator = named(r.operator);
  const style = Object.entries(STYLES).find(([, s]) => s === r.errorStyle)?.[0] ?? 'Stop';
  return {
    id: r.uid, areas: r.ranges.map(areaOf),
    rule: {
      type, blanks: r.allowBlank !== false, ...(operator ? { operator } : {}), ...(r.formula1 === undefined ? {} : { formula1: r.formula1 }), ...(r.formula2 === undefined ? {} : { formula2: r.formula2 }), ...(type === 'List' ? { dropDown: r.showDropDown !== false } : {}),
      ...(r.error !== undefined || r.errorTitle !== undefined ? { alert: { message: r.error ?? '', title: r.errorTitle ?? '', style, show: r.showErrorMessage !== false } } : {}), ...(r.prompt !== undefined || r.promptTitle !== undefined ? { prompt: { message: r.prompt ?? '', title: r.promptTitle ?? '' } } : {}),
    },
  };
}

const COMPARE: Readonly<Record<string, string>> = { Between: 'between', NotBetween: 'notBetween', EqualTo: 'equal', NotEqualTo: 'notEqual', GreaterThan: 'greaterThan', GreaterThanOrEqual: 'greaterThanOrEqual', LessThan: 'lessThan', LessThanOrEqual: 'lessThanOrEqual' };
const TEXTS: Readonly<Record<string, string>> = { Contains: 'containsText', NotContains: 'notContainsText', BeginsWith: 'beginsWith', EndsWith: 'endsWith' };
/** As the grid draws it; undefined: a rule that is not complete yet. */
function drawn(f: Conditional): IConditionFormattingRule['rule'] | undefined {
  const style = styleBase(f.style);
  const r = f.rule as Readonly<Record<string, never>>;
  const text = (key: string): string => String(r[key] ?? '');
  const number = (key: string): number | undefined => { const n = Number(text(key).replace(/^=/, '')); return text(key) === '' || Number.isNaN(n) ? undefined : n; };
  const made = ((): object | undefined => {
    switch (f.type) {
      case 'CellValue': {
        const operator = COMPARE[text('operator')];
        const [a, b] = [number('formula1'), number('formula2')];
        if (!operator) return undefined;
        if (operator.toLowerCase().includes('between')) return a === undefined || b === undefined ? undefined : { type: 'highlightCell', subType: 'number', operator, value: [a, b], style };
        if (a !== undefined) return { type: 'highlightCell', subType: 'number', operator, value: a, style };
        const string = /^="(.*)"$/.exec(text('formula1'))?.[1];
        return string === undefined ? undefined : { type: 'highlightCell', subType: 'text', operator: operator === 'notEqual' ? 'notEqual' : 'equal', value: string, style };
      }
      case 'Custom': return text('formula') === '' ? undefined : { type: 'highlightCell', subType: 'formula', value: text('formula'), style };
      case 'ContainsText': return TEXTS[text('operator')] ? { type: 'highlightCell', subType: 'text', operator: TEXTS[text('operator')], value: text('text'), style } : undefined;
      case 'TopBottom': return { type: 'highlightCell', subType: 'rank', isBottom: text('type').startsWith('Bottom'), isPercent: text('type').endsWith('Percent'), value: number('rank') ?? 10, style };
      case 'ColorScale': {
        const points = (['minimum', 'midpoint', 'maximum'] as const).flatMap((k) => { const p = r[k] as { color?: string; type?: string; formula?: string } | undefined; return p ? [{ k, ...p }] : []; });
        return { type: 'colorScale', config: points.map((p, index) => ({ index, color: p.color ?? '#FFFFFF', value: p.type === 'LowestValue' ? { type: 'min' } : p.type === 'HighestValue' ? { type: 'max' } : { type: p.type === 'Number' ? 'num' : p.type === 'Percent' ? 'percent' : 'percentile', value: Number(p.formula ?? 50) } })) };
      }
      default: return { type: 'dataBar', isShowValue: (r['only'] as unknown) !== true, config: { min: { type: 'min' }, max: { type: 'max' }, isGradient: true, positiveColor: text('positive') || '#638EC6', nativeColor: '#FF5050' } };
    }
  })();
  return made as IConditionFormattingRule['rule'] | undefined;
}
const styleBase = (s: CellStyle): object => ({ ...(s.fill ? { bg: { rgb: s.fill } } : {}), ...(s.color ? { cl: { rgb: s.color } } : {}), ...(s.bold === undefined ? {} : { bl: s.bold ? 1 : 0 }), ...(s.italic === undefined ? {} : { it: s.italic ? 1 : 0 }), ...(s.strike ? { st: { s: 1 } } : {}) });

export class UniverFeatures extends UniverBase {
  /** What Excel knows of a conditional format and Univer does not keep; saved beside the snapshot. */
  protected conditionalSpecs = new Map<string, Conditional>();

  filter(sheetId: string, area: Area | undefined): void {
    if (this.filterArea(sheetId)) this.mutate('sheet.mutation.remove-filter', { subUnitId: sheetId });
    if (area) this.mutate('sheet.mutation.set-filter-range', { subUnitId: sheetId, range: rangeOf(area) });
  }
  filterArea(sheetId: string): Area | undefined {
    const range = this.injector.get(SheetsFilterService).getFilterModel(UNIT, sheetId)?.getRange();
    return range ? areaOf(range) : undefined;
  }
  criteria(sheetId: string, column: number, criteria: Criteria | undefined): void {
    const area = this.filterArea(sheetId);
    if (!area) return;
    const col = area.column + column;
    const values = criteria?.values ?? [];
    this.mutate('sheet.mutation.set-filter-criteria', { subUnitId: sheetId, col, criteria: criteria ? { colId: col, filters: { filters: values.filter((v) => v !== ''), ...(values.includes('') ? { blank: true } : {}) } } : null });
  }

  tables(): readonly TableInfo[] {
    const manager = this.injector.get(TableManager);
    return manager.getTableList(UNIT).map((t) => {
      const table = manager.getTableById(UNIT, t.id)!;
      const area = areaOf(table.getRange());
      // A header is what its cell says: people type over it.
      const columns = Array.from({ length: area.columns }, (_, i) => this.headerAt(t.subUnitId, area.row, area.column + i) || (table.getTableColumnByIndex(i)?.displayName ?? ''));
      return { id: t.id, name: table.getDisplayName(), sheetId: t.subUnitId, area, columns };
    });
  }
  protected headerAt(sheetId: string, row: number, column: number): string {
    const cell = this.sheet(sheetId)?.getCellMatrix().getValue(row, column) as { v?: unknown } | null | undefined;
    return cell?.v === undefined || cell.v === null ? '' : String(cell.v);
  }
  addTable(sheetId: string, area: Area, name: string, columns: readonly string[]): string {
    const tableId = `t${crypto.randomUUID().slice(0, 8)}`;
    this.mutate('sheet.mutation.add-table', { subUnitId: sheetId, tableId, name, range: rangeOf(area), header: [...columns], options: { showHeader: true } });
    return tableId;
  }
  changeTable(id: string, change: { readonly name?: string; readonly area?: Area }): void {
    const subUnitId = this.tables().find((t) => t.id === id)?.sheetId;
    if (change.name !== undefined) this.mutate('sheet.mutation.set-sheet-table', { subUnitId, tableId: id, config: { name: change.name } });
    if (change.area) this.mutate('sheet.mutation.set-sheet-table', { subUnitId, tableId: id, config: { updateRange: { newRange: rangeOf(change.area) } } });
  }
  removeTable(id: string): void { this.mutate('sheet.mutation.delete-table', { subUnitId: this.tables().find((t) => t.id === id)?.sheetId, tableId: id }); }
  tableCriteria(id: string, column: number, criteria: Criteria | undefined): void {
    this.mutate('sheet.mutation.set-table-filter', { tableId: id, column, tableFilter: criteria ? { filterType: TableColumnFilterTypeEnum.manual, values: [...(criteria.values ?? [])], isAllSelected: false } : undefined });
  }

  names(): readonly NameInfo[] {
    return Object.values(this.injector.get(IDefinedNamesService).getDefinedNameMap(UNIT) ?? {}).map((n) => ({ id: n.id, name: n.name, formula: n.formulaOrRefString, comment: n.comment ?? '', hidden: n.hidden === true, ...(n.localSheetId && n.localSheetId !== 'AllDefaultWorkbook' ? { sheetId: n.localSheetId } : {}) }));
  }
  setName(n: NameInfo): void {
    const formula = n.formula.replace(/^=/, '');
    const constant = !/[!:]|^\$?[A-Z]{1,3}\$?\d+$/i.test(formula);
    this.mutate('formula.mutation.set-defined-name', { id: n.id, name: n.name, formulaOrRefString: constant ? `=${formula}` : formula, comment: n.comment, hidden: n.hidden, localSheetId: n.sheetId ?? 'AllDefaultWorkbook' });
  }
  removeName(id: string): void { const n = this.names().find((x) => x.id === id); if (n) this.mutate('formula.mutation.remove-defined-name', { id, name: n.name, formulaOrRefString: n.formula }); }

  validations(sheetId: string): readonly ValidationRule[] { return this.injector.get(DataValidationModel).getRules(UNIT, sheetId).map(ourRule); }
  setValidations(sheetId: string, rules: readonly ValidationRule[]): void {
    const before = new Map(this.validations(sheetId).map((r) => [r.id, JSON.stringify(r)]));
    const after = new Map(rules.map((r) => [r.id, JSON.stringify(r)]));
    for (const [id, was] of before) if (after.get(id) !== was) this.mutate('data-validation.mutation.removeRule', { subUnitId: sheetId, ruleId: id });
    for (const rule of rules) if (before.get(rule.id) !== after.get(rule.id)) this.mutate('data-validation.mutation.addRule', { subUnitId: sheetId, rule: univerRule(rule) });
  }

  conditionals(sheetId: string): readonly Conditional[] {
    const drawnRules = new Map((this.injector.get(ConditionalFormattingRuleModel).getSubunitRules(UNIT, sheetId) ?? []).map((r) => [r.cfId, r]));
    return [...this.conditionalSpecs.values()].filter((c) => c.sheetId === sheetId).map((c) => { const r = drawnRules.get(c.id); return r ? { ...c, areas: r.ranges.map(areaOf) } : c; });
  }
  setConditional(f: Conditional): void {
    const had = (this.injector.get(ConditionalFormattingRuleModel).getSubunitRules(UNIT, f.sheetId) ?? []).some((r) => r.cfId === f.id);
    this.conditionalSpecs.set(f.id, f);
    const rule = drawn(f);
    const made = { cfId: f.id, ranges: f.areas.map(rangeOf), stopIfTrue: f.stopIfTrue, rule };
    if (rule) this.mutate(had ? 'sheet.mutation.set-conditional-rule' : 'sheet.mutation.add-conditional-rule', { subUnitId: f.sheetId, cfId: f.id, rule: made });
    else if (had) this.mutate('sheet.mutation.delete-conditional-rule', { subUnitId: f.sheetId, cfId: f.id });
  }
  removeConditional(sheetId: string, id: string): void {
    this.conditionalSpecs.delete(id);
    if ((this.injector.get(ConditionalFormattingRuleModel).getSubunitRules(UNIT, sheetId) ?? []).some((r) => r.cfId === id)) this.mutate('sheet.mutation.delete-conditional-rule', { subUnitId: sheetId, cfId: id });
  }

  notes(sheetId: string): readonly { readonly row: number; readonly column: number; readonly text: string }[] {
    return [...(this.injector.get(SheetsNoteModel).getSheetNotes(UNIT, sheetId)?.values() ?? [])].map((n) => ({ row: n.row, column: n.col, text: n.note }));
  }
  setNote(sheetId: string, row: number, column: number, text: string | undefined): void {
    if (text === undefined) this.mutate('sheet.mutation.remove-note', { sheetId, row, col: column });
    else this.mutate('sheet.mutation.update-note', { sheetId, row, col: column, note: { id: this.injector.get(SheetsNoteModel).getNote(UNIT, sheetId, { row, col: column })?.id ?? crypto.randomUUID(), row, col: column, width: 220, height: 90, note: text } });
  }
}
