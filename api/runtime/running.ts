/** Where the store of a running service answers, so that a command beside it can use it: one process owns the folder. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Running = { readonly pid: number; readonly storeUri: string };
const fileOf = (dataDir: string): string => join(dataDir, 'running.json');

export const tellRunning = (dataDir: string, storeUri: string): void => writeFileSync(fileOf(dataDir), JSON.stringify({ pid: process.pid, storeUri } satisfies Running), { mode: 0o600 });
export const tellStopped = (dataDir: string): void => rmSync(fileOf(dataDir), { force: true });

/** The running store's address; undefined when no service runs (a file left by a killed one says nothing). */
export function runningStore(dataDir: string): string | undefined {
  const file = fileOf(dataDir);
  if (!existsSync(file)) return undefined;
  try {
    const { pid, storeUri } = JSON.parse(readFileSync(file, 'utf8')) as Running;
    process.kill(pid, 0);
    return storeUri;
  } catch {
    return undefined;
  }
}
