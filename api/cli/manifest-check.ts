/** Checks a manifest without any network: its grammar, its references, its languages, and that what it names is there. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { GRAMMAR, type Element } from './manifest-grammar.ts';

export type Node = { readonly name: string; readonly path: string; readonly attributes: Readonly<Record<string, string>>; readonly text: string; readonly children: readonly Node[] };
export type Expected = {
  /** Ids that the add-in associates with `Office.actions`. */
  readonly actions: readonly string[];
  /** The language beside the default one that every text must have. */
  readonly locale: string;
  /** Whether a file of the add-in is there, by its path below `/addin/`. */
  readonly has: (path: string) => boolean;
};

/** The root element, or what makes the text no XML. */
export function readManifest(xml: string): { readonly root: Node } | { readonly mistake: string } {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return { mistake: `line ${valid.err.line}: ${valid.err.msg}` };
  type Raw = Record<string, unknown>;
  const raw = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, parseAttributeValue: false, trimValues: true }).parse(xml) as Raw[];
  const nodeOf = (item: Raw, above: string): Node[] => {
    const name = Object.keys(item).find((k) => k !== ':@')!;
    if (name === '#text' || name.startsWith('?') || name === '#comment') return [];
    const path = above === '' ? name : `${above}/${name}`;
    const inside = item[name] as Raw[];
    return [{ name, path, attributes: (item[':@'] ?? {}) as Record<string, string>, text: inside.map((i) => String(i['#text'] ?? '')).join(''), children: inside.flatMap((i) => nodeOf(i, path)) }];
  };
  const [root] = raw.flatMap((item) => nodeOf(item, ''));
  return root ? { root } : { mistake: 'there is no element' };
}
export const allNodes = (node: Node): Node[] => [node, ...node.children.flatMap(allNodes)];

/** The longest way to name an element that the grammar knows: `Script/SourceLocation` before `SourceLocation`. */
function elementOf(path: string): Element | undefined {
  const names = path.split('/');
  for (let from = 0; from < names.length; from += 1) {
    const found = GRAMMAR[names.slice(from).join('/')];
    if (found) return found;
  }
  return undefined;
}

function grammarMistakes(node: Node): string[] {
  const element = elementOf(node.path);
  if (!element) return [`${node.path}: unknown element`];
  const wrong: string[] = [];
  const names = Object.keys(node.attributes);
  for (const name of names) if (!element.attributes?.includes(name)) wrong.push(`${node.path}: unknown attribute ${name}`);
  for (const name of element.attributes ?? []) if (!names.includes(name)) wrong.push(`${node.path}: attribute ${name} is missing`);
  if (element.text && !element.text.test(node.text)) wrong.push(`${node.path}: “${node.text}” has not the form ${String(element.text)}`);
  const parts = (element.children ?? '').split(' ').filter(Boolean).map((p) => (/[?*+]$/.test(p) ? `(?:<${p.slice(0, -1)}>)${p.at(-1)!}` : `<${p}>`));
  const order = node.children.map((c) => `<${c.name}>`).join('');
  if (!new RegExp(`^${parts.join('')}$`).test(order)) wrong.push(`${node.path}: children ${order || '(none)'} are not ${element.children ?? '(none)'}`);
  return [...wrong, ...node.children.flatMap(grammarMistakes)];
}

/** Every resid leads to one resource of at most 32 characters, and every resource is used. */
function referenceMistakes(nodes: readonly Node[]): string[] {
  const wrong: string[] = [];
  const resources = new Map<string, Node>();
  const ids = new Set<string>();
  for (const node of nodes) {
    const { id } = node.attributes;
    if (id === undefined) continue;
    if (ids.has(id)) wrong.push(`${node.path}: the id ${id} is there twice`);
    ids.add(id);
    if (node.path.includes('/Resources/')) resources.set(id, node);
  }
  const asked = new Set(nodes.flatMap((n) => (n.attributes['resid'] === undefined ? [] : [n.attributes['resid']])));
  for (const resid of asked) {
    if (!resources.has(resid)) wrong.push(`resid ${resid} leads to no resource`);
    if (resid.length > 32) wrong.push(`resid ${resid} is longer than 32 characters`);
  }
  for (const id of resources.keys()) if (!asked.has(id)) wrong.push(`the resource ${id} is not used`);
  return wrong;
}

/** Texts in both languages and within what the ribbon shows; addresses over https, to files that are there. */
function valueMistakes(nodes: readonly Node[], expected: Expected): string[] {
  const wrong: string[] = [];
  for (const node of nodes) {
    const value = node.attributes['DefaultValue'] ?? node.attributes['Url'];
    if (value === undefined) continue;
    if (/Url$|SourceLocation$|bt:Image$|ExtendedOverrides$/.test(node.name)) {
      if (!value.startsWith('https://')) wrong.push(`${node.path}: ${value} is not https`);
      const file = /\/addin\/([^?#]+)$/.exec(value)?.[1];
      if (file && !expected.has(file)) wrong.push(`${node.path}: there is no file ${file}`);
      continue;
    }
    const limit = node.path.includes('LongStrings') ? 250 : 125;
    const texts = [value, ...node.children.map((c) => c.attributes['Value'] ?? '')];
    for (const text of texts) if (text === '' || text.length > limit) wrong.push(`${node.path} ${node.attributes['id'] ?? ''}: “${text}” is empty or longer than ${limit}`);
    if (!node.children.some((c) => c.attributes['Locale'] === expected.locale)) wrong.push(`${node.path} ${node.attributes['id'] ?? ''}: no text for ${expected.locale}`);
  }
  return wrong;
}

function commandMistakes(nodes: readonly Node[], expected: Expected): string[] {
  const named = nodes.filter((n) => n.name === 'FunctionName').map((n) => n.text);
  const runtime = nodes.find((n) => n.name === 'Runtime')?.attributes['resid'];
  return [
    ...named.filter((n) => !expected.actions.includes(n)).map((n) => `the command ${n} is associated with nothing`),
    ...expected.actions.filter((n) => !named.includes(n)).map((n) => `the command ${n} is in no button`),
    // In a shared runtime functions, commands and pane are one page.
    ...nodes.filter((n) => n.name === 'FunctionFile' || n.path.endsWith('/Page/SourceLocation')).filter((n) => n.attributes['resid'] !== runtime).map((n) => `${n.path}: is not the page of the shared runtime`),
    ...nodes.filter((n) => n.name === 'Icon').filter((n) => n.children.map((c) => c.attributes['size']).join() !== '16,32,80').map((n) => `${n.path}: icons are not 16, 32 and 80`),
    ...nodes.filter((n) => n.name === 'Group' && n.children.filter((c) => c.name === 'Control').length > 6).map((n) => `${n.attributes['id'] ?? ''}: a group holds at most six buttons`),
  ];
}

/** What is wrong with a manifest, each in a sentence; nothing when it is right. */
export function checkManifest(xml: string, expected: Expected): string[] {
  const read = readManifest(xml);
  if ('mistake' in read) return [read.mistake];
  const nodes = allNodes(read.root);
  return [...grammarMistakes(read.root), ...referenceMistakes(nodes), ...valueMistakes(nodes, expected), ...commandMistakes(nodes, expected)];
}
