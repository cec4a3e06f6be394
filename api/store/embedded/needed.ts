/** Which top fields of its documents a pipeline will look at, so that only those are decoded. */
import { fieldsOfFilter } from './match.ts';
import { includedFields } from './project.ts';
import { split } from './paths.ts';
import { isDoc, type Doc, type Value } from './values.ts';

/** Operators whose arguments name fields otherwise than by `$path`, or the whole document. */
const OPAQUE = new Set(['$getField', '$setField', '$unsetField', '$top', '$bottom', '$topN', '$bottomN']);

/** Adds the fields of an expression; false when it may look at all. */
export function fieldsOfExpression(e: Value, into: Set<string>): boolean {
  if (typeof e === 'string') {
    if (e.startsWith('$$')) return !e.startsWith('$$ROOT') && !e.startsWith('$$CURRENT');
    if (e.startsWith('$')) into.add(split(e.slice(1))[0]!);
    return true;
  }
  if (Array.isArray(e)) return (e as Value[]).every((x) => fieldsOfExpression(x, into));
  if (!isDoc(e)) return true;
  return Object.entries(e).every(([k, x]) => k === '$literal' || (!OPAQUE.has(k) && fieldsOfExpression(x, into)));
}

/** Undefined: all fields. */
export function neededFields(stages: readonly (readonly [string, Value])[]): Set<string> | undefined {
  const into = new Set<string>();
  for (const [name, arg] of stages) {
    const step = stepOf(name, arg, into);
    if (step === 'all') return undefined;
    if (step === 'end') return into;
  }
  return undefined;
}

/** `end`: what comes out has only what was read; `on`: the documents go on as they are. */
function stepOf(name: string, arg: Value, into: Set<string>): 'all' | 'end' | 'on' {
  switch (name) {
    case '$count': return 'end';
    case '$limit': case '$skip': case '$sample': return 'on';
    case '$match': return isDoc(arg) && fieldsOfFilter(arg, into) ? 'on' : 'all';
    case '$sort': for (const k of Object.keys(arg as Doc)) into.add(split(k)[0]!); return 'on';
    case '$unwind': { const path = isDoc(arg) ? arg['path'] : arg; return fieldsOfExpression(path, into) ? 'on' : 'all'; }
    case '$group': case '$sortByCount': case '$bucket': case '$bucketAuto': return fieldsOfExpression(arg, into) ? 'end' : 'all';
    case '$addFields': case '$set': return addedFields(arg, into);
    case '$lookup': {
      if (!isDoc(arg) || typeof arg['as'] !== 'string') return 'all';
      if (typeof arg['localField'] === 'string') into.add(split(arg['localField'])[0]!);
      into.add(split(arg['as'])[0]!);
      return arg['let'] === undefined || fieldsOfExpression(arg['let'], into) ? 'on' : 'all';
    }
    case '$project': return projected(arg, into);
    default: return 'all';
  }
}
function addedFields(arg: Value, into: Set<string>): 'all' | 'on' {
  if (!isDoc(arg)) return 'all';
  for (const [k, e] of Object.entries(arg)) {
    into.add(split(k)[0]!);
    if (!fieldsOfExpression(e, into)) return 'all';
  }
  return 'on';
}
function projected(arg: Value, into: Set<string>): 'all' | 'end' {
  const kept = isDoc(arg) ? includedFields(arg) : undefined;
  if (!kept) return 'all';
  for (const f of kept) into.add(f);
  return 'end';
}
