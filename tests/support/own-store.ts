import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedStore, type EmbeddedStore } from '../../api/store/embedded/start.ts';

/** A store process of a test's own, in a folder that goes with it. */
export async function ownStore(options: { testCommands?: boolean } = {}): Promise<EmbeddedStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'suanpan-store-'));
  const store = await startEmbeddedStore({ dataDir, ...options });
  return { ...store, stop: async () => { await store.stop(); await rm(dataDir, { recursive: true, force: true }); } };
}
