/**
 * `npm run workbench [-- --record [FILE]] [--at URL] [--demo]`: the product, with a link to the workbench that writes every
 * sync to a file: size, operations, duration, and each statement with its answer. `--at`: beside a service that runs already.
 * `npm run workbench -- --replay FILE`: the same session against the host without a page; says what differed, exits 1 then.
 * A recording holds what stood in the sheets: look at it before you pass it on.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildHeadless } from '../../addin/build.ts';
import type * as Headless from '../../addin/workbench/headless.ts';
import { systemClock } from '../runtime/clock.ts';
import { readConfig } from '../runtime/config.ts';

const ROOT = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const say = (zh: string, en: string): void => void process.stdout.write(`  ${zh}  ·  ${en}\n`);

/** Takes lines from the page of this machine's browser, and from no other site's. */
function receive(file: string, page: () => string | undefined): Promise<Server> {
  mkdirSync(dirname(file), { recursive: true });
  const out = createWriteStream(file, { mode: 0o600 });
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const origin = request.headers.origin ?? '';
    const known = page();
    if (known === undefined || new URL(known).port !== (URL.canParse(origin) ? new URL(origin).port : '')) return void response.writeHead(403).end();
    response.setHeader('Access-Control-Allow-Origin', origin).setHeader('Access-Control-Allow-Private-Network', 'true');
    if (request.method !== 'POST') return void response.writeHead(204, { 'Access-Control-Allow-Headers': '*' }).end();
    request.on('data', (chunk: Buffer) => out.write(chunk));
    request.on('end', () => response.writeHead(204).end());
  };
  return new Promise((done) => { const server = createServer(answer).listen(0, '127.0.0.1', () => done(server)); });
}

/** The link that records, made from the one that the service prints. */
const recording = (text: string, port: number): string => text.replaceAll('/workbench/', `/workbench/?record=${port}`);

async function record(file: string, at: string | undefined, demo: boolean): Promise<void> {
  let page = at;
  const server = await receive(file, () => page);
  const { port } = server.address() as AddressInfo;
  say(`每次同步都记在 ${file}`, `every sync goes to ${file}`);
  if (at !== undefined) return void process.stdout.write(`\n  ${recording(`${at.replace(/\/$/, '')}/workbench/`, port)}\n\n`);
  serve(demo, (text) => { page ??= /https?:\/\/[^/\s]+(?=\/workbench\/)/.exec(text)?.[0]; return recording(text, port); });
}
/** The product as `npm start` runs it; what it says goes through `word`. */
function serve(demo: boolean, word: (text: string) => string): void {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'api/main.ts'), ...(demo ? ['--demo'] : [])], { stdio: ['inherit', 'pipe', 'inherit'] });
  child.stdout.on('data', (chunk: Buffer) => process.stdout.write(word(chunk.toString())));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.once('exit', (code) => process.exit(code ?? 1));
}

async function again(file: string): Promise<void> {
  const { linesOf, replay } = (await import(pathToFileURL(await buildHeadless(join(ROOT, 'dist/headless'))).href)) as typeof Headless;
  const done = await replay(linesOf(readFileSync(file, 'utf8')));
  for (const d of done.differences) process.stdout.write(`  sync ${d.sync}${d.step < 0 ? '' : `, step ${d.step}`}: ${d.what}\n    was ${d.was}\n    is  ${d.is}\n`);
  say(`${done.syncs} 次同步、${done.deeds} 次人的操作：${done.differences.length} 处不同；宿主用时 ${Math.round(done.ms)} 毫秒（录制时 ${Math.round(done.recordedMs)}）`, `${done.syncs} syncs, ${done.deeds} deeds of a person: ${done.differences.length} differences; ${Math.round(done.ms)} ms in the host (${Math.round(done.recordedMs)} when recorded)`);
  for (const s of done.slowest) process.stdout.write(`    sync ${s.sync}: ${Math.round(s.ms)} ms (${Math.round(s.recordedMs)}), ${s.bytes} bytes\n`);
  process.exit(done.differences.length > 0 ? 1 : 0);
}

/** The word after a flag, unless it is a flag. */
const after = (flag: string): string | undefined => { const i = process.argv.indexOf(flag); const next = i < 0 ? undefined : process.argv[i + 1]; return next?.startsWith('--') ? undefined : next; };
if (process.argv.includes('--replay')) {
  const file = after('--replay');
  if (file === undefined) throw new Error('--replay wants a file');
  await again(file);
} else if (process.argv.includes('--record')) {
  const file = after('--record') ?? join(readConfig().dataDir, 'recordings', `${systemClock.now().toISOString().slice(0, 19).replaceAll(':', '-')}.jsonl`);
  await record(file, after('--at'), process.argv.includes('--demo'));
} else serve(process.argv.includes('--demo'), (text) => text);
