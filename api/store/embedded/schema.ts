/** `$jsonSchema`: the keywords that MongoDB takes from JSON Schema draft 4, and `bsonType`. Source: the manual, "$jsonSchema". */
import { badValue, failedToParse, typeMismatch } from './errors.ts';
import { modulo } from './numbers.ts';
import { compare, equal, isDoc, isNumber, toDouble, typeName, TYPE_NUMBERS, type Doc, type Value } from './values.ts';

/** A rule answers what is wrong, in the form of MongoDB's errInfo; undefined when nothing is. */
type Rule = (value: Value) => Doc | undefined;

export const schemaTest = (schema: Doc): ((doc: Doc) => boolean) => {
  const rules = rulesOf(schema);
  return (doc) => rules.every((r) => r(doc) === undefined);
};
/** What of a document does not satisfy the schema. */
export const schemaDetails = (schema: Doc): ((doc: Doc) => Doc[]) => {
  const rules = rulesOf(schema);
  return (doc) => rules.flatMap((r) => { const wrong = r(doc); return wrong ? [wrong] : []; });
};

const JSON_TYPES: Readonly<Record<string, readonly string[]>> = { object: ['object'], array: ['array'], string: ['string'], boolean: ['bool'], null: ['null'], number: ['int', 'long', 'double', 'decimal'] };
const list = (v: Value): Value[] => (Array.isArray(v) ? (v as Value[]) : [v]);
const wrong = (operatorName: string, specifiedAs: Value, more: Doc): Doc => ({ operatorName, specifiedAs: { [operatorName]: specifiedAs }, ...more });
const needNumber = (v: Value, name: string): number => { if (!isNumber(v)) throw typeMismatch(`$jsonSchema keyword '${name}' must be a number`); return toDouble(v); };
const nested = (v: Value, name: string): Rule[] => { if (!isDoc(v)) throw typeMismatch(`$jsonSchema keyword '${name}' must be an object`); return rulesOf(v); };
const passes = (rules: readonly Rule[], v: Value): boolean => rules.every((r) => r(v) === undefined);

function typeRule(name: 'type' | 'bsonType', arg: Value): Rule {
  const wanted = new Set(list(arg).flatMap((t) => {
    if (name === 'type' && t === 'integer') throw failedToParse(`$jsonSchema type 'integer' is not currently supported.`);
    const named = name === 'type' ? JSON_TYPES[String(t)] : t === 'number' ? JSON_TYPES['number'] : String(t) in TYPE_NUMBERS ? [String(t)] : undefined;
    if (!named) throw badValue(`Unknown type name alias: ${String(t)}`);
    return named;
  }));
  return (v) => (wanted.has(typeName(v)) ? undefined : wrong(name, arg, { reason: 'type did not match', consideredValue: v, consideredType: typeName(v) }));
}

const onNumbers = (name: string, arg: Value, holds: (v: Value) => boolean): Rule => (v) => (!isNumber(v) || holds(v) ? undefined : wrong(name, arg, { reason: 'comparison failed', consideredValue: v }));
const onTexts = (name: string, arg: Value, holds: (v: string) => boolean): Rule => (v) => (typeof v !== 'string' || holds(v) ? undefined : wrong(name, arg, { reason: `specified string ${name === 'pattern' ? 'pattern did not match' : 'length was not satisfied'}`, consideredValue: v }));
const onArrays = (name: string, arg: Value, holds: (v: Value[]) => boolean): Rule => (v) => (!Array.isArray(v) || holds(v as Value[]) ? undefined : wrong(name, arg, { reason: 'array did not match specified length or items', consideredValue: v }));
const onDocs = (name: string, arg: Value, work: (v: Doc) => Doc | undefined): Rule => (v) => { if (!isDoc(v)) return undefined; const bad = work(v); return bad ? wrong(name, arg, bad) : undefined; };

function propertiesRule(arg: Value): Rule {
  if (!isDoc(arg)) throw typeMismatch("$jsonSchema keyword 'properties' must be an object");
  const fields = Object.entries(arg).map(([key, schema]) => ({ key, rules: nested(schema, 'properties'), description: isDoc(schema) ? schema['description'] : undefined }));
  return (v) => {
    if (!isDoc(v)) return undefined;
    const bad = fields.flatMap(({ key, rules, description }) => {
      if (!Object.hasOwn(v, key)) return [];
      const details = rules.flatMap((r) => { const w = r(v[key]); return w ? [w] : []; });
      return details.length === 0 ? [] : [{ propertyName: key, ...(description === undefined ? {} : { description }), details }];
    });
    return bad.length === 0 ? undefined : { operatorName: 'properties', propertiesNotSatisfied: bad };
  };
}
function extraRule(schema: Doc): Rule {
  const extra = schema['additionalProperties'];
  const known = new Set(Object.keys((schema['properties'] as Doc | undefined) ?? {}));
  const patterns = Object.keys((schema['patternProperties'] as Doc | undefined) ?? {}).map((p) => new RegExp(p));
  const rules = isDoc(extra) ? nested(extra, 'additionalProperties') : undefined;
  return (v) => {
    if (!isDoc(v) || extra === true) return undefined;
    const others = Object.keys(v).filter((k) => !known.has(k) && !patterns.some((p) => p.test(k)));
    const bad = rules ? others.filter((k) => !passes(rules, v[k])) : others;
    return bad.length === 0 ? undefined : { operatorName: 'additionalProperties', specifiedAs: { additionalProperties: extra }, additionalProperties: bad };
  };
}
function itemsRule(schema: Doc, items: Value): Rule {
  if (Array.isArray(items)) {
    const each = (items as Value[]).map((s) => nested(s, 'items'));
    const more = schema['additionalItems'];
    const moreRules = isDoc(more) ? nested(more, 'additionalItems') : undefined;
    return onArrays('items', items, (v) => v.every((x, i) => (each[i] ? passes(each[i], x) : more === false ? false : moreRules ? passes(moreRules, x) : true)));
  }
  const rules = nested(items, 'items');
  return onArrays('items', items, (v) => v.every((x) => passes(rules, x)));
}
function dependenciesRule(arg: Value): Rule {
  const each = Object.entries(arg as Doc).map(([key, need]) => ({ key, need, rules: Array.isArray(need) ? [] : nested(need, 'dependencies') }));
  return onDocs('dependencies', arg, (v) => {
    const bad = each.filter(({ key, need, rules }) => Object.hasOwn(v, key) && (Array.isArray(need) ? (need as string[]).some((n) => !Object.hasOwn(v, n)) : !passes(rules, v)));
    return bad.length > 0 ? { failingDependencies: bad.map((b) => b.key) } : undefined;
  });
}
const logic = (name: string, arg: Value, holds: (passed: number, all: number) => boolean): Rule => {
  const each = list(arg).map((s) => nested(s, name));
  return (v) => (holds(each.filter((rules) => passes(rules, v)).length, each.length) ? undefined : wrong(name, arg, { reason: 'schemas not satisfied' }));
};

