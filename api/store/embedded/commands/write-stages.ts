import { ID_INDEX } from '../catalog.ts';
import { insertDocument, replaceDocument } from '../documents.ts';
import { isDerived, notOnView } from '../derived.ts';
import type { Engine } from '../engine.ts';
import { duplicateKey, MongoError } from '../errors.ts';
import { find } from '../find.ts';
import { split, valuesAt } from '../paths.ts';
import { isDoc, type Doc, type Value } from '../values.ts';
import { View } from '../view.ts';

const target = (db: string, into: Value): string => (isDoc(into) ? `${String(into['db'] ?? db)}.${String(into['coll'])}` : `${db}.${String(into)}`);

/** $out: the collection is replaced by the rows, in one step with its indexes. */
export function runOut(engine: Engine, db: string, into: Value, rows: readonly Doc[], unchecked = false): void {
  const ns = target(db, into);
  const view = new View(engine.ground);
  view.unchecked = unchecked;
  const old = view.collection(ns);
  if (isDerived(old)) throw notOnView(ns, '$out cannot write to it');
  if (old) engine.dropCollection(view, old);
  let collection = engine.open(view, ns, old?.options ?? {});
  collection = engine.addIndexes(view, collection, (old?.indexes ?? []).filter((i) => i.name !== ID_INDEX).map((i) => i.options));
  for (const doc of rows) insertDocument(view, collection, doc);
  view.commit();
  engine.clean();
}

/** $merge: each row is joined to the document with the same `on` fields. */
export function runMerge(engine: Engine, db: string, arg: Value, rows: readonly Doc[], unchecked = false): void {
  const spec = isDoc(arg) ? arg : { into: arg };
  const on = spec['on'] === undefined ? ['_id'] : Array.isArray(spec['on']) ? (spec['on'] as string[]) : [String(spec['on'])];
  const [matched, unmatched] = [spec['whenMatched'] ?? 'merge', spec['whenNotMatched'] ?? 'insert'];
  const view = new View(engine.ground);
  view.unchecked = unchecked;
  const collection = engine.open(view, target(db, spec['into']));
  for (const row of rows) {
    const filter = Object.fromEntries(on.map((f) => [f, { $eq: valuesAt(row, split(f))[0] ?? null }]));
    const there = find(view, collection, { filter, limit: 1 }).next().value as { doc: Doc } | undefined;
    if (!there) {
      if (unmatched === 'insert') insertDocument(view, collection, row);
      else if (unmatched === 'fail') throw new MongoError(13113, 'MergeStageNoMatchingDocument', '$merge could not find a matching document in the target collection for at least one document in the source collection');
      continue;
    }
    if (matched === 'keepExisting') continue;
    if (matched === 'fail') throw duplicateKey(collection.ns, '_id_', { _id: 1 }, { _id: row['_id'] }, `_id: ${String(row['_id'])}`);
    if (matched !== 'merge' && matched !== 'replace') throw new MongoError(303, 'NotImplemented', '$merge with a pipeline in whenMatched is not supported by this store');
    const next = matched === 'replace' ? { ...row, _id: there.doc['_id'] } : { ...there.doc, ...row, _id: there.doc['_id'] };
    replaceDocument(view, collection, there.doc, next);
  }
  view.commit();
}
