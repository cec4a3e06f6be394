/** Projections of find and of $project, and $addFields: which fields stay, which are made. */
import { evaluate } from './expressions.ts';
import { elementHolds, hasOperators } from './filters.ts';
import { isNumeric } from './exact.ts';
import { asNumber, isDoc, isList, MISSING, truthy, type Doc, type Value } from './values.ts';

type Rule = { keep?: boolean; make?: Value; slice?: Value; elem?: Doc; under?: Map<string, Rule> };
const isFlag = (v: Value): boolean => typeof v === 'boolean' || isNumeric(v);

function rules(spec: Doc): Map<string, Rule> {
  const root = new Map<string, Rule>();
  for (const [path, arg] of Object.entries(spec)) {
    const parts = path.split('.');
    let level = root;
    for (const p of parts.slice(0, -1)) {
      const rule = level.get(p) ?? { under: new Map<string, Rule>() };
      level.set(p, rule);
      level = rule.under!;
    }
    level.set(parts.at(-1)!, ruleOf(arg));
  }
  return root;
}
function ruleOf(arg: Value): Rule {
  if (isFlag(arg)) return { keep: truthy(arg) };
  if (hasOperators(arg) && '$elemMatch' in arg) return { elem: arg['$elemMatch'] as Doc };
  return hasOperators(arg) && '$slice' in arg ? { slice: arg['$slice'] } : { make: arg };
}
/** Is it a list of what stays, or of what goes? */
function including(spec: Doc): boolean {
  const told = Object.entries(spec).filter(([k, v]) => k !== '_id' && !(hasOperators(v) && '$slice' in v));
  if (told.length > 0) return told.some(([, v]) => !isFlag(v) || truthy(v));
  return truthy(spec['_id'] ?? false) && isFlag(spec['_id']);
}
export function project(doc: Doc, given: Doc): Doc {
  if (Object.keys(given).length === 0) return doc;
  const spec = Object.fromEntries(flat(given));
  const list = including(spec);
  const tree = rules(spec);
  if (list && !tree.has('_id')) tree.set('_id', { keep: true });
  return walk(doc, tree, list, doc) as Doc;
}
/** A document of plain names is a path with more parts, not a value. */
const flat = (spec: Doc, prefix = ''): [string, Value][] => Object.entries(spec).flatMap(([k, v]) => (isDoc(v) && !hasOperators(v) && Object.keys(v).length > 0 ? flat(v, `${prefix}${k}.`) : [[`${prefix}${k}`, v]]));
export const addFields = (doc: Doc, spec: Doc): Doc => flat(spec).reduce((out, [path, e]) => walk(out, rules({ [path]: { $let: { vars: {}, in: e } } }), false, doc) as Doc, doc);

const makes = (rule: Rule): boolean => 'make' in rule || [...(rule.under?.values() ?? [])].some(makes);
function walk(at: Value, tree: Map<string, Rule>, list: boolean, root: Doc): Value {
  if (isList(at)) return at.flatMap((item) => { const v = walk(item, tree, list, root); return v === MISSING ? [] : [v]; });
  if (!isDoc(at)) return [...tree.values()].some(makes) ? walk({}, tree, list, root) : list ? MISSING : at;
  const out: Doc = {};
  const place = (name: string, v: Value): void => { if (v === MISSING) delete out[name]; else out[name] = v; };
  for (const [name, value] of Object.entries(at)) {
    const rule = tree.get(name);
    if (!rule) { if (!list) out[name] = value; }
    else if (rule.under) place(name, walk(value, rule.under, list, root));
    else if ('make' in rule) { if (!list) out[name] = value; }
    else if (rule.slice !== undefined) out[name] = sliced(value, rule.slice);
    else if (rule.elem) { const hit = isList(value) ? value.find((x) => elementHolds(x, rule.elem!)) : undefined; if (hit !== undefined) out[name] = [hit]; }
    else if (rule.keep) out[name] = value;
  }
  for (const [name, rule] of tree) {
    if ('make' in rule) place(name, evaluate(rule.make, root));
    else if (rule.under && !Object.hasOwn(at, name) && makes(rule)) place(name, walk({}, rule.under, list, root));
  }
  return out;
}
function sliced(v: Value, arg: Value): Value {
  if (!isList(v)) return v;
  if (!isList(arg)) { const n = asNumber(arg); return n < 0 ? v.slice(n) : v.slice(0, n); }
  const [skip, count] = arg.map(asNumber) as [number, number];
  const from = skip < 0 ? Math.max(0, v.length + skip) : skip;
  return v.slice(from, from + count);
}
