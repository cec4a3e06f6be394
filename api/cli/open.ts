import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compose } from '../runtime/compose.ts';
import { readConfig } from '../runtime/config.ts';
import { makeLog } from '../runtime/log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { connectStore, disconnectStore } from '../store/connection.ts';
import { startEmbeddedStore } from '../store/embedded/start.ts';

export type Opened = { readonly rt: Runtime; readonly close: () => Promise<void> };

/** Opens the company's data for a command: the running store when there is one, else the embedded store for the while. */
export async function openCompany(): Promise<Opened> {
  const config = readConfig();
  const dataDir = join(config.dataDir, 'store');
  if (!config.mongodbUri && !existsSync(dataDir)) throw new Error(`there is no company in ${config.dataDir}`);
  const store = config.mongodbUri ? undefined : await startEmbeddedStore({ dataDir });
  const { rt } = compose(config, { log: makeLog('warn') });
  await connectStore(config.mongodbUri || store!.uri, 'suanpan');
  return { rt, close: async () => { await disconnectStore(); await store?.stop(); } };
}
