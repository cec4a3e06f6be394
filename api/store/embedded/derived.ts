/** MongoDB's views: a name for a pipeline over another collection. They are read through it, and never written. */
import type { CatalogReader, Collection } from './catalog.ts';
import { MongoError } from './errors.ts';
import { isDoc, type Doc } from './values.ts';

/** Source: the manual, "Views": a view on a view on .. ends here. */
const MAX_DEPTH = 20;
export const isDerived = (c: Collection | undefined): boolean => typeof c?.options['viewOn'] === 'string';
export const notOnView = (ns: string, what: string): MongoError => new MongoError(166, 'CommandNotSupportedOnView', `Namespace ${ns} is a view, not a collection: ${what}`);

/** What a name stands for in the end: a collection, and the stages on the way to it. */
export function resolved(catalog: CatalogReader, db: string, name: string): { readonly name: string; readonly stages: readonly Doc[] } {
  const seen = new Set<string>();
  let at = name;
  let stages: Doc[] = [];
  for (let c = catalog.collection(`${db}.${at}`); c && isDerived(c); c = catalog.collection(`${db}.${at}`)) {
    if (seen.has(at)) throw new MongoError(5, 'GraphContainsCycle', `View cycle detected: ${[...seen, at].join(' => ')}`);
    if (seen.size >= MAX_DEPTH) throw new MongoError(165, 'ViewDepthLimitExceeded', `View depth too deep or view cycle detected; maximum depth is ${MAX_DEPTH}`);
    seen.add(at);
    stages = [...((c.options['pipeline'] as Doc[] | undefined) ?? []), ...stages];
    at = String(c.options['viewOn']);
  }
  return { name: at, stages };
}

/** Options of a view that is to be made: checked before anything is kept. */
export function derivedOptions(command: Doc): Doc {
  const pipeline = command['pipeline'] ?? [];
  if (typeof command['viewOn'] !== 'string' || command['viewOn'] === '') throw new MongoError(2, 'BadValue', "'viewOn' cannot be empty");
  if (!Array.isArray(pipeline) || !(pipeline as unknown[]).every(isDoc)) throw new MongoError(14, 'TypeMismatch', "BSON field 'create.pipeline' is the wrong type, expected type 'array'");
  const wrong = (pipeline as Doc[]).flatMap((s) => Object.keys(s)).find((k) => k === '$out' || k === '$merge' || k === '$changeStream');
  if (wrong) throw new MongoError(167, 'OptionNotSupportedOnView', `${wrong} is not allowed in the pipeline of a view`);
  return { viewOn: command['viewOn'], pipeline };
}
