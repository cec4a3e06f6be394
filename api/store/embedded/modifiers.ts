/** The update operators, each on one place of a document. Source: the manual, "Update Operators", and the server's own messages. */
import { Int32, Timestamp } from 'bson';
import { badValue, failedToParse, MongoError, typeMismatch } from './errors.ts';
import { compileFilter, compileCondition, isRegex, saysOfValue } from './match.ts';
import { asBigInt, exactArithmetic, intOf } from './numbers.ts';
import { sortKeys, sortDocs } from './sort.ts';
import { compareWith, isDoc, isNumber, toDouble, typeName, type CompareText, type Doc, type Value } from './values.ts';

export type Place = { readonly parent: Doc | Value[]; readonly key: string; readonly path: string };
export type Context = { readonly now: Date; readonly inserting: boolean; readonly text: CompareText; /** For messages. */ readonly id: Value };
type Apply = (at: Place, arg: Value, context: Context) => void;
export type Modifier = { readonly apply: Apply; /** Missing places are made. */ readonly makes: boolean; readonly check?: (arg: Value, path: string) => void };

export const has = (at: Place): boolean => (Array.isArray(at.parent) ? Number(at.key) < at.parent.length : Object.hasOwn(at.parent, at.key));
export const read = (at: Place): Value => (Array.isArray(at.parent) ? at.parent[Number(at.key)] : at.parent[at.key]);
/** MongoDB's limit of elements that are filled up with null. */
const MAX_PADDING = 1_500_000;
export function write(at: Place, value: Value): void {
  if (!Array.isArray(at.parent)) { at.parent[at.key] = value; return; }
  const index = Number(at.key);
  if (index - at.parent.length > MAX_PADDING) throw new MongoError(2, 'BadValue', `can't backfill more than ${MAX_PADDING} elements`);
  while (at.parent.length < index) at.parent.push(null);
  at.parent[index] = value;
}
export function unset(at: Place): void {
  if (!has(at)) return;
  if (Array.isArray(at.parent)) at.parent[Number(at.key)] = null;
  else delete at.parent[at.key];
}

const shown = (v: Value): string => (typeof v === 'string' ? `"${v}"` : isDoc(v) || Array.isArray(v) ? JSON.stringify(v) : String(v));
const idOf = (context: Context): string => `{_id: ${shown(context.id)}}`;

const number = (op: 'add' | 'multiply', name: string): Modifier => ({
  makes: true,
  check: (arg, path) => { if (!isNumber(arg)) throw typeMismatch(`Cannot ${op === 'add' ? 'increment' : 'multiply'} with non-numeric argument: {${path}: ${shown(arg)}}`); },
  apply: (at, arg, context) => {
    const now = has(at) ? read(at) : undefined;
    if (now === undefined) return write(at, op === 'add' ? arg : exactArithmetic('multiply', arg, new Int32(0)));
    if (!isNumber(now)) throw typeMismatch(`Cannot apply ${name} to a value of non-numeric type. ${idOf(context)} has the field '${at.key}' of non-numeric type ${typeName(now)}`);
    const made = exactArithmetic(op, now, arg);
    if (made === undefined) throw badValue(`Failed to apply ${name} operations to current value (${shown(now)}) for document ${idOf(context)}`);
    write(at, made);
  },
});
const extreme = (sign: number): Modifier => ({
  makes: true, apply: (at, arg, context) => { if (!has(at) || compareWith(arg, read(at), context.text) * sign > 0) write(at, arg); },
});

