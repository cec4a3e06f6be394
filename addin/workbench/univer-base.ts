/** Univer OSS, driven below its facade: mutations in, cell matrix out. What the grid's parts have in common. */
import { AbsoluteRefType, ICommandService, IUniverInstanceService, UniverInstanceType, type IRange, type Univer, type Workbook, type Worksheet } from '@univerjs/core';
import type { Area } from './grid.ts';

export const UNIT = 'suanpan-workbook';
export class UniverBase {
  protected readonly univer: Univer;
  protected readonly injector: ReturnType<Univer['__getInjector']>;
  protected readonly commands: ICommandService;
  /** Above 0: what is reported now is our own doing. */
  protected writing = 0;
  constructor(univer: Univer) {
    this.univer = univer;
    this.injector = univer.__getInjector();
    this.commands = this.injector.get(ICommandService);
  }
  protected get workbook(): Workbook { return this.injector.get(IUniverInstanceService).getUnit<Workbook>(UNIT, UniverInstanceType.UNIVER_SHEET)!; }
  protected sheet(id: string): Worksheet { return this.workbook.getSheetBySheetId(id)!; }
  protected run(id: string, params: object): void { this.commands.syncExecuteCommand(id, { unitId: UNIT, ...params }); }
  protected mutate(id: string, params: object): void {
    this.writing += 1;
    try {
      this.run(id, params);
    } finally {
      this.writing -= 1;
    }
  }
  protected async command(id: string, params: object): Promise<boolean> {
    this.writing += 1;
    try {
      return (await this.commands.executeCommand(id, { unitId: UNIT, ...params })) === true;
    } finally {
      this.writing -= 1;
    }
  }
}
export const rangeOf = (a: Area): IRange => ({ startRow: a.row, startColumn: a.column, endRow: a.row + a.rows - 1, endColumn: a.column + a.columns - 1, startAbsoluteRefType: AbsoluteRefType.NONE });
export const areaOf = (r: { readonly startRow: number; readonly startColumn: number; readonly endRow: number; readonly endColumn: number }): Area => ({ row: r.startRow, column: r.startColumn, rows: r.endRow - r.startRow + 1, columns: r.endColumn - r.startColumn + 1 });
