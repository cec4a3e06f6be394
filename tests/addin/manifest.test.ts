import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ACTIONS } from '../../addin/commands/names.ts';
import { FUNCTIONS, NAMESPACE } from '../../addin/functions/metadata.ts';
import { RIBBON } from '../../addin/workbench/ribbon.ts';
import { allNodes, checkManifest, readManifest, type Node } from '../../api/cli/manifest-check.ts';
import { expected, manifestFor } from '../../api/cli/manifest.ts';
import { ROOT } from '../house/source.ts';

const FILE = join(ROOT, 'manifest.xml');
const xml = readFileSync(FILE, 'utf8');
const read = readManifest(xml);
const nodes: Node[] = 'root' in read ? allNodes(read.root) : [];
const only = (text: string): string[] => checkManifest(text, expected);

describe('the manifest', () => {
  it('has no mistakes', () => assert.deepEqual(only(xml), []));

  it('is read by Microsoft’s own reader', async () => {
    type Info = { id: string; defaultLocale: string; hosts: string[]; version: string };
    const { OfficeAddinManifest } = createRequire(import.meta.url)('office-addin-manifest') as { OfficeAddinManifest: { readManifestFile(path: string): Promise<Info> } };
    const info = await OfficeAddinManifest.readManifestFile(FILE);
    assert.deepEqual([info.defaultLocale, info.hosts], ['zh-CN', ['Workbook']]);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    assert.equal(info.version, `${version}.0`);
  });

  it('gives Excel the buttons of the workbench, in the same groups and with the same words', () => {
    const words = new Map(nodes.filter((n) => n.name === 'bt:String').map((n) => [n.attributes['id'], { zh: n.attributes['DefaultValue'], en: n.children[0]?.attributes['Value'] }]));
    const groups = nodes.filter((n) => n.name === 'Group').map((g) => g.children.filter((c) => c.name === 'Control').map((c) => {
      const id = allNodes(c).find((n) => n.name === 'FunctionName')?.text;
      return { id, ...words.get(c.children.find((n) => n.name === 'Label')?.attributes['resid']) };
    }));
    assert.deepEqual(groups, RIBBON);
    assert.deepEqual(groups.flat().map((b) => b.id), [...ACTIONS]);
  });

  it('gives the functions the namespace that the workbench gives them, and names that Excel accepts', () => {
    assert.equal(nodes.find((n) => n.attributes['id'] === 'Namespace')?.attributes['DefaultValue'], NAMESPACE);
    for (const f of FUNCTIONS) {
      assert.match(f.name, /^[A-Z][A-Z0-9_.]{2,127}$/);
      assert.doesNotMatch(f.name, /^[A-Z]{1,3}\d+$/, 'a cell address');
    }
  });

  it('is made for another address, with an id of its own, the same each time', async () => {
    const made = await manifestFor(xml, 'https://erp.example.com:8443/any');
    assert.deepEqual(only(made), []);
    assert.ok(!made.includes('localhost'));
    assert.ok(made.includes('https://erp.example.com:8443/addin/taskpane.html'));
    assert.equal(made, await manifestFor(xml, 'https://erp.example.com:8443'));
    assert.notEqual(/<Id>(.*)<\/Id>/.exec(made)?.[1], /<Id>(.*)<\/Id>/.exec(xml)?.[1]);
    await assert.rejects(manifestFor(xml, 'http://erp.example.com'), /https/);
  });

  const broken: readonly [string, (text: string) => string, RegExp][] = [
    ['an element that is not closed', (t) => t.replace('</Requirements>', ''), /line \d+/],
    ['elements in the wrong order', (t) => t.replace(/(<ProviderName>.*<\/ProviderName>)\s*(<DefaultLocale>.*<\/DefaultLocale>)/, '$2$1'), /OfficeApp: children/],
    ['an element that is missing', (t) => t.replace(/<Permissions>.*<\/Permissions>/, ''), /OfficeApp: children/],
    ['an unknown element', (t) => t.replace('<Hosts>', '<Colour>red</Colour><Hosts>'), /Colour: unknown element/],
    ['an unknown attribute', (t) => t.replace('lifetime="long"', 'lifetime="long" size="2"'), /unknown attribute size/],
    ['an id that is no GUID', (t) => t.replace(/<Id>.*<\/Id>/, '<Id>suanpan</Id>'), /Id: “suanpan”/],
    ['a resid that leads nowhere', (t) => t.replace('<bt:String id="openStock.Tip"', '<bt:String id="openStock.Word"'), /openStock\.Tip leads to no resource/],
    ['an id used twice', (t) => t.replace('id="Suanpan.openStock"', 'id="Suanpan.openOrders"'), /Suanpan\.openOrders is there twice/],
    ['an address without https', (t) => t.replace('<bt:Url id="Pane.Url" DefaultValue="https', '<bt:Url id="Pane.Url" DefaultValue="http'), /not https/],
    ['a file that is not there', (t) => t.replaceAll('icon-80.png', 'icon-81.png'), /no file assets\/icon-81\.png/],
    ['a text without its English', (t) => t.replace('<bt:Override Locale="en-US" Value="Stock"/>', ''), /no text for en-US/],
    ['a text that is too long', (t) => t.replace('DefaultValue="库存"', `DefaultValue="${'库'.repeat(126)}"`), /longer than 125/],
    ['a command that nothing answers', (t) => t.replace('<FunctionName>openStock<', '<FunctionName>openShelf<'), /openShelf is associated with nothing/],
    ['functions on another page than the pane', (t) => t.replace('<FunctionFile resid="Pane.Url"/>', '<FunctionFile resid="Start.Url"/>'), /not the page of the shared runtime/],
  ];
  for (const [what, spoil, says] of broken) {
    it(`the check sees ${what}`, () => {
      const spoiled = spoil(xml);
      assert.notEqual(spoiled, xml);
      assert.ok(only(spoiled).some((m) => says.test(m)), only(spoiled).join('\n'));
    });
  }
});
