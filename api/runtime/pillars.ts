/** The pillars, joined: each adds its routes and the sheets that it can publish. */
import type { Bound } from '../http/bind.ts';
import type { SheetCommands } from '../sheets/commands.ts';
import type { Runtime } from './runtime.ts';

export const pillarBound = (_rt: Runtime): Bound[] => [];
export const pillarSheets: readonly SheetCommands[] = [];

/** What `npm run audit` proves: a projection rebuilt from its ledger, and each difference in words. */
export type AuditCheck = { readonly name: string; readonly run: (rt: Runtime) => Promise<{ readonly checked: number; readonly differences: readonly string[] }> };
export const auditChecks: readonly AuditCheck[] = [];
