/** A collection's validator, enforced on what is written. Source: the manual, "Schema Validation" and "Document Validation Failure". */
import type { Collection } from './catalog.ts';
import { badValue, MongoError } from './errors.ts';
import { compileFilter, isOperators } from './match.ts';
import { split, valuesAt } from './paths.ts';
import { schemaDetails } from './schema.ts';
import { isDoc, type Doc, type Value } from './values.ts';

type Validator = { readonly holds: (doc: Doc) => boolean; readonly filter: Doc; readonly moderate: boolean; readonly warns: boolean };
const known = new WeakMap<Collection, Validator | 'none'>();

export function checkValidation(options: Doc): void {
  const oneOf = (option: string, values: readonly string[]): void => {
    const v = options[option];
    if (v !== undefined && !values.includes(String(v))) throw badValue(`Enumeration value '${String(v)}' for field 'create.${option}' is not a valid value.`);
  };
  oneOf('validationLevel', ['off', 'strict', 'moderate']);
  oneOf('validationAction', ['error', 'warn']);
  const validator = options['validator'];
  if (isDoc(validator)) compileFilter(validator);
}

function validatorOf(collection: Collection): Validator | 'none' {
  const there = known.get(collection);
  if (there) return there;
  const { validator, validationLevel, validationAction } = collection.options;
  const made: Validator | 'none' = !isDoc(validator) || Object.keys(validator).length === 0 || validationLevel === 'off' ? 'none'
    : { holds: compileFilter(validator), filter: validator, moderate: validationLevel === 'moderate', warns: validationAction === 'warn' };
  known.set(collection, made);
  return made;
}

export const isValidated = (collection: Collection): boolean => validatorOf(collection) !== 'none';
/** Refuses a document that the validator refuses; `before`: what it replaces. */
export function assertValid(collection: Collection, doc: Doc, before?: Doc): void {
  const v = validatorOf(collection);
  if (v === 'none' || v.holds(doc)) return;
  // Moderate: documents that were not valid before may stay so.
  if (before && v.moderate && !v.holds(before)) return;
  const errInfo = { failingDocumentId: doc['_id'], details: detailsOf(v.filter, doc) };
  if (!v.warns) throw new MongoError(121, 'DocumentValidationFailure', 'Document failed validation', [], { errInfo });
  process.stderr.write(`${JSON.stringify({ warning: 'document would fail validation', ns: collection.ns, id: String(doc['_id']), rules: rulesIn(errInfo.details) })}\n`);
}
/** For the log: which rules, never the values. */
const rulesIn = (details: Value): string[] => {
  if (Array.isArray(details)) return (details as Value[]).flatMap(rulesIn);
  if (!isDoc(details)) return [];
  return [...(typeof details['operatorName'] === 'string' ? [details['operatorName']] : []), ...Object.entries(details).filter(([k]) => k !== 'specifiedAs' && !k.startsWith('considered')).flatMap(([, v]) => rulesIn(v))];
};

function detailsOf(filter: Doc, doc: Doc): Doc {
  const clauses = Object.entries(filter).map(([key, value]) => ({ [key]: value }));
  const failing = clauses.map((clause, index) => ({ index, clause })).filter(({ clause }) => !compileFilter(clause)(doc));
  if (clauses.length === 1) return detailsOfClause(clauses[0]!, doc);
  return { operatorName: '$and', clausesNotSatisfied: failing.map(({ index, clause }) => ({ index, details: detailsOfClause(clause, doc) })) };
}
function detailsOfClause(clause: Doc, doc: Doc): Doc {
  const [key, value] = Object.entries(clause)[0]!;
  if (key === '$jsonSchema') return { operatorName: '$jsonSchema', schemaRulesNotSatisfied: schemaDetails(value as Doc)(doc) };
  if (key === '$and' || key === '$or') {
    const parts = (value as Doc[]).map((part, index) => ({ index, part })).filter(({ part }) => !compileFilter(part)(doc));
    return { operatorName: key, clausesNotSatisfied: parts.map(({ index, part }) => ({ index, details: detailsOf(part, doc) })) };
  }
  if (key === '$nor') {
    const parts = (value as Doc[]).map((part, index) => ({ index, part })).filter(({ part }) => compileFilter(part)(doc));
    return { operatorName: key, clausesSatisfied: parts.map(({ index, part }) => ({ index, details: { operatorName: Object.keys(part)[0] ?? '', specifiedAs: part, reason: 'clause matched' } })) };
  }
  if (key === '$expr') return { operatorName: '$expr', specifiedAs: clause, reason: 'expression did not match', expressionResult: false };
  return detailsOfPath(key, value, doc);
}
function detailsOfPath(path: string, value: Value, doc: Doc): Doc {
  const conditions: (readonly [string, Value])[] = isOperators(value) ? Object.entries(value).filter(([op]) => op !== '$options') : [['$eq', value]];
  const failing = conditions.find(([op, arg]) => !compileFilter({ [path]: op === '$regex' && isDoc(value) && '$options' in value ? { $regex: arg, $options: value['$options'] } : { [op]: arg } })(doc)) ?? conditions[0]!;
  const [operatorName, arg] = failing;
  const specifiedAs = { [path]: isOperators(value) ? { [operatorName]: arg } : value };
  const values = valuesAt(doc, split(path));
  if (values.every((v) => v === undefined)) return { operatorName, specifiedAs, reason: operatorName === '$exists' ? 'path does not exist' : 'field was missing' };
  return { operatorName, specifiedAs, reason: REASONS[operatorName] ?? 'comparison failed', ...(values.length === 1 ? { consideredValue: values[0] } : { consideredValues: values }) };
}
const REASONS: Readonly<Record<string, string>> = { $exists: 'path does exist', $in: 'no matching value found in array', $nin: 'matching value found in array', $type: 'type did not match', $regex: 'regular expression did not match', $size: 'array length was not equal to given size', $not: 'clause matched', $mod: 'modulo did not match', $elemMatch: 'array did not satisfy the child predicate' };
