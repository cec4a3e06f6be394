/** Projections of find and $project: inclusion, exclusion, computed fields, $slice, $elemMatch, and the positional `$`. */
import { MongoError } from './errors.ts';
import { evaluate, REMOVE, type Variables } from './expressions.ts';
import { compileFilter, isOperators } from './match.ts';
import { split } from './paths.ts';
import { isDoc, isNumber, toDouble, truthy, type Doc, type Value } from './values.ts';

type Tree = { [key: string]: Tree | Leaf };
type Leaf = { readonly leaf: 'in' | 'out' } | { readonly leaf: 'compute'; readonly expression: Value } | { readonly leaf: 'slice'; readonly from: number; readonly count?: number } | { readonly leaf: 'elem'; readonly filter: Doc };
const isLeaf = (t: Tree | Leaf): t is Leaf => 'leaf' in t && typeof t['leaf'] === 'string';

export type Projection = (doc: Doc, variables?: Variables) => Doc;

export function compileProjection(spec: Doc): Projection | undefined {
  const tree: Tree = {};
  const kinds = new Set<'in' | 'out'>();
  for (const [path, value] of flattened(spec)) {
    const leaf = leafOf(value);
    if (path !== '_id' && (leaf.leaf === 'in' || leaf.leaf === 'compute' || leaf.leaf === 'elem')) kinds.add('in');
    if (path !== '_id' && leaf.leaf === 'out') kinds.add('out');
    place(tree, split(path), leaf, path);
  }
  if (kinds.size > 1) {
    const bad = Object.entries(spec).find(([k, v]) => k !== '_id' && leafOf(v).leaf === ([...kinds][0] === 'in' ? 'out' : 'in'))?.[0] ?? '';
    throw new MongoError([...kinds][0] === 'in' ? 31254 : 31253, `Location${[...kinds][0] === 'in' ? 31254 : 31253}`, `Cannot do ${[...kinds][0] === 'in' ? 'exclusion' : 'inclusion'} on field ${bad} in ${[...kinds][0] === 'in' ? 'inclusion' : 'exclusion'} projection`);
  }
  if (Object.keys(spec).length === 0) return undefined;
  const idLeaf = tree['_id'];
  const idOut = idLeaf && isLeaf(idLeaf) && idLeaf.leaf === 'out';
  const including = kinds.has('in') || (!kinds.has('out') && idLeaf !== undefined && !idOut);
  if (including && !idLeaf) tree['_id'] = { leaf: 'in' };
  return (doc, variables = {}) => walk(doc, tree, including, { ...variables, ROOT: doc, CURRENT: doc }) as Doc;
}

function* flattened(spec: Doc, prefix = ''): Generator<[string, Value]> {
  for (const [key, value] of Object.entries(spec)) {
    if (isDoc(value) && !isOperators(value) && Object.keys(value).length > 0) yield* flattened(value, `${prefix}${key}.`);
    else yield [`${prefix}${key}`.replace(/\.\$$/, ''), value];
  }
}

function leafOf(value: Value): Leaf {
  if (isNumber(value) || typeof value === 'boolean') return { leaf: truthy(value) ? 'in' : 'out' };
  if (isDoc(value) && '$slice' in value && !(Array.isArray(value['$slice']) && !(value['$slice'] as Value[]).every(isNumber))) {
    const s = value['$slice'];
    return Array.isArray(s) ? { leaf: 'slice', from: toDouble(s[0]), count: toDouble(s[1]) } : { leaf: 'slice', from: toDouble(s) };
  }
  if (isDoc(value) && '$elemMatch' in value) return { leaf: 'elem', filter: value['$elemMatch'] as Doc };
  return { leaf: 'compute', expression: value };
}

function place(tree: Tree, parts: string[], leaf: Leaf, path: string): void {
  const [first = '', ...rest] = parts;
  if (rest.length === 0) {
    if (first in tree) throw new MongoError(31250, 'Location31250', `Path collision at ${path}`);
    tree[first] = leaf;
    return;
  }
  const next = (tree[first] ??= {});
  if (isLeaf(next)) throw new MongoError(31249, 'Location31249', `Path collision at ${path} remaining portion ${rest.join('.')}`);
  place(next, rest, leaf, path);
}