type Keyword = (arg: Value, schema: Doc) => Rule | undefined;
const KEYWORDS: Readonly<Record<string, Keyword>> = {
  type: (a) => typeRule('type', a), bsonType: (a) => typeRule('bsonType', a),
  enum: (a) => (v) => (list(a).some((x) => equal(x, v)) ? undefined : wrong('enum', a, { reason: 'value was not found in enum', consideredValue: v })),
  minimum: (a, s) => { needNumber(a, 'minimum'); return onNumbers('minimum', a, (v) => (s['exclusiveMinimum'] === true ? compare(v, a) > 0 : compare(v, a) >= 0)); },
  maximum: (a, s) => { needNumber(a, 'maximum'); return onNumbers('maximum', a, (v) => (s['exclusiveMaximum'] === true ? compare(v, a) < 0 : compare(v, a) <= 0)); },
  exclusiveMinimum: () => undefined, exclusiveMaximum: () => undefined,
  multipleOf: (a) => { needNumber(a, 'multipleOf'); return onNumbers('multipleOf', a, (v) => toDouble(modulo(v, a)) === 0); },
  minLength: (a) => { const n = needNumber(a, 'minLength'); return onTexts('minLength', a, (v) => [...v].length >= n); },
  maxLength: (a) => { const n = needNumber(a, 'maxLength'); return onTexts('maxLength', a, (v) => [...v].length <= n); },
  pattern: (a) => { const regex = new RegExp(String(a), 'u'); return onTexts('pattern', a, (v) => regex.test(v)); },
  minItems: (a) => { const n = needNumber(a, 'minItems'); return onArrays('minItems', a, (v) => v.length >= n); },
  maxItems: (a) => { const n = needNumber(a, 'maxItems'); return onArrays('maxItems', a, (v) => v.length <= n); },
  uniqueItems: (a) => (a === true ? onArrays('uniqueItems', a, (v) => v.every((x, i) => v.findIndex((y) => equal(x, y)) === i)) : undefined),
  items: (a, s) => itemsRule(s, a), additionalItems: () => undefined,
  required: (a) => onDocs('required', a, (v) => { const gone = list(a).filter((k) => !Object.hasOwn(v, String(k))); return gone.length > 0 ? { missingProperties: gone } : undefined; }),
  properties: propertiesRule,
  patternProperties: (a) => {
    const each = Object.entries(a as Doc).map(([p, s]) => ({ regex: new RegExp(p), rules: nested(s, 'patternProperties') }));
    return onDocs('patternProperties', a, (v) => { const bad = Object.keys(v).filter((k) => each.some((e) => e.regex.test(k) && !passes(e.rules, v[k]))); return bad.length > 0 ? { details: bad } : undefined; });
  },
  additionalProperties: (_a, s) => extraRule(s),
  minProperties: (a) => { const n = needNumber(a, 'minProperties'); return onDocs('minProperties', a, (v) => (Object.keys(v).length >= n ? undefined : { numberOfProperties: Object.keys(v).length })); },
  maxProperties: (a) => { const n = needNumber(a, 'maxProperties'); return onDocs('maxProperties', a, (v) => (Object.keys(v).length <= n ? undefined : { numberOfProperties: Object.keys(v).length })); },
  dependencies: dependenciesRule,
  allOf: (a) => logic('allOf', a, (n, all) => n === all), anyOf: (a) => logic('anyOf', a, (n) => n > 0), oneOf: (a) => logic('oneOf', a, (n) => n === 1),
  not: (a) => logic('not', a, (n) => n === 0),
  title: () => undefined, description: () => undefined,
};

function rulesOf(schema: Doc): Rule[] {
  return Object.entries(schema).flatMap(([name, arg]) => {
    const keyword = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined;
    if (!keyword) throw failedToParse(`Unknown $jsonSchema keyword: ${name}`);
    const rule = keyword(arg, schema);
    return rule ? [rule] : [];
  });
}
