/** Projections of find and $project: inclusion, exclusion, computed fields, $slice, $elemMatch, and the positional `$`. */
import { badValue, MongoError } from './errors.ts';
import { checkedPath, compile, envOf, type Env, type Evaluate, type Variables } from './expression-core.ts';
import { elementTest, isOperators } from './match.ts';
import { positionalOf } from './positional.ts';
import { split } from './paths.ts';
import { compareStrings, isDoc, isNumber, toDouble, truthy, type CompareText, type Doc, type Value } from './values.ts';

export type Tree = { [key: string]: Node };
type Leaf =
  | { readonly leaf: 'in' | 'out' } | { readonly leaf: 'compute'; readonly expression: Evaluate } | { readonly leaf: 'slice'; readonly from: number; readonly count?: number }
  | { readonly leaf: 'elem'; readonly test: (item: Value) => boolean } | { readonly leaf: 'position'; readonly path: string };
export type Node = { readonly leaf: Leaf; readonly tree?: never } | { readonly tree: Tree; readonly leaf?: never };
type Kind = 'find' | 'aggregate';

export type Projection = (doc: Doc, variables?: Variables) => Doc;
/** `filter`: the query's, which the positional `$` asks. */
export type ProjectionOptions = { readonly kind?: Kind; readonly env?: Env; readonly filter?: Doc; readonly text?: CompareText };
type Walk = { readonly including: boolean; readonly variables: Variables; readonly root: Doc; readonly position: (path: string) => number | undefined };

/** Undefined for an empty projection, which keeps all. */
export function compileProjection(spec: Doc, options: ProjectionOptions = {}): Projection | undefined {
  const parsed = parseProjection(spec, options);
  return parsed && projectionOf(parsed, options);
}
export type Parsed = { readonly tree: Tree; readonly including: boolean };
export function parseProjection(spec: Doc, options: ProjectionOptions = {}): Parsed | undefined {
  if (Object.keys(spec).length === 0) return undefined;
  const kind = options.kind ?? 'find';
  const text = options.text ?? compareStrings;
  const env = options.env ?? envOf({}, text);
  const tree: Tree = {};
  let mode: 'in' | 'out' | undefined;
  for (const [path, value] of flattened(spec, kind)) {
    const leaf = leafOf(path, value, kind, env);
    const wants = path === '_id' && leaf.leaf === 'out' ? undefined : leaf.leaf === 'out' ? 'out' : leaf.leaf === 'slice' ? undefined : path === '_id' && leaf.leaf === 'in' ? undefined : 'in';
    if (wants && mode && wants !== mode) throw mixed(path, wants);
    mode = wants ?? mode;
    place(tree, split(leaf.leaf === 'position' ? leaf.path : path), leaf, path);
  }
  const idLeaf = tree['_id']?.leaf;
  const including = mode === 'in' || (mode === undefined && idLeaf?.leaf === 'in');
  if (including && !tree['_id']) tree['_id'] = { leaf: { leaf: 'in' } };
  return { tree, including };
}
export function projectionOf({ tree, including }: Parsed, options: ProjectionOptions): Projection {
  return (doc, variables = {}) => walk(doc, tree, { including, variables, root: doc, position: positionalOf(doc, options.filter ?? {}, options.text ?? compareStrings) }) as Doc;
}
const mixed = (path: string, wants: 'in' | 'out'): MongoError => (wants === 'out'
  ? new MongoError(31254, 'Location31254', `Cannot do exclusion on field ${path} in inclusion projection`)
  : new MongoError(31253, 'Location31253', `Cannot do inclusion on field ${path} in exclusion projection`));

const LEAVES = new Set(['$slice', '$elemMatch', '$meta']);
function* flattened(spec: Doc, kind: Kind, prefix = ''): Generator<[string, Value]> {
  for (const [key, value] of Object.entries(spec)) {
    const path = `${prefix}${key}`;
    if (isDoc(value) && Object.keys(value).length === 0) throw new MongoError(51270, 'Location51270', `An empty sub-projection is not a valid value. Found empty object at path '${path}'`);
    if (isDoc(value) && !isOperators(value)) yield* flattened(value, kind, `${path}.`);
    else yield [path, value];
  }
}

function leafOf(path: string, value: Value, kind: Kind, env: Env): Leaf {
  const positional = path.endsWith('.$');
  if (positional && kind === 'find') {
    if (path.slice(0, -2).includes('$')) throw new MongoError(31287, 'Location31287', `Cannot use positional projection twice: ${path}`);
    return { leaf: 'position', path: path.slice(0, -2) };
  }
  checkedPath(path);
  if (isNumber(value) || typeof value === 'boolean') return { leaf: truthy(value) ? 'in' : 'out' };
  const [name] = isDoc(value) ? Object.keys(value) : [];
  if (kind === 'find' && name !== undefined && LEAVES.has(name)) return findLeaf(path, name, (value as Doc)[name], env);
  return { leaf: 'compute', expression: compile(value, env) };
}
function findLeaf(path: string, name: string, arg: Value, env: Env): Leaf {
  if (name === '$meta') throw new MongoError(303, 'NotImplemented', '$meta in a projection is not supported by this store');
  if (name === '$elemMatch') {
    if (path.includes('.')) throw new MongoError(31275, 'Location31275', 'Cannot use $elemMatch projection on a nested field.');
    if (!isDoc(arg)) throw new MongoError(31274, 'Location31274', 'elemMatch: Invalid argument, object required');
    return { leaf: 'elem', test: elementTest(arg, {}, env.text) };
  }
  if (!Array.isArray(arg)) {
    if (!isNumber(arg)) throw new MongoError(28667, 'Location28667', 'Invalid $slice syntax: $slice only supports numbers and [skip, limit] arrays');
    return { leaf: 'slice', from: toDouble(arg) };
  }
  const list = arg as Value[];
  if (!list.every(isNumber)) return { leaf: 'compute', expression: compile({ $slice: arg }, env) };
  if (list.length !== 2) throw new MongoError(28667, 'Location28667', `Invalid $slice syntax: array must hold [skip, limit]`);
  if (toDouble(list[1]) <= 0) throw new MongoError(28724, 'Location28724', 'The $slice limit in a projection must be positive');
  return { leaf: 'slice', from: toDouble(list[0]), count: toDouble(list[1]) };
}

