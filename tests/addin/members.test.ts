import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../house/source.ts';
import { hostKinds } from '../support/headless.ts';

/** Members that every object has: they are not counted. */
const BASE = new Set(['context', 'load', 'toJSON', 'set', 'isNullObject', 'track', 'untrack', 'constructor']);
/** Classes of what this host leaves to Excel: charts, pictures, pivots and the like. */
const LEFT = /^(Chart|Pivot|Shape|Slicer|Line|Geometric|GroupShape|Image|Text(Frame|Range)|DocumentTheme|Query|LinkedWorkbook|LinkedEntity|TableStyle|SlicerStyle|TimelineStyle|PivotTableStyle|DataConnection|Icon|CustomFunction|FunctionResult|Functions|Binding|DataHierarchy|RowColumn|Filter(Pivot)|Visual|Power|Hierarchy|BasicPivot|Session|Iterative|PredefinedCellStyle|Style)/;

/** Classes and their members, as the types of Microsoft name them. */
async function documented(): Promise<Map<string, string[]>> {
  const text = await readFile(join(ROOT, 'node_modules/@types/office-js/index.d.ts'), 'utf8');
  const classes = new Map<string, Set<string>>();
  let at: Set<string> | undefined;
  let excel = false;
  for (const line of text.split('\n')) {
    const space = /^(?:export )?declare namespace (\w+)/.exec(line);
    if (space) excel = space[1] === 'Excel';
    if (!excel) continue;
    const made = /^    (?:export )?class (\w+)/.exec(line);
    if (made) classes.set(made[1]!, (at = classes.get(made[1]!) ?? new Set()));
    else if (/^    (export )?(interface|enum|type|function|namespace|module)\b/.test(line) || /^    \}/.test(line)) at = undefined;
    const member = at && /^        (?:readonly )?(\w+)(?:\??:|\()/.exec(line)?.[1];
    if (member && !BASE.has(member)) at!.add(member);
  }
  return new Map([...classes].map(([name, members]) => [name, [...members].sort()]));
}
type Page = { readonly text: string; readonly done: number; readonly strange: string[] };
async function page(): Promise<Page> {
  const [types, kinds] = [await documented(), await hostKinds()];
  const lines: string[] = [];
  const strange: string[] = [];
  let [done, all] = [0, 0];
  for (const [name, members] of [...types].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const own = kinds.get(name);
    if (!own && LEFT.test(name)) continue;
    const have = new Set([...(own?.props ?? []), ...(own?.parts ?? []), ...(own?.methods ?? []), ...(own?.items ? ['items'] : [])]);
    strange.push(...[...have].filter((m) => !members.includes(m)).map((m) => `${name}.${m}`));
    if (members.length === 0) continue;
    const [yes, no] = [members.filter((m) => have.has(m)), members.filter((m) => !have.has(m))];
    done += yes.length;
    all += members.length;
    lines.push(`| ${name} | ${yes.join(' ')} | ${no.join(' ')} |`);
  }
  strange.push(...[...kinds.keys()].filter((k) => !types.has(k) && k !== 'EventHandlers'));
  const text = `# What the workbench has of Excel's object model\n\nMade from \`@types/office-js\` and the host's own tables (\`WRITE_DOCS=1 npx mocha tests/addin/members.test.ts\`): ${done} of ${all} members are there. A member that is not\nthere throws \`NotImplemented\` with its name. Charts, pictures, pivots, slicers and styles are left to Excel; \`load\`, \`set\`, \`toJSON\`, \`context\` and \`isNullObject\`\nare at every object and not counted.\n\n| object | done | not there |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
  return { text, done, strange };
}

describe('the host: list of members', function () {
  this.timeout(180_000);
  it('every member of ours is one that Excel has, under its own name', async () => assert.deepEqual((await page()).strange, []));
  it('has at least 320 members', async () => {
    const { done } = await page();
    assert.ok(done >= 320, `${done} members`);
  });
  it('docs/workbench-members.md tells them as they are', async () => {
    const { text } = await page();
    const file = join(ROOT, 'docs/workbench-members.md');
    if (process.env['WRITE_DOCS']) await writeFile(file, text);
    assert.equal(await readFile(file, 'utf8'), text);
  });
});
