import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type EmbeddedStore = { readonly uri: string; readonly pid: number; readonly stop: () => Promise<void>; readonly onExit: (listen: (code: number | null) => void) => void };

/** What passes through here is short-lived: a small young generation and few malloc arenas hold some 50 MB less, and cost nothing that was measured. */
const LEAN = ['--max-semi-space-size=8'];
const LEAN_ENV = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** Starts the store as a process of its own and waits until it answers. Fails with the store's own words. */
export async function startEmbeddedStore(options: { dataDir: string; port?: number; testCommands?: boolean }): Promise<EmbeddedStore> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = spawn(process.execPath, [...LEAN, '--import', 'tsx', main, '--data', options.dataDir, '--port', String(options.port ?? 0), ...(options.testCommands ? ['--test-commands'] : [])], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true, env: { ...LEAN_ENV, ...process.env } });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => { said = `${said}${chunk.toString()}`.slice(-4000); });
  const uri = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.startsWith('{')) resolve((JSON.parse(line) as { uri: string }).uri);
    });
    void exited.then((code) => reject(new Error(said.trim() || `the store ended with ${String(code)}`)));
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  };
  return { uri, pid: child.pid ?? 0, stop, onExit: (listen) => void exited.then(listen) };
}
