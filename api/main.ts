/** `npm start [-- --demo]`: builds what is missing, starts store, service, jobs and desk in one go, and watches over them. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddin, isAddinBuilt } from '../addin/build.ts';
import { sandboxOf } from './demo/sandbox.ts';
import { maskedConfig, readConfig, type Config } from './runtime/config.ts';
import { makeLog, type Log } from './runtime/log.ts';
import { tellRunning, tellStopped } from './runtime/running.ts';
import { startService, type Service } from './service.ts';
import { startEmbeddedStore } from './store/embedded/start.ts';

const ROOT = resolve(fileURLToPath(new URL('..', import.meta.url)));
const DATABASE = 'suanpan';
const say = (zh: string, en: string): void => void process.stdout.write(`  ${zh}  ·  ${en}\n`);

type Store = { uri: string; stop: () => Promise<void> };

async function openStore(config: Config, log: Log, stopping: () => boolean): Promise<Store> {
  if (config.mongodbUri) return { uri: config.mongodbUri, stop: async () => undefined };
  const dataDir = join(config.dataDir, 'store');
  const first = await startEmbeddedStore({ dataDir });
  const port = Number(new URL(first.uri).port);
  let current = first;
  const watch = (): void => current.onExit(() => {
    if (stopping()) return;
    log.error('the store ended by itself; it is started again on the same port');
    void startEmbeddedStore({ dataDir, port }).then((again) => {
      current = again;
      watch();
    }, (error: unknown) => log.fatal({ err: error }, 'the store could not be started again'));
  });
  watch();
  return { uri: first.uri, stop: () => current.stop() };
}

async function build(): Promise<string> {
  const dist = join(ROOT, 'dist');
  if (!(await isAddinBuilt(dist))) {
    say('正在构建工作台', 'building the workbench');
    await buildAddin({ outDir: dist, minify: true });
  }
  return dist;
}

function tellDemo(service: Service): Promise<void> {
  let shown = '';
  service.demo.onProgress((s) => {
    const percent = s.total > 0 ? ` ${Math.floor((s.done * 100) / s.total)} %` : '';
    const line = `${s.step.zh}${percent}  ·  ${s.step.en}${percent}`;
    if (line === shown) return;
    shown = line;
    process.stdout.write(`  … ${line}\n`);
  });
  service.demo.load();
  return service.demo.finished().then((s) => {
    if (s.state === 'failed') process.stdout.write(`  ! ${s.error ?? ''}\n`);
  });
}

async function main(): Promise<void> {
  const config = readConfig();
  mkdirSync(config.dataDir, { recursive: true });
  const log = makeLog(config.logLevel, join(config.dataDir, 'suanpan.log'));
  log.info({ config: maskedConfig(config) }, 'start');
  const version = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
  process.stdout.write(`\n  算盘 Suanpan ${version}\n`);
  let stopping = false;
  const [dist, store] = await Promise.all([build(), openStore(config, log, () => stopping)]);
  say('存储已打开', `store open${existsSync(join(config.dataDir, 'store')) ? ` in ${config.dataDir}` : ''}`);
  const sandbox = sandboxOf(config.dataDir, log);
  tellRunning(config.dataDir, store.uri);
  const service = await startService({ config, storeUri: store.uri, database: DATABASE, dist, version, log, sandbox, alone: !config.mongodbUri });
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    say('正在停止', 'stopping');
    await service.stop();
    await sandbox.stop();
    tellStopped(config.dataDir);
    await store.stop();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
  process.stdout.write(`\n  ${service.url}/workbench/\n`);
  if (service.ownerToken) process.stdout.write(`\n  主人链接，只显示这一次 · owner link, shown only once:\n  ${service.url}/workbench/#token=${service.ownerToken}\n`);
  process.stdout.write('\n  Ctrl+C 停止 · stops\n\n');
  if (sandbox.known()) await sandbox.resume(service.rt);
  if (process.argv.includes('--demo')) await tellDemo(service);
}

main().catch((error: unknown) => {
  process.stderr.write(`\n  ! ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  process.exit(1);
});
