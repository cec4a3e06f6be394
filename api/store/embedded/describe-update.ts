/** `updateDescription` of a change event: which fields are new, which are gone, which arrays are shorter. Source: the manual, "update Event". */
import { Int32 } from 'bson';
import { differing } from './bson.ts';
import { identical, isDoc, type Doc, type Value } from './values.ts';

export type Description = { updatedFields: Doc; removedFields: string[]; truncatedArrays: Doc[]; disambiguatedPaths: Doc };
/** Field names are text, places in arrays are numbers. */
type Path = readonly (string | number)[];

export function describeUpdate(before: Doc, after: Doc): Description {
  const into: Description = { updatedFields: {}, removedFields: [], truncatedArrays: [], disambiguatedPaths: {} };
  compareDocs([], before, after, into);
  return into;
}

/** The same of two documents' bytes: only what differs is decoded. */
export function describeBytes(before: Buffer, after: Buffer): Description {
  const differ = differing(before, after);
  return describeUpdate(differ.before, differ.after);
}
/** A path as text; where that can be read in two ways, its parts are told too. */
function named(path: Path, into: Description): string {
  const text = path.join('.');
  if (path.some((p) => typeof p === 'string' && (/^\d+$/.test(p) || p.includes('.')))) into.disambiguatedPaths[text] = path.map((p) => (typeof p === 'number' ? new Int32(p) : p));
  return text;
}

function compareDocs(path: Path, before: Doc, after: Doc, into: Description): void {
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) into.removedFields.push(named([...path, key], into));
  for (const [key, value] of Object.entries(after)) {
    if (!Object.hasOwn(before, key)) into.updatedFields[named([...path, key], into)] = value;
    else compareValues([...path, key], before[key], value, into);
  }
}
function compareValues(path: Path, before: Value, after: Value, into: Description): void {
  if (identical(before, after)) return;
  if (isDoc(before) && isDoc(after) && sharesFields(before, after)) return compareDocs(path, before, after, into);
  if (!Array.isArray(before) || !Array.isArray(after)) {
    into.updatedFields[named(path, into)] = after;
    return;
  }
  const kept = Math.min(before.length, after.length);
  const differing = Array.from({ length: kept }, (_, i) => i).filter((i) => !identical(before[i], after[i]));
  const nothingLeft = differing.length === kept && !differing.some((i) => isDoc(before[i]) && isDoc(after[i]) && sharesFields(before[i] as Doc, after[i] as Doc));
  if (nothingLeft) {
    into.updatedFields[named(path, into)] = after;
    return;
  }
  for (const i of differing) compareValues([...path, i], before[i], after[i], into);
  for (let i = kept; i < after.length; i += 1) into.updatedFields[named([...path, i], into)] = after[i] as Value;
  if (after.length < before.length) into.truncatedArrays.push({ field: named(path, into), newSize: new Int32(after.length) });
}
const sharesFields = (a: Doc, b: Doc): boolean => Object.keys(b).some((k) => Object.hasOwn(a, k));