function walk(at: Value, tree: Tree, including: boolean, variables: Variables): Value {
  if (Array.isArray(at)) return (at as Value[]).flatMap((item) => (isDoc(item) || Array.isArray(item) ? [walk(item, tree, including, variables)] : including ? [] : [item]));
  if (!isDoc(at)) return at;
  const out: Doc = {};
  for (const [key, value] of Object.entries(at)) {
    const rule = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (!rule) { if (!including) out[key] = value; continue; }
    const kept = isLeaf(rule) ? keep(value, rule, including) : isDoc(value) || Array.isArray(value) ? walk(value, rule, including, variables) : including ? undefined : value;
    if (kept !== undefined) out[key] = kept;
  }
  for (const [key, rule] of Object.entries(tree)) compute(out, at, key, rule, including, variables);
  return out;
}

function keep(value: Value, rule: Leaf, including: boolean): Value {
  switch (rule.leaf) {
    case 'in': return value;
    case 'out': case 'compute': return undefined;
    case 'slice': {
      if (!Array.isArray(value)) return value;
      if (rule.count === undefined) return rule.from < 0 ? value.slice(rule.from) : value.slice(0, rule.from);
      const from = rule.from < 0 ? Math.max(0, value.length + rule.from) : rule.from;
      return value.slice(from, from + rule.count);
    }
    case 'elem': {
      const test = compileFilter(rule.filter);
      const hit = Array.isArray(value) ? (value as Value[]).find((v) => isDoc(v) && test(v)) : undefined;
      return hit === undefined ? (including ? undefined : undefined) : [hit];
    }
  }
}

function compute(out: Doc, at: Doc, key: string, rule: Tree | Leaf, including: boolean, variables: Variables): void {
  if (isLeaf(rule)) {
    if (rule.leaf !== 'compute') return;
    const value = evaluate(rule.expression, variables);
    if (value !== undefined && value !== REMOVE) out[key] = value;
    return;
  }
  // A computed field inside a document that is not there makes the document.
  if (!(key in at) && hasComputed(rule)) {
    const made = walk({}, rule, including, variables) as Doc;
    if (Object.keys(made).length > 0) out[key] = made;
  }
}
const hasComputed = (t: Tree | Leaf): boolean => (isLeaf(t) ? t.leaf === 'compute' : Object.values(t).some(hasComputed));

/** $addFields: values set at dotted paths, through arrays. */
export function addFields(doc: Doc, spec: Doc, variables: Variables): Doc {
  const vars = { ...variables, ROOT: doc, CURRENT: doc };
  let out: Doc = { ...doc };
  for (const [path, expression] of Object.entries(spec)) {
    const nested = isDoc(expression) && !isOperators(expression) && Object.keys(expression).length > 0;
    const value = nested ? undefined : evaluate(expression, vars);
    if (nested) for (const [p, e] of flattenedAll(expression, `${path}.`)) out = setAt(out, split(p), evaluate(e, vars)) as Doc;
    else out = setAt(out, split(path), value) as Doc;
  }
  return out;
}
function* flattenedAll(spec: Doc, prefix: string): Generator<[string, Value]> {
  for (const [key, value] of Object.entries(spec)) {
    if (isDoc(value) && !isOperators(value) && Object.keys(value).length > 0) yield* flattenedAll(value, `${prefix}${key}.`);
    else yield [`${prefix}${key}`, value];
  }
}
function setAt(at: Value, parts: readonly string[], value: Value): Value {
  if (Array.isArray(at)) return (at as Value[]).map((item) => setAt(item, parts, value));
  const [first = '', ...rest] = parts;
  const base: Doc = isDoc(at) ? { ...at } : {};
  if (rest.length > 0) return { ...base, [first]: setAt(base[first], rest, value) };
  if (value === REMOVE) delete base[first];
  else if (value !== undefined) base[first] = value;
  return base;
}
