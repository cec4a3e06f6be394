import type { Both, Right } from '../route.ts';

/** How a column looks, is parsed and is compared; the same everywhere. */
export type ColumnKind = 'id' | 'text' | 'money' | 'quantity' | 'number' | 'rate' | 'day' | 'instant' | 'choice' | 'tick' | 'status' | 'why';
export type Choice = { readonly value: string } & Both;

export type Column = {
  readonly key: string;
  /** Path in the list row (`receiver.province`); money fields are fen, rates per 10,000, instants ISO. */
  readonly field: string;
  readonly kind: ColumnKind;
  readonly title: Both;
  /** Titles that it had before: found under them in a sheet that was filled then. */
  readonly formerly?: readonly Both[];
  /** Width in characters of the default font. */
  readonly width: number;
  readonly frozen?: boolean;
  /** It holds the code of one of these: names are read as codes, and one is chosen from a list that is looked through as one types. */
  readonly names?: 'skus';
  /** Its values are rows of another sheet, or depend on other cells (`by`, keys of columns): asked of the service for the row that is worked on. */
  readonly list?: { readonly by: readonly string[] };
  /** For `choice` and `status`: value → word. */
  readonly choices?: readonly Choice[];
  /** Words that its text may be made of, parted by commas: they stand in the sheet in the sheet's language, and are read in both. */
  readonly words?: readonly Choice[];
  readonly editable?: {
    readonly command: string;
    readonly right: Right;
    readonly required?: boolean;
    /** Bounds in the kind's own unit (fen, pieces). */
    readonly min?: number;
    readonly max?: number;
    readonly maxLength?: number;
  };
};
export type Sheet = {
  readonly name: string;
  /** The list noun that fills it: GET /api/v1/<noun>. */
  readonly noun: string;
  readonly title: Both;
  /** What to do when it is empty. */
  readonly empty?: Both;
  /** How rows stand when they are first written; afterwards the user's own sorting is kept. */
  readonly order?: readonly { readonly field: string; readonly descending?: boolean }[];
  readonly columns: readonly Column[];
};

/** One sheet of the contract: its columns in reading order, the keys first, status last. */
export const sheet = <const S extends Sheet>(definition: S): S => definition;
