import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { files, sources, type SourceFile } from './source.ts';

type Ban = { readonly what: string; readonly instead: string; readonly in: (path: string) => boolean; readonly pattern: RegExp };
const service = (path: string): boolean => /^(api|jobs)\//.test(path);
const standIn = (path: string): boolean => /\/sandbox\//.test(path) || path === 'api/cli/sandbox.ts';
const embedded = (path: string): boolean => path.startsWith('api/store/embedded/');

const BANS: readonly Ban[] = [
  { what: 'the time of day', instead: 'the clock that is handed in', in: (p) => service(p) && p !== 'api/runtime/clock.ts' && !standIn(p) && !embedded(p), pattern: /\bDate\.now\(\)|new Date\(\)/ },
  { what: 'the environment', instead: 'api/runtime/config.ts', in: (p) => (service(p) || p.startsWith('addin/')) && p !== 'api/runtime/config.ts' && !embedded(p), pattern: /process\.env\b(?!\.NODE_ENV': '"production"')/ },
  { what: 'a division by 100', instead: 'api/contract/values/money.ts', in: (p) => !p.startsWith('tests/') && p !== 'api/contract/values/money.ts', pattern: /\/ 100\b(?!0)/ },
  { what: 'parseFloat or toFixed', instead: 'fenFromYuanText and yuanText', in: (p) => service(p) && !embedded(p), pattern: /parseFloat\(|\.toFixed\(/ },
  { what: 'loose types', instead: 'a type, or unknown', in: () => true, pattern: /: any\b|\bas any\b|<any>|@ts-ignore|@ts-nocheck|eslint-disable/ },
  { what: 'unfinished words', instead: 'the thing itself', in: () => true, pattern: /\b(TODO|FIXME|XXX|HACK)\b|not implemented yet|\bfor now,|simplified version/i },
  { what: 'eval of text', instead: 'a parser', in: () => true, pattern: /\beval\(|new Function\(/ },
  { what: 'tests that do not run', instead: 'a test that runs, or none', in: (p) => p.startsWith('tests/'), pattern: /\b(it|describe|test)\.(skip|only)\(|\bx(it|describe)\(/ },
  { what: 'a default export', instead: 'a named export', in: (p) => !p.startsWith('tests/'), pattern: /^export default\b/m },
];
/** Files whose own subject is the ban. */
const SELF = /^tests\/house\//;

const hits = (file: SourceFile, ban: Ban): string[] => file.lines.flatMap((line, i) => (ban.pattern.test(line) ? [`${file.path}:${i + 1}: ${line.trim().slice(0, 90)}`] : []));

describe('house: what is banned', () => {
  for (const ban of BANS) {
    it(`${ban.what}: use ${ban.instead}`, () => {
      assert.deepEqual(sources.filter((f) => ban.in(f.path) && !SELF.test(f.path)).flatMap((f) => hits(f, ban)), []);
    });
  }

  it('no file is called by a word that says nothing', () => {
    const wrong = sources.filter((f) => /(^|[.-])(utils?|helpers?|common|manager|misc|service)\.tsx?$/.test(basename(f.path)) && !/^(api|tests\/support)\/service\.ts$/.test(f.path));
    assert.deepEqual(wrong.map((f) => f.path), []);
  });

  it('file names are kebab-case', () => {
    assert.deepEqual(sources.map((f) => f.path).filter((p) => !/^[a-z0-9]+([.-][a-z0-9]+)*\.tsx?$/.test(basename(p))), []);
  });

  it('a platform is named only in its own folder, the registry, the contract and the sandbox company', () => {
    const allowed = /^(api\/channels\/|api\/contract\/|api\/demo\/|api\/cli\/|api\/imports\/|addin\/i18n\/|tests\/)/;
    const named = /['"`](taobao|jd|douyin|pinduoduo|wechat-shop|alipay|wechat-pay|sf|cainiao|kuaidi100)['"`]/;
    const wrong = sources.filter((f) => !allowed.test(f.path)).flatMap((f) => f.lines.flatMap((l, i) => (named.test(l) ? [`${f.path}:${i + 1}: ${l.trim().slice(0, 80)}`] : [])));
    assert.deepEqual(wrong, []);
  });

  it('no path of a machine and no registry host in any file', () => {
    const pattern = /\/work\/(main|shared)|\/home\/\w+\/|registry\.npm|npmmirror/;
    const wrong = files().filter((f) => !/\.(png|svg|ico|woff2|xlsx|lmdb)$/.test(f.path) && !SELF.test(f.path)).filter((f) => pattern.test(f.text));
    assert.deepEqual(wrong.map((f) => f.path), []);
  });

  it('the lock file names no download address', () => {
    const lock = files('package-lock.json')[0];
    assert.ok(lock && !/"resolved":/.test(lock.text));
  });
});
