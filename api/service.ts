/** One running service: HTTP and jobs over a connected store. `main.ts` starts the store around it; tests start it by itself. */
import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { jobList, runAnswer } from '../jobs/status.ts';
import { endLeases } from '../jobs/lease.ts';
import { makeRunner, type Runner } from '../jobs/runner.ts';
import { SCHEDULE } from '../jobs/schedule.ts';
import { ensureOwner } from './access/users.ts';
import { makeDemo, type DemoControl } from './demo/control.ts';
import { makeApp } from './http/app.ts';
import { servePages } from './http/pages.ts';
import type { Clock } from './runtime/clock.ts';
import { compose, everyRoute } from './runtime/compose.ts';
import type { Config } from './runtime/config.ts';
import type { Log } from './runtime/log.ts';
import type { Runtime } from './runtime/runtime.ts';
import { freeWindows } from './shops/index.ts';
import { buildIndexes, connectStore, disconnectStore } from './store/connection.ts';

export type Service = {
  readonly rt: Runtime; readonly url: string; readonly runner: Runner; readonly demo: DemoControl;
  /** Only when it was made in this start. */
  readonly ownerToken: string | undefined;
  readonly stop: () => Promise<void>;
};
export type ServiceOptions = {
  readonly config: Config; readonly storeUri: string; readonly database: string; readonly dist: string; readonly version: string;
  /** Nobody else can be at work on this store: leases of before belong to the dead. */
  readonly alone?: boolean;
  readonly clock?: Clock; readonly log?: Log; readonly sandbox: Parameters<typeof makeDemo>[1];
};

export async function startService(options: ServiceOptions): Promise<Service> {
  const { config } = options;
  const { rt, setWake } = compose(config, { ...(options.clock ? { clock: options.clock } : {}), ...(options.log ? { log: options.log } : {}) });
  await connectStore(options.storeUri, options.database);
  await buildIndexes(rt.log);
  if (options.alone) await Promise.all([endLeases(), freeWindows(rt.clock.now())]);
  const ownerToken = await ensureOwner(rt, config.ownerToken);
  const runner = makeRunner(rt, SCHEDULE);
  setWake(runner.wake);
  const demo = makeDemo(rt, options.sandbox, runner, options.config.demoDays);
  const bound = everyRoute(rt, {
    jobs: {
      list: () => jobList(rt, SCHEDULE, runner), running: runner.running,
      runNow: async (name) => {
        const answer = await runner.runNow(name);
        return answer.kind === 'done' ? { kind: 'done', run: runAnswer(answer.run) } : answer;
      },
    },
    demo: { state: demo.state, load: demo.load },
  });
  const app = makeApp(rt, bound, options.version, (a) => servePages(a, options.dist));
  const server = config.roles.includes('api') ? await listening(config, app) : undefined;
  if (config.roles.includes('jobs')) runner.start();
  const scheme = config.httpsCert ? 'https' : 'http';
  const port = server ? (server.address() as AddressInfo).port : 0;
  return {
    rt, runner, demo, ownerToken, url: `${scheme}://localhost:${port}`,
    stop: async () => {
      await runner.stop();
      await demo.stop();
      if (server) await closed(server);
      await disconnectStore();
    },
  };
}

async function listening(config: Config, app: Parameters<typeof createHttp>[1]): Promise<Server> {
  const server = config.httpsCert ? createHttps({ cert: readFileSync(config.httpsCert), key: readFileSync(config.httpsKey) }, app) : createHttp(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  return server;
}

const closed = (server: Server): Promise<void> => new Promise((resolve) => {
  server.close(() => resolve());
  server.closeAllConnections();
});