function listAt(at: Place, context: Context): Value[] {
  if (!has(at)) return [];
  const list = read(at);
  if (!Array.isArray(list)) throw badValue(`The field '${at.path}' must be an array but is of type ${typeName(list)} in document ${idOf(context)}`);
  return list as Value[];
}
const whole = (v: Value): boolean => isNumber(v) && Number.isInteger(toDouble(v));
const CLAUSES = new Set(['$each', '$slice', '$sort', '$position']);
function checkPush(arg: Value): void {
  if (!isDoc(arg) || !('$each' in arg)) return;
  if (!Array.isArray(arg['$each'])) throw badValue(`The argument to $each in $push must be an array but it was of type: ${typeName(arg['$each'])}`);
  const unknown = Object.keys(arg).find((k) => !CLAUSES.has(k));
  if (unknown) throw badValue(`Unrecognized clause in $push: ${unknown}`);
  if ('$slice' in arg && !whole(arg['$slice'])) throw badValue(`The value for $slice must be an integer value but was given type: ${typeName(arg['$slice'])}`);
  if ('$position' in arg && !whole(arg['$position'])) throw badValue(`The value for $position must be an integer value, not of type: ${typeName(arg['$position'])}`);
  if (!('$sort' in arg)) return;
  const by = arg['$sort'];
  if (isDoc(by)) { if (Object.keys(by).length === 0) throw badValue('The $sort pattern is empty when it should be a set of fields.'); sortKeys(by); }
  else if (!isNumber(by) || Math.abs(toDouble(by)) !== 1) throw badValue('The $sort element value must be either 1 or -1');
}
const push: Apply = (at, arg, context) => {
  let list = [...listAt(at, context)];
  const spec = isDoc(arg) && '$each' in arg ? arg : { $each: [arg] };
  const position = '$position' in spec ? toDouble(spec['$position']) : list.length;
  list.splice(position < 0 ? Math.max(0, list.length + position) : Math.min(position, list.length), 0, ...(spec['$each'] as Value[]));
  if ('$sort' in spec) list = sortedList(list, spec['$sort'], context.text);
  if ('$slice' in spec) {
    const n = toDouble(spec['$slice']);
    list = n < 0 ? list.slice(n) : list.slice(0, n);
  }
  write(at, list);
};
function sortedList(list: Value[], by: Value, text: CompareText): Value[] {
  if (isDoc(by)) return sortDocs(list, (v) => (isDoc(v) ? v : {}), by, text);
  return list.sort((a, b) => compareWith(a, b, text) * toDouble(by));
}
const addToSet: Apply = (at, arg, context) => {
  const there = has(at) ? read(at) : [];
  if (!Array.isArray(there)) throw badValue(`Cannot apply $addToSet to non-array field. Field named '${at.key}' has non-array type ${typeName(there)}`);
  const list = [...(there as Value[])];
  for (const v of isDoc(arg) && '$each' in arg ? (arg['$each'] as Value[]) : [arg]) if (!list.some((o) => compareWith(o, v, context.text) === 0)) list.push(v);
  write(at, list);
};

/** What $pull takes out: elements equal to a value, that satisfy operators, or documents that satisfy a filter. */
function pulled(arg: Value, text: CompareText): (v: Value) => boolean {
  if (isRegex(arg) || saysOfValue(arg)) { const test = compileCondition(arg, {}, text); return (v) => test([v]); }
  if (isDoc(arg)) { const filter = compileFilter(arg, {}, text); return (v) => isDoc(v) && filter(v); }
  return (v) => compareWith(v, arg, text) === 0;
}
const pull: Apply = (at, arg, context) => {
  if (!has(at)) return;
  const list = read(at);
  if (!Array.isArray(list)) throw badValue('Cannot apply $pull to a non-array value');
  const test = pulled(arg, context.text);
  write(at, (list as Value[]).filter((v) => !test(v)));
};
const pullAll: Apply = (at, arg, context) => {
  if (!has(at)) return;
  const list = read(at);
  if (!Array.isArray(list)) throw badValue('Cannot apply $pull to a non-array value');
  write(at, (list as Value[]).filter((v) => !(arg as Value[]).some((o) => compareWith(o, v, context.text) === 0)));
};
const pop: Apply = (at, arg) => {
  if (!has(at)) return;
  const list = read(at);
  if (!Array.isArray(list)) throw typeMismatch(`Path '${at.path}' contains an element of non-array type '${typeName(list)}'`);
  write(at, toDouble(arg) < 0 ? list.slice(1) : list.slice(0, -1));
};

