/**
 * Builds what runs in a browser into `dist`: the workbench (a spreadsheet of our own) and the add-in (inside Excel).
 * A build is known by the hash of its sources, so a start builds only what has changed.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { SHORTCUT_FILE } from './commands/names.ts';
import { FUNCTIONS, NAMESPACE } from './functions/metadata.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
const STAMP = 'build.json';

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name)).sort();
}
/** One hash over every source that goes into a bundle, and over the versions that are installed. */
async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [...(await filesUnder(HERE)), ...(await filesUnder(join(ROOT, 'api/contract'))), join(ROOT, 'package-lock.json')]) hash.update(file.slice(ROOT.length)).update(await readFile(file));
  return hash.digest('hex');
}

export async function isAddinBuilt(outDir: string): Promise<boolean> {
  const stamp = join(outDir, STAMP);
  return existsSync(stamp) && (JSON.parse(await readFile(stamp, 'utf8')) as { hash: string }).hash === (await sourceHash());
}

const shared: BuildOptions = {
  bundle: true, format: 'esm', splitting: true, target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact', loader: { '.png': 'file', '.svg': 'text' }, logLevel: 'error', legalComments: 'none', define: { 'process.env.NODE_ENV': '"production"' }, chunkNames: 'chunk-[hash]',
};

export async function buildAddin(options: { readonly outDir: string; readonly minify?: boolean }): Promise<void> {
  const { outDir, minify = false } = options;
  const hash = await sourceHash();
  await rm(outDir, { recursive: true, force: true });
  await mkdir(join(outDir, 'addin'), { recursive: true });
  await Promise.all([
    build({ ...shared, minify, entryPoints: { workbench: join(HERE, 'workbench/main.ts') }, outdir: join(outDir, 'workbench') }),
    build({ ...shared, minify, entryPoints: { taskpane: join(HERE, 'taskpane.ts') }, outdir: join(outDir, 'addin') }),
  ]);
  for (const file of ['index.html', 'shell.css']) await cp(join(HERE, 'workbench', file), join(outDir, 'workbench', file));
  await cp(join(HERE, 'taskpane.html'), join(outDir, 'addin/taskpane.html'));
  for (const page of ['workbench', 'addin']) await cp(join(HERE, 'panes/pane.css'), join(outDir, page, 'pane.css'));
  await cp(join(HERE, 'assets'), join(outDir, 'addin/assets'), { recursive: true });
  await cp(join(HERE, 'assets'), join(outDir, 'workbench/assets'), { recursive: true });
  const functions = FUNCTIONS.map((f) => ({ ...f, name: f.name, options: { stream: f.options?.stream ?? false, cancelable: f.options?.cancelable ?? false } }));
  await writeFile(join(outDir, 'addin/functions.json'), JSON.stringify({ namespace: NAMESPACE, functions }, null, 1));
  await writeFile(join(outDir, 'addin/shortcuts.json'), JSON.stringify(SHORTCUT_FILE, null, 1));
  await writeFile(join(outDir, STAMP), JSON.stringify({ hash }));
}

/**
 * The workbench's host for Node: the grid's packages do not load there as they are (one needs a bundler), so they are bundled
 * once per state of their sources. Answers the module's file.
 */
export async function buildHeadless(outDir: string): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['workbench', 'functions']) for (const file of (await filesUnder(join(HERE, folder))).filter((f) => f.endsWith('.ts'))) hash.update(file.slice(ROOT.length)).update(await readFile(file));
  const outfile = join(outDir, `${hash.digest('hex').slice(0, 16)}.mjs`);
  if (existsSync(outfile)) return outfile;
  await mkdir(outDir, { recursive: true });
  await build({
    entryPoints: [join(HERE, 'workbench/headless.ts')], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'error', legalComments: 'none', banner: { js: "import { createRequire as __require } from 'node:module'; const require = __require(import.meta.url);" },
    // The render engine comes along by type; nothing is drawn here.
    loader: { '.css': 'empty' },
  });
  return outfile;
}
