/**
 * `npm run store -- --port N --data DIR`: a mongodb:// server on loopback over one data folder.
 * `--snapshot DIR` copies the folder's data, also while a store runs on it; `--check` proves its indexes.
 */
import { parseArgs } from 'node:util';
import { checkFolder, snapshotFolder } from './care.ts';
import { Engine } from './engine.ts';
import { announcePort } from './folder.ts';
import { StoreServer } from './server.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, data: { type: 'string', default: './data/store' }, 'test-commands': { type: 'boolean', default: false }, snapshot: { type: 'string' }, check: { type: 'boolean', default: false } },
});

async function serve(): Promise<void> {
  const server = new StoreServer(new Engine(values.data), { testCommands: values['test-commands'] });
  const port = await server.listen(Number(values.port));
  announcePort(values.data, port);
  process.stdout.write(`${JSON.stringify({ ready: true, uri: `mongodb://127.0.0.1:${port}/?replicaSet=rs0`, port, pid: process.pid })}\n`);
  const stop = (): void => void server.close().then(() => process.exit(0), () => process.exit(1));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Started by a parent: it ends with it.
  process.on('disconnect', stop);
}

try {
  if (values.snapshot !== undefined) process.stdout.write(`${await snapshotFolder(values.data, values.snapshot)}\n`);
  else if (values.check) process.exitCode = await checkFolder(values.data, (text) => process.stdout.write(`${text}\n`)) ? 0 : 1;
  else await serve();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
