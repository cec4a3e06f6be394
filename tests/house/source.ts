import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(fileURLToPath(new URL('../..', import.meta.url)));
export type SourceFile = { readonly path: string; readonly text: string; readonly lines: readonly string[]; readonly imports: readonly Import[] };
/** `target`: path from the root for our own files, else the package's name. */
export type Import = { readonly target: string; readonly own: boolean; readonly typeOnly: boolean; readonly line: number };

const IMPORT = /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map((m) => {
    const name = m[3] ?? m[4] ?? '';
    const own = name.startsWith('.');
    return { target: own ? normalize(join(dirname(path), name)) : name, own, typeOnly: Boolean(m[2]), line: text.slice(0, m.index).split('\n').length };
  });
}

const listed = (...patterns: string[]): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean);

/** Every file of ours with these endings that git holds or would hold. */
export const files = (...patterns: string[]): SourceFile[] =>
  listed(...patterns).flatMap((path) => {
    try {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return [{ path, text, lines: text.split('\n'), imports: /\.(ts|tsx|cjs|mjs)$/.test(path) ? importsOf(path, text) : [] }];
    } catch {
      return []; // listed, but deleted in the working tree
    }
  });
export const sources = files('*.ts', '*.tsx');
