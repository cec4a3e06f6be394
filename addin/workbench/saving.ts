/** The workbook as the service keeps it, made beside somebody who works: a few milliseconds at a time, and not in the page's memory twice. */
import type { UniverGrid } from './univer-grid.ts';

const BREATH_MS = 12;
const BLOB_CHARACTERS = 500_000;
const breath = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 0); });

/** Undefined: it changed meanwhile, and what was made is of no one moment. `patient: false` takes the time at once. */
export async function savedBook(grid: Pick<UniverGrid, 'changes' | 'snapshotPieces'>, around: { readonly revision: number; readonly extras: unknown }, patient: boolean): Promise<Blob | undefined> {
  const before = grid.changes;
  const made: Blob[] = [];
  let [waiting, length, since]: [string[], number, number] = [[`{"revision":${around.revision},"snapshot":{"book":`], 0, performance.now()];
  for (const piece of grid.snapshotPieces()) {
    waiting.push(piece);
    length += piece.length;
    if (length > BLOB_CHARACTERS) { made.push(new Blob(waiting)); [waiting, length] = [[], 0]; }
    if (!patient || performance.now() - since < BREATH_MS) continue;
    await breath();
    if (grid.changes !== before) return undefined;
    since = performance.now();
  }
  return new Blob([...made, ...waiting, `,"extras":${JSON.stringify(around.extras)}}}`], { type: 'application/json' });
}
