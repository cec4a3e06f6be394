import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compose } from '../runtime/compose.ts';
import { readConfig } from '../runtime/config.ts';
import { makeLog } from '../runtime/log.ts';
import { runningStore } from '../runtime/running.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { buildIndexes, connectStore, disconnectStore } from '../store/connection.ts';
import { startEmbeddedStore } from '../store/embedded/start.ts';

export type Opened = { readonly rt: Runtime; readonly close: () => Promise<void> };

/**
 * Opens the company's data for a command: the store of the running service when there is one, else the embedded store for the
 * while. `create`: a company that is not there yet is made.
 */
export async function openCompany({ create = false } = {}): Promise<Opened> {
  const config = readConfig();
  const dataDir = join(config.dataDir, 'store');
  if (!create && !config.mongodbUri && !existsSync(dataDir)) throw new Error(`there is no company in ${config.dataDir}`);
  mkdirSync(config.dataDir, { recursive: true });
  const running = config.mongodbUri || runningStore(config.dataDir);
  const store = running ? undefined : await startEmbeddedStore({ dataDir });
  const log = makeLog('warn');
  const { rt } = compose(config, { log });
  await connectStore(running || store!.uri, 'suanpan');
  if (create) await buildIndexes(log);
  return { rt, close: async () => { await disconnectStore(); await store?.stop(); } };
}
