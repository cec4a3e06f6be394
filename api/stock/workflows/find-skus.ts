/**
 * Finds SKUs by what a person types or pastes: code, barcode or name. In: a few letters, or whole names. Out: the best hits, or
 * for each name the SKU that it is, those that it may be, or none.
 * All codes and names are kept folded and sorted in memory and follow the collection by its own feed index, so that typing asks the
 * store for what is new and nothing else: a prefix is found by halving, a part of a name by one walk over the texts.
 */
import { Skus, type SkuDoc } from '../store/models.ts';

export type SkuHit = { readonly id: string; readonly code: string; readonly name: string };
type Entry = SkuHit & { readonly texts: readonly string[]; readonly active: boolean };
type Key = { readonly text: string; readonly entry: Entry };
const fold = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
/** A commit may carry a stamp that is a little older than the moment at which it can be read. */
const OVERLAP_MS = 10_000;

const entries = new Map<string, Entry>();
let keys: readonly Key[] = [];
let upTo = Number.NEGATIVE_INFINITY;
let lookedAt = Number.NEGATIVE_INFINITY;
let of: unknown;

async function fresh(now: Date): Promise<readonly Key[]> {
  // Another database, as tests have: what is known is of no use.
  if (of !== Skus.db.name) { entries.clear(); [keys, upTo, lookedAt, of] = [[], Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Skus.db.name]; }
  // What was stamped long before the last look is known; fifty thousand that came in one import are not read at every letter.
  const from = Math.min(upTo, lookedAt - OVERLAP_MS);
  const docs = (await Skus.collection.find(Number.isFinite(from) ? { changedAt: { $gt: new Date(from) } } : {}, { projection: { code: 1, name: 1, barcode: 1, active: 1, changedAt: 1 }, batchSize: 5_000 }).toArray()) as unknown as Pick<SkuDoc, '_id' | 'code' | 'name' | 'barcode' | 'active' | 'changedAt'>[];
  lookedAt = now.getTime();
  let moved = false;
  for (const d of docs) {
    upTo = Math.max(upTo, d.changedAt.getTime());
    const texts = [d.code, d.barcode, d.name].map(fold);
    const there = entries.get(d._id);
    if (there && there.active === d.active && there.name === d.name && there.texts.every((t, i) => t === texts[i])) continue;
    entries.set(d._id, { id: d._id, code: d.code, name: d.name, texts, active: d.active });
    moved = true;
  }
  if (moved) keys = [...entries.values()].filter((e) => e.active).flatMap((entry) => entry.texts.filter((t) => t !== '').map((text) => ({ text, entry }))).sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return keys;
}
function firstFrom(list: readonly Key[], text: string): number {
  let [low, high] = [0, list.length];
  while (low < high) { const mid = (low + high) >> 1; if (list[mid]!.text < text) low = mid + 1; else high = mid; }
  return low;
}
const hit = ({ id, code, name }: Entry): SkuHit => ({ id, code, name });

/** What begins with the letters comes first, then what has them inside; of several words, each must be there. */
export async function findSkus(now: Date, typed: string, limit: number): Promise<SkuHit[]> {
  const list = await fresh(now);
  const text = fold(typed);
  const found = new Map<string, Entry>();
  for (let i = firstFrom(list, text); i < list.length && list[i]!.text.startsWith(text) && found.size < limit; i += 1) found.set(list[i]!.entry.id, list[i]!.entry);
  const words = text.split(' ').filter(Boolean);
  if (words.length > 0) for (const entry of entries.values()) {
    if (found.size >= limit) break;
    if (entry.active && !found.has(entry.id) && words.every((w) => entry.texts.some((t) => t.includes(w)))) found.set(entry.id, entry);
  }
  return [...found.values()].map(hit);
}

const MOST_CANDIDATES = 20;
/** A whole code, barcode or name; where none fits, names that begin so. One is the SKU, several are asked. */
export async function resolveSkus(now: Date, names: readonly string[]): Promise<Map<string, readonly SkuHit[]>> {
  const list = await fresh(now);
  return new Map(names.map((name): [string, readonly SkuHit[]] => {
    const text = fold(name);
    const at = firstFrom(list, text);
    const exact: Entry[] = [];
    const begins = new Map<string, Entry>();
    for (let i = at; text !== '' && i < list.length && list[i]!.text.startsWith(text) && begins.size <= MOST_CANDIDATES; i += 1) {
      if (list[i]!.text === text) exact.push(list[i]!.entry);
      begins.set(list[i]!.entry.id, list[i]!.entry);
    }
    const code = exact.find((e) => e.texts[0] === text);
    const all = code ? [code] : exact.length > 0 ? [...new Set(exact)] : [...begins.values()];
    return [name, all.slice(0, MOST_CANDIDATES).map(hit)];
  }));
}
