/**
 * Microsoft's rules for code over Office.js, by the names they have in `eslint-plugin-office-addins` (its own packages do not
 * fit beside ours: an eslint, and an older TypeScript for its parser). Unlike there, types are asked: a proxy is what the
 * compiler says is a client object of `Excel`, wherever it was kept in between.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isArrowFunction, isCallExpression, isFunctionDeclaration, isFunctionExpression, isIdentifier, isMethodDeclaration, isPropertyAccessExpression, isVariableDeclaration, SyntaxKind, type Node, type PropertyAccessExpression, type SourceFile } from 'typescript/unstable/ast';
import { API, type Checker, type Type } from 'typescript/unstable/sync';
import { ROOT } from './source.ts';

export type RuleName = 'no-context-sync-in-loop' | 'load-object-before-read' | 'call-sync-before-read';
export type Finding = { readonly rule: RuleName; readonly at: string; readonly code: string };
/** A loop that sends one piece a sync on purpose says why in a comment on the sync's line, or the line above: `one sync a piece: …`. */
const ON_PURPOSE = /one sync a piece: \S/;
const LOOPS = new Set([SyntaxKind.ForStatement, SyntaxKind.ForOfStatement, SyntaxKind.ForInStatement, SyntaxKind.WhileStatement, SyntaxKind.DoStatement]);
const EACH = new Set(['map', 'forEach', 'flatMap', 'filter', 'reduce', 'every', 'some']);

const types = readFileSync(join(ROOT, 'node_modules/@types/office-js/index.d.ts'), 'utf8');
const PROXIES = new Set([...types.slice(types.indexOf('declare namespace Excel {')).matchAll(/^ {4}class (\w+) extends OfficeExtension\.ClientObject/gm)].map((m) => m[1]!));

const isFunction = (node: Node): boolean => isArrowFunction(node) || isFunctionExpression(node) || isFunctionDeclaration(node) || isMethodDeclaration(node);
function walk(node: Node, see: (node: Node) => void): void {
  see(node);
  node.forEachChild((child) => { walk(child, see); return undefined; });
}
const all = <T extends Node>(root: Node, is: (node: Node) => node is T): T[] => { const found: T[] = []; walk(root, (n) => { if (is(n)) found.push(n); }); return found; };
const upwards = (node: Node, until: (n: Node) => boolean): Node | undefined => { let at: Node | undefined = node.parent; while (at && !until(at)) at = at.parent; return at; };
/** The outermost function around: what is loaded and read within it runs in the order it is written in. */
function whole(node: Node): Node {
  let found = node;
  for (let at: Node | undefined = node; at; at = at.parent) if (isFunction(at)) found = at;
  return found;
}
const within = (node: Node, outer: Node): boolean => { for (let at: Node | undefined = node; at; at = at.parent) if (at === outer) return true; return false; };
/** Round which it runs more than once: a loop, or a function that a list calls for each of its items. */
const repeated = (node: Node): Node | undefined => upwards(node, (at) => LOOPS.has(at.kind) || (isFunction(at) && isCallExpression(at.parent) && isPropertyAccessExpression(at.parent.expression) && EACH.has(at.parent.expression.name.text)) || isMethodDeclaration(at));

