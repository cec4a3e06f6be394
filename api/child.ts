import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnvironment } from './runtime/config.ts';

export type Child = { readonly ready: Readonly<Record<string, unknown>>; readonly pid: number; readonly stop: () => Promise<void>; readonly exited: Promise<number | null> };

/**
 * Starts one of our own commands as a process of its own and waits for its ready line (the first line of JSON that it
 * prints). The child ends when its IPC channel closes, so it never outlives a killed parent.
 */
export async function startChild(file: string, args: readonly string[], onLine: (line: string) => void): Promise<Child> {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: childEnvironment({}), detached: true });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const said: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => {
    const text = chunk.toString();
    said.push(text.slice(-2000));
    if (said.length > 20) said.shift();
    onLine(text);
  });
  const ready = await readyLine(child, exited, said);
  return { ready, pid: child.pid ?? 0, exited, stop: () => ended(child, exited) };
}

function readyLine(child: ChildProcess, exited: Promise<number | null>, said: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      if (!line.startsWith('{')) return;
      try {
        resolve(JSON.parse(line) as Record<string, unknown>);
      } catch {
        // Not a ready line; the next one may be.
      }
    });
    void exited.then((code) => reject(new Error(`${child.spawnargs.at(3) ?? 'child'} ended with ${String(code)} before it was ready: ${said.join('').slice(-1500)}`)));
  });
}

const PATIENCE_MS = 8_000;
async function ended(child: ChildProcess, exited: Promise<number | null>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await exited;
  clearTimeout(forced);
}
