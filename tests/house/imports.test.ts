import assert from 'node:assert/strict';
import { sources, type Import, type SourceFile } from './source.ts';

/**
 * Which room may import which. `from`: files the rule is about; `never`: what they may not reach; `but`: what they may
 * after all. A type-only import is an import here too, unless `types` says otherwise.
 */
type Rule = { readonly name: string; readonly from: RegExp; readonly never: RegExp; readonly but?: RegExp; readonly types?: 'allowed'; readonly packages?: true };
const PILLAR = '(finance|purchasing|orders|stock|customers|rules)';

const RULES: readonly Rule[] = [
  { name: 'the contract imports nothing of ours but itself', from: /^api\/contract\//, never: /^(api|jobs|addin|tests)\//, but: /^api\/contract\// },
  { name: 'the contract uses zod and nothing else', from: /^api\/contract\//, never: /^/, but: /^zod$/, packages: true },
  { name: 'the add-in knows the contract, and nothing else of the service', from: /^addin\//, never: /^(api|jobs)\//, but: /^api\/contract\// },
  { name: 'a domain is pure: contract values, its own files, types of the contract and of channels', from: new RegExp(`^api/${PILLAR}/domain/`), never: /^(api|jobs|addin)\//, but: new RegExp(`^api/(contract/|${PILLAR}/domain/|channels/channel\\.ts)`) },
  { name: 'a domain uses no package but a pure matcher', from: new RegExp(`^api/${PILLAR}/domain/`), never: /^/, but: /^re2js$/, packages: true },
  { name: 'routes hold no store', from: new RegExp(`^api/${PILLAR}/routes\\.ts$`), never: /^(mongoose|mongodb)$/, packages: true },
  { name: 'a connector knows the channel types, its transport, its own folder and the contract', from: /^api\/channels\/(?!sandbox\/|registry|transport\/|channel)([a-z-]+)\//, never: /^(api|jobs|addin)\//, but: /^api\/(channels\/(channel\.ts|transport\/|sandbox\/|([a-z-]+)\/)|contract\/)/ },
  { name: 'a stand-in reads the protocol by itself', from: /^api\/channels\/[a-z-]+\/sandbox\//, never: /^api\/channels\/[a-z-]+\/(sp\/)?(sign|wire|client|orders|lines|stock|after-sales|shipping|receiver|memo|bills|index)\.ts$/ },
  { name: 'channels know no pillar and no database', from: /^api\/channels\//, never: new RegExp(`^api/(${PILLAR}|store|http|shops|system|demo|sheets)/`) },
  { name: 'channels know no database', from: /^api\/channels\//, never: /^(mongoose|mongodb)$/, packages: true },
  { name: 'the embedded store stands on its own', from: /^api\/store\/embedded\//, never: /^(api|jobs|addin)\//, but: /^api\/store\/embedded\// },
  { name: 'rules are the lowest pillar', from: /^api\/rules\//, never: /^api\/(finance|purchasing|orders|stock|customers)\// },
  { name: 'customers know rules', from: /^api\/customers\//, never: /^api\/(finance|purchasing|orders|stock)\// },
  { name: 'stock knows rules', from: /^api\/stock\//, never: /^api\/(finance|purchasing|orders|customers)\// },
  { name: 'orders know stock, customers, rules', from: /^api\/orders\//, never: /^api\/(finance|purchasing)\// },
  { name: 'purchasing knows orders and below', from: /^api\/purchasing\//, never: /^api\/finance\// },
  { name: 'jobs call workflows through doors', from: /^jobs\/tasks\//, never: new RegExp(`^api/${PILLAR}/(domain|store|workflows)/`) },
  { name: 'only the port and the workbench name Office packages', from: /^addin\/(?!excel\/|workbench\/|build)/, never: /^(@microsoft\/office-js|@univerjs\/.*|office-addin-.*)$/, packages: true },
  { name: 'the service knows no add-in', from: /^api\/(?!main\.ts|cli\/)/, never: /^addin\// },
];

const pillarOf = (path: string): string | undefined => new RegExp(`^api/${PILLAR}/`).exec(path)?.[1];

function broken(rule: Rule, file: SourceFile, one: Import): boolean {
  if (!rule.from.test(file.path) || one.own === Boolean(rule.packages)) return false;
  if (rule.types === 'allowed' && one.typeOnly) return false;
  if (rule.packages && one.target.startsWith('node:')) return false;
  return rule.never.test(one.target) && !(rule.but?.test(one.target) ?? false);
}

describe('house: imports go one way', () => {
  for (const rule of RULES) {
    it(rule.name, () => {
      const wrong = sources.flatMap((f) => f.imports.filter((i) => broken(rule, f, i)).map((i) => `${f.path}:${i.line} → ${i.target}`));
      assert.deepEqual(wrong, []);
    });
  }

  it('a pillar is entered by its index.ts only', () => {
    const wrong = sources.filter((f) => f.path.startsWith('api/') && !f.path.startsWith('api/runtime/')).flatMap((f) => f.imports
      .filter((i) => i.own && pillarOf(i.target) && pillarOf(i.target) !== pillarOf(f.path) && !i.target.endsWith('/index.ts'))
      .map((i) => `${f.path}:${i.line} → ${i.target}`));
    assert.deepEqual(wrong, []);
  });

  it('every import of ours leads to a file', () => {
    const known = new Set(sources.map((f) => f.path));
    const wrong = sources.flatMap((f) => f.imports.filter((i) => i.own && /\.tsx?$/.test(i.target) && !known.has(i.target)).map((i) => `${f.path}:${i.line} → ${i.target}`));
    assert.deepEqual(wrong, []);
  });

  it('the rules themselves can fail: a forbidden import is seen', () => {
    const bad: SourceFile = { path: 'api/stock/domain/x.ts', text: '', lines: [], imports: [{ target: 'api/finance/index.ts', own: true, typeOnly: false, line: 1 }] };
    assert.ok(RULES.some((rule) => broken(rule, bad, bad.imports[0]!)));
  });
});
