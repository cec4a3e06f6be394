/** `npm run sandbox -- --port N --data DIR [--seed N] [--since ISO] [--live]`: the stand-ins of the platforms, in a process of their own. */
import { parseArgs } from 'node:util';
import { startSandbox } from '../channels/sandbox/server.ts';

const { values } = parseArgs({ options: {
  seed: { type: 'string', default: '20261111' }, port: { type: 'string', default: '0' }, data: { type: 'string', default: './data/sandbox' }, since: { type: 'string' }, live: { type: 'boolean', default: false },
  'per-day': { type: 'string' }, 'open-per-day': { type: 'string' },
} });
const number = (text: string | undefined, key: 'historyPerDay' | 'openPerDay') => (text === undefined ? {} : { [key]: Number(text) });
const server = await startSandbox({
  seed: Number(values.seed), port: Number(values.port), dataDir: values.data, since: values.since ? new Date(values.since) : new Date(), live: values.live, ...number(values['per-day'], 'historyPerDay'), ...number(values['open-per-day'], 'openPerDay'),
});
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
const end = (): void => void server.stop().then(() => process.exit(0));
process.on('SIGTERM', end);
process.on('SIGINT', end);
// Started by us: it must not outlive a parent that was killed.
process.on('disconnect', () => process.exit(0));
