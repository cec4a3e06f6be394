/** The pillars, joined: each adds its routes and the sheets that it can publish. */
import type { Bound } from '../http/bind.ts';
import type { SheetCommands } from '../sheets/commands.ts';
import type { Runtime } from './runtime.ts';

export const pillarBound = (_rt: Runtime): Bound[] => [];
export const pillarSheets: readonly SheetCommands[] = [];
