export { kindOf, KINDS } from './domain/kinds.ts';
export { compileTable, type Compiled, type Hit, type Input, type Row, type RowProblem } from './domain/table.ts';
export { liveRows, loadTable, publishVersion, rowProblems, versionRows, versionsOf, type LoadedTable } from './workflows/tables.ts';
export { reviewSheet } from './sheet.ts';
