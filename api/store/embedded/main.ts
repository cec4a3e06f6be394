/** `npm run store -- --port N --data DIR`: a mongodb:// server on loopback over one data folder. */
import { parseArgs } from 'node:util';
import { Engine } from './engine.ts';
import { StoreServer } from './server.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, data: { type: 'string', default: './data/store' }, 'test-commands': { type: 'boolean', default: false } } });

try {
  const server = new StoreServer(new Engine(values.data), { testCommands: values['test-commands'] });
  const port = await server.listen(Number(values.port));
  process.stdout.write(`${JSON.stringify({ ready: true, uri: `mongodb://127.0.0.1:${port}/?replicaSet=rs0`, port, pid: process.pid })}\n`);
  const stop = (): void => void server.close().then(() => process.exit(0), () => process.exit(1));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Started by a parent: it ends with it.
  process.on('disconnect', stop);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
