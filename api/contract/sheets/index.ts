import type { Sheet } from './sheet.ts';

/** All sheets by name; each pillar adds its own line. */
export const SHEETS: readonly Sheet[] = [];

export const sheetByName = (name: string): Sheet | undefined => SHEETS.find((s) => s.name === name);
