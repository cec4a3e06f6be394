/**
 * `npm run sandbox -- --port N --data DIR [--seed N] [--since ISO] [--live] [--speed N] [--double-eleven]`: the stand-ins of the
 * platforms, in a process of their own. A speed of 60 lives an hour in a minute, with buyers coming; double eleven is twenty
 * times the load, with its midnight.
 */
import { parseArgs } from 'node:util';
import { startSandbox } from '../channels/sandbox/server.ts';

const { values } = parseArgs({ options: {
  seed: { type: 'string', default: '20261111' }, port: { type: 'string', default: '0' }, data: { type: 'string', default: './data/sandbox' }, since: { type: 'string' }, live: { type: 'boolean', default: false }, speed: { type: 'string', default: '1' }, 'double-eleven': { type: 'boolean', default: false },
  'per-day': { type: 'string' }, 'open-per-day': { type: 'string' }, 'live-per-day': { type: 'string' },
} });
const number = (text: string | undefined, key: 'historyPerDay' | 'openPerDay' | 'livePerDay') => (text === undefined ? {} : { [key]: Number(text) });
const server = await startSandbox({
  seed: Number(values.seed), port: Number(values.port), dataDir: values.data, since: values.since ? new Date(values.since) : new Date(), live: values.live || values['double-eleven'] || Number(values.speed) !== 1, speed: Number(values.speed), peak: values['double-eleven'], ...number(values['per-day'], 'historyPerDay'), ...number(values['open-per-day'], 'openPerDay'), ...number(values['live-per-day'], 'livePerDay'),
});
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
const end = (): void => void server.stop().then(() => process.exit(0));
process.on('SIGTERM', end);
process.on('SIGINT', end);
// Started by us: it must not outlive a parent that was killed.
process.on('disconnect', () => process.exit(0));
