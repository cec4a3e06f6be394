/** `$out` and `$merge`: the rows of a pipeline, written as they come, some hundred in one commit. */
import { updatePipeline } from '../aggregate.ts';
import { ID_INDEX, type Collection } from '../catalog.ts';
import { isDerived, notOnView } from '../derived.ts';
import { insertDocument, replaceDocument } from '../documents.ts';
import type { Engine } from '../engine.ts';
import { duplicateKey, failedToParse, IntentHeld, MongoError } from '../errors.ts';
import { evaluate, type Variables } from '../expressions.ts';
import { find } from '../find.ts';
import { split, valuesAt } from '../paths.ts';
import { breathe, PAUSE, type Row } from '../rows.ts';
import { equal, identical, isDoc, typeName, type Doc, type Value } from '../values.ts';
import { View } from '../view.ts';

/** How a command writes: is it still to go on, and are validators asked? */
export type Writing = { readonly check: () => void; readonly unchecked: boolean; readonly variables: Variables };
const STEP = 500;
export const TEMPORARY = 'tmp.agg_out.';

/** Hands rows on in steps, letting others in between. */
async function inSteps(rows: Iterable<Row>, check: () => void, write: (rows: readonly Doc[]) => void): Promise<void> {
  let step: Doc[] = [];
  const flush = async (): Promise<void> => {
    const now = step;
    step = [];
    for (;;) {
      check();
      try {
        write(now);
        break;
      } catch (error) {
        if (!(error instanceof IntentHeld)) throw error;
        await error.ended;
      }
    }
    await breathe();
  };
  for (const row of rows) {
    if (row === PAUSE) {
      await breathe();
      check();
    } else {
      step.push(row);
      if (step.length === STEP) await flush();
    }
  }
  await flush();
}

type Target = { readonly ns: string; readonly db: string };
function targetOf(stage: string, db: string, into: Value, options: readonly string[]): Target {
  if (typeof into === 'string' && into !== '') return { db, ns: `${db}.${into}` };
  if (!isDoc(into) || typeof into['coll'] !== 'string' || into['coll'] === '') throw failedToParse(`${stage} 'into' field must be either a string or an object with a collection name, but found ${typeName(into)}`);
  const unknown = Object.keys(into).find((k) => !options.includes(k));
  if (unknown !== undefined) throw new MongoError(40415, 'Location40415', `BSON field '${stage}.${unknown}' is an unknown field.`);
  const to = into['db'] === undefined ? db : String(into['db']);
  return { db: to, ns: `${to}.${into['coll']}` };
}

/** $out: the rows gather in a collection of their own, which takes the place of the old one in one step, with its options and indexes. */
export async function runOut(engine: Engine, db: string, into: Value, rows: Iterable<Row>, writing: Writing): Promise<void> {
  const target = targetOf('$out', db, into, ['db', 'coll']);
  const old = engine.catalog.get(target.ns);
  if (isDerived(old)) throw notOnView(target.ns, '$out cannot write to it');
  const temporary = `${target.db}.${TEMPORARY}${engine.catalog.takeId()}`;
  silently(engine, writing, (view) => {
    const made = engine.open(view, temporary, old?.options ?? {});
    engine.addIndexes(view, made, (old?.indexes ?? []).filter((i) => i.name !== ID_INDEX).map((i) => i.options));
  });
  try {
    await inSteps(rows, writing.check, (step) => silently(engine, writing, (view) => {
      const made = view.collection(temporary);
      if (!made) throw new MongoError(26, 'NamespaceNotFound', `the collection that $out was filling is gone: ${temporary}`);
      for (const doc of step) insertDocument(view, made, doc);
    }));
    for (;;) {
      try {
        const view = new View(engine.ground);
        engine.rename(view, engine.catalog.get(temporary)!, target.ns, engine.catalog.get(target.ns));
        view.commit();
        break;
      } catch (error) {
        if (!(error instanceof IntentHeld)) throw error;
        await error.ended;
      }
    }
  } catch (error) {
    silently(engine, writing, (view) => { const made = view.collection(temporary); if (made) engine.dropCollection(view, made); });
    throw error;
  } finally {
    engine.clean();
  }
}
/** What is done to a collection that nobody knows of is told to nobody. */
function silently(engine: Engine, writing: Writing, work: (view: View) => void): void {
  const view = new View(engine.ground);
  [view.unchecked, view.silent] = [writing.unchecked, true];
  work(view);
  view.commit();
}

const MATCHED = ['replace', 'keepExisting', 'merge', 'fail'];
const UNMATCHED = ['insert', 'discard', 'fail'];
/** Source: the manual, "$merge", whenMatched. */
const STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);
type Merge = { readonly on: readonly string[]; readonly matched: string | readonly Doc[]; readonly unmatched: string; readonly own: Doc };