function checkBit(arg: Value, path: string): void {
  if (!isDoc(arg)) throw badValue(`The $bit modifier is not compatible with a ${typeName(arg)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`);
  if (Object.keys(arg).length === 0) throw badValue(`You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`);
  for (const [op, n] of Object.entries(arg)) {
    if (!['and', 'or', 'xor'].includes(op)) throw badValue(`The $bit modifier only supports 'and', 'or', and 'xor', not '${op}' which is an unknown operator: {${path}: ${op}}`);
    if (!['int', 'long'].includes(typeName(n))) throw badValue(`The $bit modifier field must be an Integer(32/64 bit); a '${typeName(n)}' is not supported here: {${op}: ${shown(n)}}`);
  }
}
const bit: Apply = (at, arg, context) => {
  const now = has(at) ? read(at) : new Int32(0);
  if (!['int', 'long'].includes(typeName(now))) throw badValue(`Cannot apply $bit to a value of non-integral type.${idOf(context)} has the field ${at.key} of non-integer type ${typeName(now)}`);
  let made = now;
  for (const [op, n] of Object.entries(arg as Doc)) {
    const [a, b] = [asBigInt(made), asBigInt(n)];
    made = intOf(op === 'and' ? a & b : op === 'or' ? a | b : a ^ b, typeName(made) === 'long' || typeName(n) === 'long' ? 'long' : 'int');
  }
  write(at, made);
};

function checkDate(arg: Value): void {
  if (typeof arg === 'boolean') return;
  if (!isDoc(arg)) throw badValue(`${typeName(arg)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`);
  const unknown = Object.keys(arg).find((k) => k !== '$type');
  if (unknown) throw badValue(`Unrecognized $currentDate option: ${unknown}`);
  if (arg['$type'] !== 'date' && arg['$type'] !== 'timestamp') throw badValue("The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}");
}
let ticks = 0;
const currentDate: Apply = (at, arg, context) => {
  ticks = (ticks + 1) & 0xffff;
  write(at, isDoc(arg) && arg['$type'] === 'timestamp' ? new Timestamp({ t: Math.floor(context.now.getTime() / 1000), i: ticks + 1 }) : new Date(context.now));
};

export const MODIFIERS: Readonly<Record<string, Modifier>> = {
  $set: { makes: true, apply: (at, arg) => write(at, arg) },
  $setOnInsert: { makes: true, apply: (at, arg, context) => { if (context.inserting) write(at, arg); } },
  $unset: { makes: false, apply: unset },
  $inc: number('add', '$inc'), $mul: number('multiply', '$mul'), $min: extreme(-1), $max: extreme(1),
  $push: { makes: true, apply: push, check: checkPush }, $pull: { makes: false, apply: pull, check: (arg) => void pulled(arg, () => 0) }, $bit: { makes: true, apply: bit, check: checkBit },
  $addToSet: { makes: true, apply: addToSet, check: (arg) => { if (isDoc(arg) && '$each' in arg && !Array.isArray(arg['$each'])) throw typeMismatch(`The argument to $each in $addToSet must be an array but it was of type ${typeName(arg['$each'])}`); } },
  $pullAll: { makes: false, apply: pullAll, check: (arg) => { if (!Array.isArray(arg)) throw badValue(`$pullAll requires an array argument but was given a ${typeName(arg)}`); } },
  $pop: { makes: false, apply: pop, check: (arg) => { if (!isNumber(arg)) throw failedToParse(`Expected a number in: $pop, found ${typeName(arg)}`); if (Math.abs(toDouble(arg)) !== 1) throw failedToParse(`$pop expects 1 or -1, found: ${shown(arg)}`); } },
  $currentDate: { makes: true, apply: currentDate, check: checkDate },
  $rename: { makes: true, apply: () => undefined },
};
