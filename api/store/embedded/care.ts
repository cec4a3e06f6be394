/** What people do with a data folder from outside: a snapshot, and a check. Both only read, also beside a running store. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checking, strays } from './check.ts';
import { assertWhole } from './data-file.ts';
import { Engine } from './engine.ts';
import { DATA_FILE, flushFile } from './folder.ts';
import { finished } from './rows.ts';

function assertStore(folder: string): void {
  if (!existsSync(join(folder, DATA_FILE))) throw new Error(`there is no store in ${folder}`);
}

/** A consistent copy of all that was committed when it began, without the holes; answers what it did, in words. */
export async function snapshotFolder(folder: string, to: string): Promise<string> {
  assertStore(folder);
  if (existsSync(to) && readdirSync(to).length > 0) throw new Error(`${to} is not empty: a snapshot goes into a folder of its own`);
  const engine = new Engine(folder, { readOnly: true });
  try {
    await engine.storage.copyTo(to);
    flushFile(to, DATA_FILE);
    assertWhole(join(to, DATA_FILE));
    return `snapshot of ${folder} in ${to}: start a store with --data ${to}, or put it in the place of the old folder`;
  } finally {
    await engine.close();
  }
}

/** Proves every index of every collection against its documents. False when anything differs. */
export async function checkFolder(folder: string, say: (text: string) => void): Promise<boolean> {
  assertStore(folder);
  const engine = new Engine(folder, { readOnly: true });
  let well = true;
  try {
    for (const collection of engine.catalog.list()) {
      const found = await finished(checking(engine.storage, collection), () => undefined);
      say(`${found.errors.length === 0 ? 'ok  ' : 'DIFF'} ${found.ns}: ${found.documents} documents, ${found.indexes.map((i) => `${i.name} ${i.keys}`).join(', ')}`);
      for (const error of found.errors) say(`       ${error}`);
      if (found.errors.length > 0) well = false;
    }
    for (const stray of strays(engine.storage, engine.catalog.list())) {
      say(`DIFF ${stray}`);
      well = false;
    }
  } finally {
    await engine.close();
  }
  return well;
}