function place(tree: Tree, parts: string[], leaf: Leaf, path: string): void {
  const [first = '', ...rest] = parts;
  const there = Object.hasOwn(tree, first) ? tree[first] : undefined;
  if (rest.length === 0) {
    if (there) throw new MongoError(31250, 'Location31250', `Path collision at ${path}`);
    tree[first] = { leaf };
    return;
  }
  if (there?.leaf) throw new MongoError(31249, 'Location31249', `Path collision at ${path} remaining portion ${rest.join('.')}`);
  const next = there ?? { tree: {} };
  tree[first] = next;
  place(next.tree!, rest, leaf, path);
}

function walk(at: Value, tree: Tree, w: Walk): Value {
  if (Array.isArray(at)) {
    const out: Value[] = [];
    for (const item of at as Value[]) {
      if (isDoc(item) || Array.isArray(item)) out.push(walk(item, tree, w));
      else if (hasComputed({ tree })) out.push(walk({}, tree, w));
      else if (!w.including) out.push(item);
    }
    return out;
  }
  if (!isDoc(at)) return at;
  const out: Doc = {};
  for (const key of Object.keys(at)) {
    const rule = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (!rule) {
      if (!w.including) out[key] = at[key];
      continue;
    }
    const kept = rule.leaf ? keep(at[key], rule.leaf, w) : under(at[key], rule.tree, w);
    if (kept !== undefined) out[key] = kept;
  }
  for (const key of Object.keys(tree)) compute(out, at, key, tree[key]!, w);
  return out;
}
function under(value: Value, tree: Tree, w: Walk): Value {
  if (isDoc(value) || Array.isArray(value)) return walk(value, tree, w);
  // A computed field inside what is no document makes it one.
  if (hasComputed({ tree })) return walk({}, tree, w);
  return w.including ? undefined : value;
}

function keep(value: Value, rule: Leaf, w: Walk): Value {
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
      if (!Array.isArray(value)) return undefined;
      const at = (value as Value[]).findIndex(rule.test);
      return at < 0 ? undefined : [value[at]];
    }
    case 'position': {
      if (!Array.isArray(value)) return value;
      const at = w.position(rule.path);
      if (at === undefined) throw new MongoError(51246, 'Location51246', `Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array`);
      return [value[at]];
    }
  }
}

function compute(out: Doc, at: Doc, key: string, rule: Node, w: Walk): void {
  if (rule.leaf) {
    if (rule.leaf.leaf !== 'compute') return;
    const value = rule.leaf.expression({ root: w.root, vars: w.variables });
    if (value !== undefined) out[key] = value;
    else delete out[key];
    return;
  }
  if (!Object.hasOwn(at, key) && hasComputed(rule)) out[key] = walk({}, rule.tree, w);
}
const hasComputed = (node: Node): boolean => (node.leaf ? node.leaf.leaf === 'compute' : Object.values(node.tree).some(hasComputed));

/** The top fields that a plain inclusion keeps; undefined for all others. */
export function includedFields(spec: Doc): string[] | undefined {
  const entries = Object.entries(spec);
  const plainIn = entries.every(([k, v]) => (isNumber(v) || typeof v === 'boolean') && (truthy(v) || k === '_id') && !k.includes('$'));
  const some = entries.some(([, v]) => truthy(v));
  return plainIn && some ? [...new Set(['_id', ...entries.map(([k]) => split(k)[0]!)])] : undefined;
}

/** $addFields: values set at dotted paths, through arrays. */
export function addingFields(spec: Value, env: Env): (doc: Doc, variables: Variables) => Doc {
  if (!isDoc(spec)) throw new MongoError(40272, 'Location40272', '$addFields specification stage must be an object');
  if (Object.keys(spec).length === 0) throw badValue('$addFields specification must have at least one field');
  const fields = [...assignments(spec, '')].map(([path, e]) => ({ parts: checkedPath(path), value: compile(e, env) }));
  return (doc, variables) => {
    let out: Value = doc;
    for (const { parts, value } of fields) out = setAt(out, parts, value({ root: doc, vars: variables }));
    return out as Doc;
  };
}
function* assignments(spec: Doc, prefix: string): Generator<[string, Value]> {
  for (const [key, value] of Object.entries(spec)) {
    if (isDoc(value) && !isOperators(value) && Object.keys(value).length > 0) yield* assignments(value, `${prefix}${key}.`);
    else yield [`${prefix}${key}`, value];
  }
}
function setAt(at: Value, parts: readonly string[], value: Value): Value {
  if (Array.isArray(at)) return (at as Value[]).map((item) => setAt(item, parts, value));
  const [first = '', ...rest] = parts;
  const base: Doc = isDoc(at) ? { ...at } : {};
  if (rest.length > 0) return { ...base, [first]: setAt(Object.hasOwn(base, first) ? base[first] : undefined, rest, value) };
  if (value === undefined) delete base[first];
  else base[first] = value;
  return base;
}
