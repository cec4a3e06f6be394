import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../child.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Shops } from '../shops/index.ts';

const COMMAND = fileURLToPath(new URL('../cli/sandbox.ts', import.meta.url));
const SEED = 20_261_111;
type Kept = { port: number; seed: number; since: string };

/** The stand-ins' process of this data folder: the same seed, clock and port at every start, so that shops find them again. */
export function sandboxOf(dataDir: string, log: Log) {
  const folder = join(dataDir, 'sandbox');
  const file = join(folder, 'sandbox.json');
  let child: Child | undefined;
  let stopping = false;
  const known = (): boolean => existsSync(file);
  const read = (): Kept | undefined => (known() ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : undefined);

  const launch = async (kept: Kept): Promise<number> => {
    const args = (port: number): string[] => ['--seed', String(kept.seed), '--port', String(port), '--data', folder, '--since', kept.since, '--live'];
    child = await startChild(COMMAND, args(kept.port), (line) => log.debug({ line }, 'sandbox')).catch(() => startChild(COMMAND, args(0), () => undefined));
    void child.exited.then(() => {
      if (stopping) return;
      log.error('the stand-ins ended by themselves; they are started again');
      void launch({ ...kept, port: Number(child?.ready['port'] ?? kept.port) });
    });
    return Number(child.ready['port']);
  };
  const start = async (): Promise<{ url: string }> => {
    mkdirSync(folder, { recursive: true });
    const kept = read() ?? { port: 0, seed: SEED, since: systemClock.now().toISOString() };
    const port = child ? Number(child.ready['port']) : await launch(kept);
    writeFileSync(file, JSON.stringify({ ...kept, port } satisfies Kept));
    return { url: `http://127.0.0.1:${port}` };
  };
  return {
    known, start,
    /** Starts the stand-ins again after a restart; shops that point at them are moved when the port had to change. */
    resume: async (rt: Runtime): Promise<void> => {
      const before = read()?.port;
      const { url } = await start();
      const was = `http://127.0.0.1:${before ?? 0}/`;
      for (const shop of await Shops.find({ gateway: { $regex: `^${was}` } }).lean()) {
        const gateway = `${url}/${shop.gateway.slice(was.length)}`;
        if (gateway !== shop.gateway) await Shops.updateOne({ _id: shop._id }, { $set: { gateway, changedAt: rt.clock.now() }, $inc: { revision: 1 } });
      }
    },
    stop: async (): Promise<void> => {
      stopping = true;
      await child?.stop();
    },
  };
}