class Reader {
  readonly file: SourceFile;
  readonly #path: string;
  readonly #checker: Checker;
  readonly #lines: readonly string[];
  readonly #names = new Map<Node, string | undefined>();
  readonly findings: Finding[] = [];
  constructor(file: SourceFile, path: string, checker: Checker) {
    this.file = file;
    this.#path = path;
    this.#checker = checker;
    this.#lines = file.text.split('\n');
    const accesses = all(file, isPropertyAccessExpression);
    const nodes: Node[] = [...accesses.map((a) => a.expression), ...accesses];
    this.#checker.getTypeAtLocation(nodes).forEach((type, i) => this.#names.set(nodes[i]!, nameOf(type)));
  }
  #tell(rule: RuleName, node: Node): void {
    const line = this.file.text.slice(0, node.getStart()).split('\n').length;
    this.findings.push({ rule, at: `${this.#path}:${line}`, code: (this.#lines[line - 1] ?? '').trim().slice(0, 120) });
  }
  #calls(name: string, of: (type: string | undefined) => boolean): PropertyAccessExpression[] { return all(this.file, isPropertyAccessExpression).filter((a) => a.name.text === name && isCallExpression(a.parent) && a.parent.expression === a && of(this.#names.get(a.expression))); }
  read(): readonly Finding[] {
    const syncs: Node[] = this.#calls('sync', (t) => t === 'RequestContext' || t === 'ClientRequestContext');
    // A function of this file that syncs is a sync where it is called.
    for (let more = true; more;) {
      more = false;
      for (const call of all(this.file, isCallExpression)) {
        if (syncs.includes(call) || !isIdentifier(call.expression)) continue;
        const name = call.expression.text;
        const made = all(whole(call), isVariableDeclaration).find((d) => isIdentifier(d.name) && d.name.text === name && d.initializer !== undefined && isFunction(d.initializer));
        if (made && syncs.some((s) => within(s, made))) { syncs.push(call); more = true; }
      }
    }
    for (const sync of syncs) {
      const loop = repeated(sync);
      if (!loop || isMethodDeclaration(loop)) continue;
      const line = this.file.text.slice(0, sync.getStart()).split('\n').length;
      if (![this.#lines[line - 1], this.#lines[line - 2]].some((l) => ON_PURPOSE.test(l ?? ''))) this.#tell('no-context-sync-in-loop', sync);
    }
    this.#reads(syncs);
    return this.findings;
  }
  #reads(syncs: readonly Node[]): void {
    const loads = this.#calls('load', (t) => t !== undefined && PROXIES.has(t)).map((access) => {
      const asked = isCallExpression(access.parent) ? access.parent.arguments[0] : undefined;
      const words = asked === undefined ? undefined : asked.getText();
      return { access, words, of: access.expression.getText() };
    });
    for (const access of all(this.file, isPropertyAccessExpression)) {
      const type = this.#names.get(access.expression);
      if (type !== undefined && (type === 'ClientResult' ? access.name.text === 'value' : PROXIES.has(type) && this.#isData(access))) this.#check(access, type, loads, syncs);
    }
  }
  #isData(access: PropertyAccessExpression): boolean {
    const name = access.name.text;
    if (['context', 'then', 'toJSON'].includes(name) || (isCallExpression(access.parent) && access.parent.expression === access)) return false;
    if (access.parent.kind === SyntaxKind.BinaryExpression && access.parent.getText().startsWith(access.getText()) && /^\s*=(?!=)/.test(access.parent.getText().slice(access.getText().length))) return false;
    const is = this.#names.get(access);
    return is === undefined || !(PROXIES.has(is) || is === 'EventHandlers');
  }
  #check(access: PropertyAccessExpression, type: string, loads: readonly { readonly access: Node; readonly words: string | undefined; readonly of: string }[], syncs: readonly Node[]): void {
    const [root, name, of] = [whole(access), access.name.text, access.expression.getText()];
    const before = (n: Node): boolean => within(n, root) && n.getStart() < access.getStart();
    const says = (words: string | undefined): boolean => words === undefined || !/^['"`\[{]/.test(words) || new RegExp(`(^|[^A-Za-z])(${name}|\\$all)($|[^A-Za-z])`).test(words);
    const since = (from: number): boolean => syncs.some((s) => before(s) && s.getStart() > from);
    if (type === 'ClientResult' || name === 'isNullObject') {
      const declared = all(root, isVariableDeclaration).filter((d) => isIdentifier(d.name) && d.name.text === of && before(d)).at(-1);
      if (!since(declared?.getStart() ?? root.getStart())) this.#tell('call-sync-before-read', access);
      return;
    }
    const own = loads.filter((l) => before(l.access) && l.of === of);
    const mine = (own.length > 0 ? own : loads.filter((l) => before(l.access) && !this.#fresh(access))).filter((l) => says(l.words));
    // An item of a list is loaded by what its list was told: `items/name`.
    if (mine.length === 0) this.#tell('load-object-before-read', access);
    else if (!mine.some((l) => since(l.access.getStart()))) this.#tell('call-sync-before-read', access);
  }
  /** Made here by a call, so nobody else can have loaded it. */
  #fresh(access: PropertyAccessExpression): boolean {
    if (!isIdentifier(access.expression)) return isCallExpression(access.expression);
    const name = access.expression.text;
    const made = all(whole(access), isVariableDeclaration).filter((d) => isIdentifier(d.name) && d.name.text === name && d.getStart() < access.getStart()).at(-1);
    return made?.initializer !== undefined && isCallExpression(made.initializer) && PROXIES.has(nameOf(this.#checker.getTypeAtLocation(made.name)) ?? '');
  }
}
const nameOf = (type: Type | undefined): string | undefined => type?.getSymbol()?.name;

/** What stands against the rules in these files; `planted`: files that are nowhere but here. */
export function readOfficeCode(paths: readonly string[], planted: Readonly<Record<string, string>> = {}): readonly Finding[] {
  const config = join(ROOT, 'tsconfig.office-rules.json');
  const made: Readonly<Record<string, string>> = Object.fromEntries([
    [config, JSON.stringify({ extends: './tsconfig.json', compilerOptions: { incremental: false, tsBuildInfoFile: null }, include: [], files: [...paths, ...Object.keys(planted)] })],
    ...Object.entries(planted).map(([path, text]) => [join(ROOT, path), text]),
  ]);
  const api = new API({ cwd: ROOT, fs: { readFile: (file) => made[file], fileExists: (file) => (file in made ? true : undefined) } });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (!project) throw new Error('the compiler opened no project');
    return [...paths, ...Object.keys(planted)].flatMap((path) => {
      const file = project.program.getSourceFile(join(ROOT, path));
      if (!file) throw new Error(`${path} is not in the project`);
      return new Reader(file, path, project.checker).read();
    });
  } finally {
    api.close();
  }
}
