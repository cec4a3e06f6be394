import type { ClientSession } from 'mongoose';
import type { Both } from '../contract/route.ts';
import type { Result } from '../contract/values/result.ts';
import type { Session } from '../access/roles.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** A cell as the sheet shows it and as it is sent: text, number, tick, or empty. */
export type CellValue = string | number | boolean | null;
export type SheetEdit = {
  readonly id: string;
  /** Place in what was sent, from 1: where the answer points. */
  readonly row: number;
  /** The revision that the edit was made on; equal to the stored one when `apply` is called. */
  readonly revision: number;
  /** Parsed by the column's kind: money in fen, quantities whole, ticks boolean, empty null. */
  readonly set: Readonly<Record<string, CellValue>>;
};
export type CellRefusal = { readonly row: number; readonly column: string; readonly code: string; readonly message: Both };
export type PublishContext = { readonly session: ClientSession; readonly user: Session; readonly now: Date; readonly batchId: string };

/** Allowed values by row and column, for rows as they stand in the sheet: `cells` are edits that are not published yet. */
export type RowChoices = (rt: Runtime, rows: readonly { readonly id: string; readonly cells: Readonly<Record<string, CellValue>> }[]) => Promise<ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>>;
/** What a pillar offers so that one of its sheets can be published. All or nothing: `apply` runs inside one transaction. */
export type SheetCommands = {
  readonly sheet: string;
  /** Stored rows by id: the revision, and the editable columns' values in the parsed form (fen, pieces, text). */
  readonly load: (rt: Runtime, ids: readonly string[], session: ClientSession) => Promise<ReadonlyMap<string, { readonly revision: number; readonly values: Readonly<Record<string, CellValue>> }>>;
  /** Applies all edits or refuses all, naming each cell. Must filter writes on the revision, raise it, stamp `changedAt`, and write the audit. */
  readonly apply: (rt: Runtime, edits: readonly SheetEdit[], context: PublishContext) => Promise<Result<{ readonly effects: readonly Both[] }, readonly CellRefusal[]>>;
  /** For columns that say `list` in the contract. */
  readonly choices?: RowChoices;
  /** The noun in the audit, for "who changed it": defaults to the sheet's noun. */
  readonly noun?: string;
};
