/** `updateDescription` of a change event: which fields are new, which are gone, which arrays are shorter. Source: the manual, "update Event". */
import { Int32 } from 'bson';
import { encode, isDoc, type Doc, type Value } from './values.ts';

export function describeUpdate(before: Doc, after: Doc): Doc {
  if (isDoc(before['$description'])) return before['$description'];
  const updatedFields: Doc = {};
  const removedFields: string[] = [];
  const truncatedArrays: Doc[] = [];
  compareDocs('', before, after, { updatedFields, removedFields, truncatedArrays });
  return { updatedFields, removedFields, truncatedArrays };
}

type Into = { readonly updatedFields: Doc; readonly removedFields: string[]; readonly truncatedArrays: Doc[] };
const same = (a: Value, b: Value): boolean => encode({ v: a }).equals(encode({ v: b }));

function compareDocs(path: string, before: Doc, after: Doc, into: Into): void {
  for (const key of Object.keys(before)) if (!(key in after)) into.removedFields.push(`${path}${key}`);
  for (const [key, value] of Object.entries(after)) {
    if (!(key in before)) into.updatedFields[`${path}${key}`] = value;
    else compareValues(`${path}${key}`, before[key], value, into);
  }
}
function compareValues(path: string, before: Value, after: Value, into: Into): void {
  if (same(before, after)) return;
  if (isDoc(before) && isDoc(after) && sharesFields(before, after)) return compareDocs(`${path}.`, before, after, into);
  if (!Array.isArray(before) || !Array.isArray(after)) {
    into.updatedFields[path] = after;
    return;
  }
  const kept = Math.min(before.length, after.length);
  const differing = Array.from({ length: kept }, (_, i) => i).filter((i) => !same(before[i], after[i]));
  if (kept === 0 || differing.length === kept) {
    into.updatedFields[path] = after;
    return;
  }
  for (const i of differing) compareValues(`${path}.${i}`, before[i], after[i], into);
  for (let i = kept; i < after.length; i += 1) into.updatedFields[`${path}.${i}`] = after[i] as Value;
  if (after.length < before.length) into.truncatedArrays.push({ field: path, newSize: new Int32(after.length) });
}
const sharesFields = (a: Doc, b: Doc): boolean => Object.keys(b).some((k) => k in a);
