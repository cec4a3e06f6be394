import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../../api/demo/control.ts';
import type { Clock } from '../../api/runtime/clock.ts';
import { readConfig } from '../../api/runtime/config.ts';
import { makeLog } from '../../api/runtime/log.ts';
import { startService, type Service } from '../../api/service.ts';
import { sharedStore } from './shared-store.ts';

export type Answer<T = unknown> = { readonly status: number; readonly headers: Headers; readonly body: T };
export type TestService = {
  readonly service: Service;
  readonly rt: Service['rt'];
  readonly url: string;
  readonly token: string;
  /** One call through real HTTP, as the owner. */
  readonly call: <T = Record<string, unknown>>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer<T>>;
  /** Runs a job now and answers its result. */
  readonly job: (name: string) => Promise<Record<string, unknown>>;
  readonly stop: () => Promise<void>;
};

let databases = 0;

const OWNER = 'test-owner-token-0123456789';
const noSandbox: Sandbox = { start: () => Promise.reject(new Error('no stand-ins in this test')), known: () => false };

/**
 * A whole service on a free port over the embedded store. The schedule does not tick (`ROLES=api`): tests run the jobs
 * that they mean, so nothing happens by time. One at a time per process: models live on the default connection.
 */
export async function startTestService(given: { clock?: Clock; sandbox?: Sandbox; roles?: string; dist?: string; env?: Readonly<Record<string, string>> } = {}): Promise<TestService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'suanpan-service-'));
  const { uri } = sharedStore();
  const config = readConfig({ PORT: '0', DATA_DIR: dataDir, OWNER_TOKEN: OWNER, ROLES: given.roles ?? 'api', LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent', ...given.env });
  databases += 1;
  const service = await startService({
    config, storeUri: uri, database: `test_${process.pid}_${databases}`, dist: given.dist ?? join(dataDir, 'dist'), version: 'test', log: makeLog(config.logLevel),
    sandbox: given.sandbox ?? noSandbox, ...(given.clock ? { clock: given.clock } : {}),
  });
  const call: TestService['call'] = async (method, path, body, headers = {}) => {
    const form = body instanceof FormData;
    const response = await fetch(`${service.url.replace('localhost', '127.0.0.1')}${path}`, {
      method, headers: { authorization: `Bearer ${OWNER}`, ...(body !== undefined && !form ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, headers: response.headers, body: (type.includes('json') ? await response.json() : new Uint8Array(await response.arrayBuffer())) as never };
  };
  return {
    service, rt: service.rt, url: service.url.replace('localhost', '127.0.0.1'), token: OWNER, call,
    job: async (name) => {
      const answer = await call<{ outcome: string; result?: Record<string, unknown>; error?: string }>('POST', `/api/v1/jobs/${name}/run`, {});
      if (answer.status !== 200 || answer.body.outcome !== 'done') throw new Error(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body.result ?? {};
    },
    stop: async () => {
      await service.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
