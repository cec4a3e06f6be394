/** One line of JSON for each command that took long: what it was like and how it was done, never a value of anybody's. */
import type { Operation } from './operations.ts';
import { isDoc, typeName, type Doc, type Value } from './values.ts';

const SHOWN = ['filter', 'query', 'q', 'u', 'update', 'sort', 'projection', 'fields', 'pipeline', 'updates', 'deletes', 'key', 'hint', 'limit', 'skip', 'arrayFilters'];
/** Arguments that are names of fields or orders, not data. */
const NAMES = new Set(['sort', 'projection', 'fields', 'key', 'hint', 'limit', 'skip', '$sort', '$limit', '$skip', '$unwind', '$unset', '$count']);
const MOST = 4_000;

export function slowLine(op: Operation, name: string, ns: string, returned: number | undefined): string {
  const shape: Doc = {};
  for (const key of SHOWN) if (key in op.command) shape[key] = shapeOf(op.command[key], NAMES.has(key));
  const line = { slow: true, ms: Math.round(op.ms), command: name, ns, shape, plan: op.examined.plan ?? op.plan, keysExamined: op.examined.keys, docsExamined: op.examined.docs, ...(returned === undefined ? {} : { returned }) };
  const text = JSON.stringify(line);
  return text.length <= MOST ? text : JSON.stringify({ ...line, shape: `${JSON.stringify(shape).slice(0, MOST)}..` });
}

function shapeOf(v: Value, named: boolean): Value {
  if (Array.isArray(v)) {
    const parts = [...new Set((v as Value[]).map((x) => JSON.stringify(shapeOf(x, named))))];
    return parts.slice(0, 20).map((p) => JSON.parse(p) as Value);
  }
  if (isDoc(v)) return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, shapeOf(x, named || NAMES.has(k))]));
  // A path of an expression is no value.
  if (typeof v === 'string' && v.startsWith('$')) return v;
  return named ? (typeof v === 'string' ? v : Number(v)) : `?${typeName(v)}`;
}
