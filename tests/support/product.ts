import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { ROOT } from '../house/source.ts';

export const OWNER_TOKEN = 'product-test-owner-token-1';
export type Product = {
  readonly url: string;
  readonly call: <T = Record<string, unknown>>(method: string, path: string, body?: unknown) => Promise<{ status: number; body: T }>;
  /** SIGKILL to every process of this start, as a power cut would. */
  readonly kill: () => Promise<void>;
  /** SIGINT, as Ctrl+C; answers the exit code. */
  readonly stop: () => Promise<number | null>;
  readonly output: () => string;
};

/** All processes whose command line names this data folder: the start, the store, the stand-ins. */
const family = (dataDir: string): number[] =>
  readdirSync('/proc').filter((n) => /^\d+$/.test(n)).flatMap((n) => {
    try {
      const mine = `${readFileSync(`/proc/${n}/cmdline`, 'utf8')}\0${readFileSync(`/proc/${n}/environ`, 'utf8')}`.includes(dataDir);
      return mine && Number(n) !== process.pid ? [Number(n)] : [];
    } catch {
      return [];
    }
  });

/** `npm start` as a user runs it, on a free port over a data folder; resolves when it has printed its address. */
export async function startProduct(dataDir: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<Product> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'api/main.ts', ...args], {
    cwd: ROOT, env: { ...process.env, PORT: '0', DATA_DIR: dataDir, OWNER_TOKEN, ...environment }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const url = await addressOf(child, said);
  const call: Product['call'] = async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method, headers: { authorization: `Bearer ${OWNER_TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    url, call, output: () => said.join(''),
    kill: async () => {
      for (const pid of family(dataDir)) {
        try { process.kill(pid, 'SIGKILL'); } catch { /* it ended by itself meanwhile */ }
      }
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.kill('SIGINT');
      return exited;
    },
  };
}

function addressOf(child: ChildProcess, said: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said.push(chunk.toString());
      const found = /(https?:\/\/localhost:\d+)\/workbench\//.exec(said.join(''))?.[1];
      if (found) resolve(found.replace('localhost', '127.0.0.1'));
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => reject(new Error(`the product ended with ${String(code)}: ${said.join('').slice(-2000)}`)));
  });
}
