import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The tests share one store process, started by the first that asks; each service gets a database of its own in it. */
let shared: Promise<{ uri: string; stop: () => Promise<void>; dataDir: string }> | undefined;

export function sharedStore(): Promise<{ uri: string }> {
  shared ??= (async () => {
    const { startEmbeddedStore } = await import('../../api/store/embedded/start.ts');
    const dataDir = await mkdtemp(join(tmpdir(), 'suanpan-store-'));
    const started = await startEmbeddedStore({ dataDir });
    return { uri: started.uri, dataDir, stop: () => started.stop() };
  })();
  return shared;
}

/** Called once, when all tests are over (hooks.ts). */
export async function stopSharedStore(): Promise<void> {
  if (!shared) return;
  const { stop, dataDir } = await shared;
  shared = undefined;
  await stop();
  await rm(dataDir, { recursive: true, force: true });
}
