/**
 * `npm run manifest`                         checks manifest.xml without any network
 * `npm run manifest -- ADDRESS FILE`         writes the manifest of a service at another https address, checked too
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACTIONS } from '../../addin/commands/names.ts';
import { checkManifest } from './manifest-check.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Files below `/addin/` that the build makes; the others stand in `addin/` as they are. */
const BUILT: ReadonlySet<string> = new Set(['taskpane.js', 'functions.json', 'shortcuts.json']);
const HERE = 'https://localhost:3000';

export const expected = { actions: ACTIONS, locale: 'en-US', has: (path: string): boolean => BUILT.has(path) || existsSync(join(ROOT, 'addin', path)) };

/** The manifest for a service at `address`; each company's is an add-in of its own, so its id comes from the address. */
export async function manifestFor(xml: string, address: string): Promise<string> {
  const { origin, protocol } = new URL(address);
  if (protocol !== 'https:') throw new Error(`Office 只接受 https，读到 ${address}  ·  Office wants https, it reads ${address}`);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(origin)));
  const hex = [...hash.subarray(0, 16)].map((b, i) => (i === 6 ? (b & 0x0f) | 0x50 : i === 8 ? (b & 0x3f) | 0x80 : b).toString(16).padStart(2, '0')).join('');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return xml.replaceAll(HERE, origin).replace(/<Id>[^<]*<\/Id>/, `<Id>${id}</Id>`);
}

async function main(address: string | undefined, file: string | undefined): Promise<number> {
  const own = await readFile(join(ROOT, 'manifest.xml'), 'utf8');
  const xml = address ? await manifestFor(own, address) : own;
  const mistakes = checkManifest(xml, expected);
  for (const mistake of mistakes) process.stderr.write(`  ! ${mistake}\n`);
  if (mistakes.length > 0) return 1;
  if (address && file) await writeFile(file, xml);
  process.stdout.write(`  ${file ?? 'manifest.xml'} ${address ? `→ ${new URL(address).origin} ` : ''}没有问题  ·  has no mistakes\n`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv[2], process.argv[3]).then((code) => { process.exitCode = code; }, (error: unknown) => {
    process.stderr.write(`  ! ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
