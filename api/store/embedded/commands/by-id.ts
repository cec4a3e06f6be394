/** The most frequent statement of all: one document by its id, which must still be as the writer read it. Looked up without a plan. */
import { Int32 } from 'bson';
import { decodeFields, fieldSet, type Doc, type Value } from '../bson.ts';
import type { Collection } from '../catalog.ts';
import { documentKey } from '../documents.ts';
import { Found, type Examined } from '../find.ts';
import type { View } from '../view.ts';

/** Undefined: this is not such a statement, and the search proper has to answer it. */
export function byId(view: View, collection: Collection | undefined, statement: Doc, examined: Examined): Found[] | undefined {
  const { _id: id, ...rest } = statement['q'] as Doc;
  if (!collection || typeof id !== 'string' || statement['hint'] !== undefined || statement['collation'] !== undefined || collection.options['collation'] !== undefined) return undefined;
  const conditions = Object.entries(rest);
  if (!conditions.every(([key, v]) => !key.startsWith('$') && !key.includes('.') && (typeof v === 'string' || v instanceof Int32))) return undefined;
  const bytes = view.get(documentKey(collection, id));
  const there = bytes && decodeFields(bytes, fieldSet(Object.keys(rest)));
  const answers = there ? conditions.map(([key, wanted]) => plainlyIs(there[key], wanted)) : [];
  if (answers.includes(undefined)) return undefined;
  examined.plan ??= 'IXSCAN { _id: 1 }';
  examined.keys += bytes ? 1 : 0;
  examined.docs += bytes ? 1 : 0;
  return bytes && !answers.includes(false) ? [new Found(bytes)] : [];
}
/** Two texts or two whole numbers are the same or not; of other kinds (arrays, other numbers) the matcher knows more. */
function plainlyIs(value: Value, wanted: Value): boolean | undefined {
  if (value === undefined) return false;
  if (typeof value === 'string' && typeof wanted === 'string') return value === wanted;
  return value instanceof Int32 && wanted instanceof Int32 ? value.value === wanted.value : undefined;
}
