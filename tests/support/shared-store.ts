import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedStore, type EmbeddedStore } from '../../api/store/embedded/start.ts';

/** The tests share one store process; each service gets a database of its own in it. Its address goes to the workers by environment. */
const ADDRESS = 'SUANPAN_TEST_STORE';
let running: { store: EmbeddedStore; dataDir: string } | undefined;

export async function startSharedStore(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'suanpan-store-'));
  running = { store: await startEmbeddedStore({ dataDir }), dataDir };
  process.env[ADDRESS] = running.store.uri;
}

export async function stopSharedStore(): Promise<void> {
  if (!running) return;
  await running.store.stop();
  await rm(running.dataDir, { recursive: true, force: true });
}

export function sharedStore(): { readonly uri: string } {
  const uri = process.env[ADDRESS];
  if (!uri) throw new Error('the shared store is started by mocha (tests/support/hooks.ts)');
  return { uri };
}
