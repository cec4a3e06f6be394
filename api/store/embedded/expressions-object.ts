/** Fields and documents as values. Source: the manual, "Object Expression Operators". */
import { failedToParse, MongoError } from './errors.ts';
import { compile, many, missing, nary, shape, type Build } from './expression-core.ts';
import { isDoc, typeName, type Doc, type Value } from './values.ts';

function objectToArray([v]: Value[]): Value {
  if (missing(v)) return null;
  if (!isDoc(v)) throw new MongoError(40390, 'Location40390', `$objectToArray requires a document input, found: ${typeName(v)}`);
  return Object.entries(v).map(([k, x]) => ({ k, v: x }));
}
function arrayToObject([v]: Value[]): Value {
  if (missing(v)) return null;
  if (!Array.isArray(v)) throw new MongoError(40386, 'Location40386', `$arrayToObject requires an array input, found: ${typeName(v)}`);
  return Object.fromEntries((v as Value[]).map((item) => {
    const [key, value] = Array.isArray(item) ? [(item as Value[])[0], (item as Value[])[1]] : isDoc(item) ? [item['k'], item['v']] : [undefined, undefined];
    if (typeof key !== 'string') throw new MongoError(40395, 'Location40395', `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${typeName(key)}`);
    return [key, value];
  }));
}
function mergeObjects(values: Value[]): Value {
  const list = values.length === 1 && Array.isArray(values[0]) ? (values[0] as Value[]) : values;
  const out: Doc = {};
  for (const v of list) {
    if (missing(v)) continue;
    if (!isDoc(v)) throw new MongoError(40400, 'Location40400', `$mergeObjects requires object inputs, but input is of type ${typeName(v)}`);
    Object.assign(out, v);
  }
  return out;
}

const fieldName = (name: string, field: Value): string => {
  if (typeof field === 'string' && !field.startsWith('$')) return field;
  if (isDoc(field) && ('$literal' in field || '$const' in field)) return String(field['$literal'] ?? field['$const']);
  throw new MongoError(5654602, 'Location5654602', `${name} requires 'field' to evaluate to a constant, but got a non-constant argument`);
};
const getField: Build = (arg, env) => {
  const full = isDoc(arg) && ('field' in arg || 'input' in arg) ? shape('$getField', arg, ['field'], ['input']) : { field: arg };
  const field = compile(full['field'], env);
  const input = 'input' in full ? compile((full as Doc)['input'], env) : undefined;
  return (s) => {
    const name = field(s);
    if (typeof name !== 'string') throw new MongoError(5654602, 'Location5654602', `$getField requires 'field' to evaluate to type String, but got ${typeName(name)}`);
    const from = input ? input(s) : s.root;
    return isDoc(from) ? (Object.hasOwn(from, name) ? from[name] : undefined) : missing(from) && input ? (from === null ? null : undefined) : undefined;
  };
};
const setField: Build = (arg, env) => {
  const fields = shape('$setField', arg, ['field', 'input', 'value'], []);
  const name = fieldName('$setField', fields['field']);
  const [input, value] = [compile(fields['input'], env), compile(fields['value'], env)];
  return (s) => changed('$setField', input(s), name, value(s));
};
const unsetField: Build = (arg, env) => {
  const fields = shape('$unsetField', arg, ['field', 'input'], []);
  const name = fieldName('$unsetField', fields['field']);
  const input = compile(fields['input'], env);
  return (s) => changed('$unsetField', input(s), name, undefined);
};
function changed(operator: string, doc: Value, name: string, value: Value): Value {
  if (missing(doc)) return null;
  if (!isDoc(doc)) throw new MongoError(4161105, 'Location4161105', `${operator} requires 'input' to evaluate to type Object`);
  if (name === '__proto__') throw failedToParse(`the field name '${name}' is not supported by this store`);
  if (value !== undefined) return { ...doc, [name]: value };
  return Object.fromEntries(Object.entries(doc).filter(([k]) => k !== name));
}

export const objectOperators: Readonly<Record<string, Build>> = {
  $objectToArray: nary('$objectToArray', 1, 1, objectToArray), $arrayToObject: nary('$arrayToObject', 1, 1, arrayToObject), $mergeObjects: many('$mergeObjects', mergeObjects),
  $getField: getField, $setField: setField, $unsetField: unsetField,
};
