/** Collations by Intl (ICU), as far as its options go; what it cannot say is refused by name. Source: the manual, "Collation". */
import { Int32 } from 'bson';
import { badValue, MongoError } from './errors.ts';
import { compareStrings, isDoc, isNumber, toDouble, type CompareText, type Doc, type Value } from './values.ts';

const KNOWN = new Set(['locale', 'caseLevel', 'caseFirst', 'strength', 'numericOrdering', 'alternate', 'maxVariable', 'normalization', 'backwards', 'version']);
const kept = new Map<string, CompareText>();

/** The comparison of a `collation` option; undefined = by code point (none given, or the simple locale). */
export function collationOf(spec: Value): CompareText | undefined {
  if (spec === undefined || spec === null) return undefined;
  if (!isDoc(spec)) throw new MongoError(14, 'TypeMismatch', "BSON field 'collation' is the wrong type, expected type 'object'");
  if (Object.keys(spec).length === 0) return undefined;
  const unknown = Object.keys(spec).find((k) => !KNOWN.has(k));
  if (unknown) throw new MongoError(40415, 'IDLUnknownField', `BSON field 'collation.${unknown}' is an unknown field.`);
  if (typeof spec['locale'] !== 'string') throw new MongoError(40414, 'IDLFailedToParse', "BSON field 'collation.locale' is missing but a required field");
  if (spec['locale'] === 'simple') return undefined;
  const key = JSON.stringify(Object.entries(spec).map(([k, v]) => [k, isNumber(v) ? toDouble(v) : v]));
  let found = kept.get(key);
  if (!found) {
    found = made(spec['locale'], spec);
    kept.set(key, found);
  }
  return found;
}

const DEFAULTS: Readonly<Record<string, Value>> = {
  caseLevel: false, caseFirst: 'off', strength: new Int32(3), numericOrdering: false, alternate: 'non-ignorable', maxVariable: 'punct', normalization: false, backwards: false, version: '57.1',
};
/** A collation as the catalog shows it, with all that was not said; undefined = the simple one. */
export function fullCollation(spec: Value): Doc | undefined {
  if (!isDoc(spec) || !collationOf(spec)) return undefined;
  return Object.fromEntries([['locale', spec['locale']], ...Object.entries(DEFAULTS).map(([k, v]) => [k, spec[k] ?? v])]);
}

function made(locale: string, spec: Readonly<Record<string, Value>>): CompareText {
  const strength = isNumber(spec['strength']) ? toDouble(spec['strength']) : 3;
  if (![1, 2, 3, 4, 5].includes(strength)) throw badValue(`Enumeration value '${strength}' for field 'collation.strength' is not a valid value.`);
  if (spec['backwards'] === true) throw new MongoError(303, 'NotImplemented', 'collation with backwards is not supported by this store');
  const [base = '', variant] = locale.replace(/_/g, '-').split('@collation=');
  const tag = variant ? `${base}-u-co-${variant === 'phonebook' ? 'phonebk' : variant}` : base;
  if (!supported(tag)) throw badValue(`Field 'locale' is invalid in: { locale: "${locale}" }`);
  const caseFirst = spec['caseFirst'] === 'upper' || spec['caseFirst'] === 'lower' ? spec['caseFirst'] : 'false';
  const sensitivity = strength === 1 ? (spec['caseLevel'] === true ? 'case' : 'base') : strength === 2 && spec['caseLevel'] !== true ? 'accent' : 'variant';
  const collator = new Intl.Collator(tag, { sensitivity, numeric: spec['numericOrdering'] === true, caseFirst, ignorePunctuation: spec['alternate'] === 'shifted' && strength < 4 });
  return strength === 5 ? (a, b) => collator.compare(a, b) || compareStrings(a, b) : (a, b) => collator.compare(a, b);
}

function supported(tag: string): boolean {
  try {
    return Intl.Collator.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}

/** How a command on a collection compares text: by its own collation, else by the collection's. */
export const textFor = (collection: { readonly options: Readonly<Record<string, Value>> } | undefined, given: Value): CompareText | undefined => collationOf(given ?? collection?.options['collation']);
