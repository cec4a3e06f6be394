/**
 * `npm run relay -- --key-file FILE [--port N] [--host H] [--cert FILE --tls-key FILE | --behind-tls]`: passes calls of this
 * company's service on to the platforms' gateways, from a host inside a platform's cloud.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startRelay } from '../channels/relay/server.ts';
import { RELAY_KEY } from '../channels/transport/relay-proof.ts';
import { systemClock } from '../runtime/clock.ts';

const { values } = parseArgs({ options: { 'key-file': { type: 'string' }, port: { type: 'string', default: '8443' }, host: { type: 'string', default: '127.0.0.1' }, cert: { type: 'string' }, 'tls-key': { type: 'string' }, 'behind-tls': { type: 'boolean', default: false } } });
const stop = (words: string): never => {
  process.stderr.write(`${words}\n`);
  process.exit(2);
};
const file = values['key-file'] ?? stop('--key-file FILE 缺少密钥文件 · names the file with the key; it is made when it does not exist');
if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
const key = readFileSync(file, 'utf8').trim();
if (!RELAY_KEY.test(key)) stop(`${file}: 密钥至少 32 字节的 base64url · the key is 32 bytes or more, as base64url`);
const { cert, 'tls-key': tlsKey } = values;
if (Boolean(cert) !== Boolean(tlsKey)) stop('--cert 和 --tls-key 要一起给 · come together');
// Bodies hold tokens and receivers: they do not cross a network in the open.
if (!cert && !values['behind-tls'] && !['127.0.0.1', '::1', 'localhost'].includes(values.host)) stop('对外监听要 TLS：--cert 与 --tls-key，或由前面的代理加密（--behind-tls） · listening beyond this machine needs TLS: --cert and --tls-key, or a proxy in front (--behind-tls)');
const relay = await startRelay({
  key, port: Number(values.port), host: values.host, now: () => systemClock.now(), log: (line) => void process.stdout.write(`${JSON.stringify(line)}\n`),
  ...(cert && tlsKey ? { tls: { cert: readFileSync(cert, 'utf8'), key: readFileSync(tlsKey, 'utf8') } } : {}),
});
process.stdout.write(`${JSON.stringify({ port: relay.port })}\n`);
const end = (): void => void relay.stop().then(() => process.exit(0));
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.on('disconnect', () => process.exit(0));
