/** The array element that a filter matched: what `$` stands for in an update's path and in a projection. */
import { compileFilter, elementTest, isOperators } from './match.ts';
import { isIndex, split } from './paths.ts';
import { compareStrings, isDoc, type CompareText, type Doc, type Value } from './values.ts';

/** Answers, for the path of an array, the index of the element that the filter matched in it. */
export function positionalOf(doc: Doc, filter: Doc, text: CompareText = compareStrings): (path: string) => number | undefined {
  return (path) => {
    for (const [key, condition] of conditions(filter, doc, text)) {
      const index = hit(doc, path, key, condition, text);
      if (index !== undefined) return index;
    }
    return undefined;
  };
}

function hit(doc: Doc, path: string, key: string, condition: Value, text: CompareText): number | undefined {
  if (key !== path && !key.startsWith(`${path}.`)) return undefined;
  const list = split(path).reduce<Value>((at, p) => (isDoc(at) ? at[p] : Array.isArray(at) && isIndex(p) ? (at as Value[])[Number(p)] : undefined), doc);
  if (!Array.isArray(list)) return undefined;
  const rest = key.slice(path.length + 1);
  const test = rest === '' ? wholeElement(condition, text) : (item: Value): boolean => isDoc(item) && compileFilter({ [rest]: condition }, {}, text)(item);
  const index = (list as Value[]).findIndex(test);
  return index >= 0 ? index : undefined;
}

function wholeElement(condition: Value, text: CompareText): (item: Value) => boolean {
  if (isOperators(condition) && '$elemMatch' in condition) return elementTest(condition['$elemMatch'], {}, text);
  const test = compileFilter({ v: condition }, {}, text);
  return (item) => test({ v: item });
}

/** Conditions by field, of $and in all its parts, of $or in the parts that match. */
function* conditions(filter: Doc, doc: Doc, text: CompareText): Generator<[string, Value]> {
  for (const [key, value] of Object.entries(filter)) {
    if (!key.startsWith('$')) yield [key, value];
    if (key === '$and' && Array.isArray(value)) for (const part of value as Doc[]) yield* conditions(part, doc, text);
    if (key === '$or' && Array.isArray(value)) for (const part of value as Doc[]) if (compileFilter(part, {}, text)(doc)) yield* conditions(part, doc, text);
  }
}
