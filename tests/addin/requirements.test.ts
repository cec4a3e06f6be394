import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../house/source.ts';

/** `1.14` as a number that sorts. */
const level = (version: string): number => { const [a = 0, b = 0] = version.split('.').map(Number); return a * 100 + b; };
type Row = { readonly feature: string; readonly set: string; readonly version: string; readonly members: readonly string[]; readonly hosts: readonly string[]; readonly below: string };
const HOSTS = ['2019', '2021', '365 and web', 'Mac', 'iPad'];
/** The highest ExcelApi of each host; of the other sets, which hosts have them (requirement-set pages of learn.microsoft.com, 2026-08). */
const EXCEL_API = [108, 114, 9999, 9999, 9999];
const OTHERS: Readonly<Record<string, string>> = { SharedRuntime: '○●●●○', CustomFunctionsRuntime: '○●●●○', RibbonApi: '○○●●○', KeyboardShortcuts: '○○●●○' };

/** Of each member name of Excel’s types the lowest set in which any class has it: code that names it needs at least that. */
async function lowestSets(): Promise<Map<string, number>> {
  const lowest = new Map<string, number>();
  let [excel, set] = [false, undefined as number | undefined];
  for (const line of (await readFile(join(ROOT, 'node_modules/@types/office-js/index.d.ts'), 'utf8')).split('\n')) {
    const space = /^(?:export )?declare namespace (\w+)/.exec(line);
    if (space) excel = space[1] === 'Excel';
    if (/^\s+\/\*\*/.test(line)) set = undefined;
    const said = /\[Api set: ExcelApi ([\d.]+)/.exec(line)?.[1];
    if (said) set = level(said);
    const member = excel ? /^        (?:readonly )?(\w+)(?:\??:|\()/.exec(line)?.[1] : undefined;
    if (member && set !== undefined) lowest.set(member, Math.min(lowest.get(member) ?? 9999, set));
  }
  return lowest;
}
async function code(): Promise<string> {
  const files = (await readdir(join(ROOT, 'addin'), { recursive: true, withFileTypes: true })).filter((f) => f.isFile() && /\.tsx?$/.test(f.name) && !f.parentPath.includes('workbench'));
  const texts = await Promise.all(files.map((f) => readFile(join(f.parentPath, f.name), 'utf8')));
  return texts.join('\n').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}
async function table(): Promise<Row[]> {
  const lines = (await readFile(join(ROOT, 'docs/in-excel.md'), 'utf8')).split('\n').filter((l) => l.startsWith('| ')).map((l) => l.split('|').slice(1, -1).map((c) => c.trim()));
  assert.deepEqual(lines[0]!.slice(3, 8), HOSTS);
  return lines.slice(2).map(([feature = '', set = '', members = '', ...rest]) => { const [name = '', version = ''] = set.split(' '); return { feature, set: name, version, members: [...members.matchAll(/`([^`]+)`/g)].map((m) => m[1]!), hosts: rest.slice(0, 5), below: rest[5] ?? '' }; });
}

describe('what the add-in needs of Excel', () => {
  it('the table names every set that the code uses, no other, and what happens below it', async () => {
    const [lowest, text, rows, manifest] = [await lowestSets(), await code(), await table(), await readFile(join(ROOT, 'manifest.xml'), 'utf8')];
    const port = (await Promise.all((await readdir(join(ROOT, 'addin/excel'))).map((f) => readFile(join(ROOT, 'addin/excel', f), 'utf8')))).join('\n').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const floor = new Map([...manifest.matchAll(/<Set Name="(\w+)" MinVersion="([\d.]+)"\/>/g)].map((m) => [m[1]!, level(m[2]!)]));
    const asked = [...text.matchAll(/isSetSupported\('(\w+)', '([\d.]+)'\)/g)].map((m) => `${m[1]} ${m[2]}`);
    const used = new Map<number, Set<string>>();
    for (const [, name] of port.matchAll(/[.'/,](\w+)/g)) { const at = lowest.get(name!); if (at !== undefined) used.set(at, (used.get(at) ?? new Set()).add(name!)); }

    for (const row of rows) {
      const above = level(row.version) > (floor.get(row.set) ?? 0);
      if (row.set === 'ExcelApi') {
        for (const m of row.members.slice(0, row.version === '1.1' ? 2 : undefined)) assert.ok(used.get(level(row.version))?.has(m), `${m} is used, and came with ExcelApi ${row.version}`);
        assert.deepEqual(row.hosts, EXCEL_API.map((most) => (level(row.version) <= most ? '●' : '○')), row.feature);
      } else {
        assert.equal(row.hosts.join(''), OTHERS[row.set], row.feature);
        for (const m of row.members) assert.ok(`${text}${manifest}`.includes(m), `${m} is used`);
      }
      // A set above the floor is asked for before it is used; what the manifest alone names, Excel asks for itself.
      if (above && row.set !== 'KeyboardShortcuts') assert.ok(asked.includes(`${row.set} ${row.version}`), `${row.set} ${row.version} is asked for`);
      assert.equal(row.below !== '–', row.hosts.includes('○'), `what happens without it: ${row.feature}`);
    }
    const named = new Set(rows.filter((r) => r.set === 'ExcelApi').map((r) => level(r.version)));
    // Some names are older in another class than where they are used: what is said once per set is enough.
    for (const at of [...used.keys()].filter((n) => n > 104 && n !== 106 && n !== 110)) assert.ok(named.has(at), `ExcelApi ${at / 100} is used (${[...used.get(at)!].join(' ')}) and not in the table`);
    for (const set of asked) assert.ok(set.startsWith('Workbench') || rows.some((r) => `${r.set} ${r.version}` === set), `${set} is asked for and not in the table`);
    for (const [set, version] of floor) assert.ok(rows.some((r) => r.set === set && level(r.version) === version), `the floor ${set} is in the table`);
  });
});
