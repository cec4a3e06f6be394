import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Headless, KINDS, startHeadless } from '../../addin/workbench/headless.ts';
import { ROOT } from '../house/source.ts';

type Module = { readonly startHeadless: typeof startHeadless; readonly KINDS: typeof KINDS };
let loaded: Promise<Module> | undefined;
/** The workbench's host in Node: bundled once per state of its sources, since the grid's packages do not load as they are. */
async function load(): Promise<Module> {
  const hash = createHash('sha256');
  for (const folder of ['addin/workbench', 'addin/functions']) for (const f of (await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })).filter((e) => e.isFile() && e.name.endsWith('.ts')).map((e) => join(e.parentPath, e.name)).sort()) hash.update(f).update(await readFile(f));
  const outfile = join(ROOT, 'dist/headless', `${hash.digest('hex').slice(0, 16)}.mjs`);
  if (!existsSync(outfile)) {
    await mkdir(join(ROOT, 'dist/headless'), { recursive: true });
    await build({
      entryPoints: [join(ROOT, 'addin/workbench/headless.ts')], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'error', legalComments: 'none', banner: { js: "import { createRequire as __require } from 'node:module'; const require = __require(import.meta.url);" },
      // The render engine comes along by type; nothing is drawn here.
      loader: { '.css': 'empty' },
    });
  }
  return (await import(pathToFileURL(outfile).href)) as Module;
}
export async function headless(options: Parameters<typeof startHeadless>[0] = {}): Promise<Headless> {
  return (await (loaded ??= load())).startHeadless(options);
}
export const hostKinds = async (): Promise<typeof KINDS> => (await (loaded ??= load())).KINDS;
