import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../api/child.ts';

export type ShopKeys = { readonly appKey: string; readonly appSecret: string; readonly accessToken: string; readonly refreshToken: string; readonly gateway: string; readonly platformShopId?: string };
export type TestSandbox = {
  readonly url: string;
  readonly ask: <T = Record<string, unknown>>(name: string, body?: unknown) => Promise<T>;
  readonly keys: { readonly taobao: { appKey: string; appSecret: string; accessToken: string; refreshToken: string; gateway: string }; readonly alipay: { gateway: string; appId: string; privateKey: string; alipayPublicKey: string } } & Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly keysOf: (channel: string) => ShopKeys;
  readonly stop: () => Promise<void>;
};

/** The stand-ins as a process of their own, with a few buyers a day, so that a test is quick. */
export async function startTestSandbox(args: readonly string[] = ['--per-day', '0', '--open-per-day', '0']): Promise<TestSandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'suanpan-sandbox-'));
  const child = await startChild(fileURLToPath(new URL('../../api/cli/sandbox.ts', import.meta.url)), ['--data', folder, '--port', '0', ...args], () => undefined);
  const url = `http://127.0.0.1:${String(child.ready['port'])}`;
  const ask: TestSandbox['ask'] = async (name, body) => (await (await fetch(`${url}/__sandbox/${name}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) })).json()) as never;
  const keys = await ask<TestSandbox['keys'] & Readonly<Record<string, ShopKeys>>>('keys');
  return {
    url, ask, keys, keysOf: (channel) => keys[channel]!,
    stop: async () => {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