function mergeOf(arg: Value): { readonly into: Value; readonly merge: Merge } {
  if (typeof arg === 'string') return { into: arg, merge: { on: ['_id'], matched: 'merge', unmatched: 'insert', own: {} } };
  if (!isDoc(arg)) throw new MongoError(51182, 'Location51182', `$merge only supports a string or object argument, but found ${typeName(arg)}`);
  const unknown = Object.keys(arg).find((k) => !['into', 'on', 'let', 'whenMatched', 'whenNotMatched'].includes(k));
  if (unknown !== undefined) throw new MongoError(40415, 'Location40415', `BSON field '$merge.${unknown}' is an unknown field.`);
  const on = arg['on'] === undefined ? ['_id'] : Array.isArray(arg['on']) ? (arg['on'] as Value[]) : [arg['on']];
  if (on.length === 0) throw new MongoError(51187, 'Location51187', 'If explicitly specifying $merge \'on\', must include at least one field');
  if (!on.every((f): f is string => typeof f === 'string')) throw new MongoError(51134, 'Location51134', "$merge 'on' array elements must be strings");
  const matched = arg['whenMatched'] ?? 'merge';
  const unmatched = arg['whenNotMatched'] ?? 'insert';
  if (!Array.isArray(matched) && !MATCHED.includes(String(matched))) throw new MongoError(2, 'BadValue', `Enumeration value '${String(matched)}' for field '$merge.whenMatched' is not a valid value.`);
  if (!UNMATCHED.includes(String(unmatched))) throw new MongoError(2, 'BadValue', `Enumeration value '${String(unmatched)}' for field '$merge.whenNotMatched' is not a valid value.`);
  const wrong = Array.isArray(matched) ? (matched as Doc[]).flatMap((s) => Object.keys(s)).find((s) => !STAGES.has(s)) : undefined;
  if (wrong !== undefined) throw new MongoError(72, 'InvalidOptions', `${wrong} is not allowed to be used within an update`);
  if (arg['let'] !== undefined && !Array.isArray(matched)) throw new MongoError(51199, 'Location51199', "Cannot use 'let' variables with 'whenMatched' other than a pipeline");
  return { into: arg['into'], merge: { on, matched: Array.isArray(matched) ? (matched as Doc[]) : String(matched), unmatched: String(unmatched), own: isDoc(arg['let']) ? arg['let'] : {} } };
}

/** $merge: each row is joined to the document with the same `on` fields. */
export async function runMerge(engine: Engine, db: string, arg: Value, rows: Iterable<Row>, writing: Writing): Promise<void> {
  const { into, merge } = mergeOf(arg);
  const { ns } = targetOf('$merge', db, into, ['db', 'coll']);
  const there = engine.catalog.get(ns);
  if (isDerived(there)) throw notOnView(ns, '$merge cannot write to it');
  const unique = (merge.on.length === 1 && merge.on[0] === '_id') || there?.indexes.some((i) => i.unique && !i.partial && !i.sparse && i.fields.length === merge.on.length && i.fields.every((f) => merge.on.includes(f.path)));
  if (!unique) throw new MongoError(51183, 'Location51183', 'Cannot find index to verify that join fields will be unique');
  await inSteps(rows, writing.check, (step) => {
    const view = new View(engine.ground);
    view.unchecked = writing.unchecked;
    const collection = engine.open(view, ns);
    for (const row of step) mergeOne(view, collection, row, merge, writing.variables);
    view.commit();
  });
}

function mergeOne(view: View, collection: Collection, row: Doc, { on, matched, unmatched, own }: Merge, variables: Variables): void {
  const filter: Doc = {};
  for (const field of on) {
    const [value] = valuesAt(row, split(field));
    // A row without _id gets one, and so matches nothing.
    if (field === '_id' && value === undefined && on.length === 1) return void insertOrNot(view, collection, row, unmatched);
    if (value === undefined || value === null || Array.isArray(value)) throw new MongoError(51132, 'Location51132', `$merge write error: 'on' field '${field}' cannot be missing, null, undefined or an array`);
    filter[field] = { $eq: value };
  }
  const found = find(view, collection, { filter, limit: 1 }).next().value as { doc: Doc } | undefined;
  if (!found) return insertOrNot(view, collection, row, unmatched);
  const before = found.doc;
  if (matched === 'keepExisting') return;
  if (matched === 'fail') throw duplicateKey(collection.ns, ID_INDEX, { _id: 1 }, { _id: before['_id'] }, `_id: ${String(before['_id'])}`);
  const after = joined(before, row, matched, own, variables);
  if ('_id' in after && !equal(after['_id'], before['_id'])) throw new MongoError(66, 'ImmutableField', "$merge failed to update the matching document, did you attempt to modify the _id or the shard key? :: caused by :: Performing an update on the path '_id' would modify the immutable field '_id'");
  const next = { _id: before['_id'], ...Object.fromEntries(Object.entries(after).filter(([k]) => k !== '_id')) };
  if (!identical(before, next)) replaceDocument(view, collection, before, next, matched === 'replace' ? 'replace' : 'update');
}
function joined(before: Doc, row: Doc, matched: string | readonly Doc[], own: Doc, variables: Variables): Doc {
  if (matched === 'replace') return row;
  if (typeof matched === 'string') return { ...before, ...row };
  const scope = { ...variables, ROOT: row, CURRENT: row };
  const named = Object.keys(own).length === 0 ? { new: row } : Object.fromEntries(Object.entries(own).map(([k, e]) => [k, evaluate(e, scope) ?? null]));
  return updatePipeline(before, matched, { ...variables, ...named });
}
function insertOrNot(view: View, collection: Collection, row: Doc, unmatched: string): void {
  if (unmatched === 'insert') insertDocument(view, collection, row);
  else if (unmatched === 'fail') throw new MongoError(13113, 'MergeStageNoMatchingDocument', '$merge could not find a matching document in the target collection for at least one document in the source collection');
}
