/**
 * Rows that say what people have said by hand. Conditions are tried alone and in pairs on the earlier weeks; what agrees there
 * is proved on the later weeks, which the search has not seen. Pure.
 * Method: exhaustive search of short conjunctions (as in Cohen 1995, "Fast effective rule induction", grown to two conditions).
 */
import { ORDER_FIELDS, type Field } from '../../contract/decision-tables/index.ts';
import { fenFromInteger, yuanText } from '../../contract/values/money.ts';
import type { Both } from '../../contract/route.ts';

type Value = string | number | boolean | readonly string[] | undefined;
/** One hand decision: what the rules saw, what the person said, and what the rules would say without them. */
export type Seen = { readonly input: Readonly<Record<string, Value>>; readonly pass: boolean; readonly byRule: boolean; readonly paidFen: number };
export type Learned = { readonly cells: Record<string, string>; readonly words: Both; readonly learned: number; readonly coverage: number; readonly mistakes: number; readonly agreement: number; readonly paidFen: number };
const AGREE = 9_900;
const LEAST_LEARNED = 12;
const LEAST_PROVED = 5;
const MOST_ATOMS = 120;
const MOST_PROPOSALS = 5;

type Atom = { readonly field: Field; readonly cell: string; readonly value: Value; readonly fits: (v: Value) => boolean };
const bits = (list: readonly Seen[], a: Atom): Uint8Array => Uint8Array.from(list, (s) => (a.fits(s.input[a.field.key]) ? 1 : 0));

/** Fields that come by chance with an order say nothing about the next one. */
const SKIP = new Set(['receiverName', 'address', 'district', 'paidDay', 'presaleShipDay', 'paidHours', 'shipInHours', 'flaws', 'stock']);
function atomsOf(seen: readonly Seen[]): Atom[] {
  const made: Atom[] = [];
  for (const field of ORDER_FIELDS) {
    if (SKIP.has(field.key)) continue;
    const values = seen.map((s) => s.input[field.key]).filter((v) => v !== undefined && v !== '');
    if (field.type === 'flag') for (const yes of [true, false]) made.push({ field, cell: yes ? '是' : '否', value: yes, fits: (v) => v === yes });
    else if (field.type === 'money' || field.type === 'number' || field.type === 'rate') made.push(...numberAtoms(field, values as number[]));
    else if (field.key === 'buyerMessage' || field.key === 'sellerMemo') made.push(...wordAtoms(field, values as string[]));
    else made.push(...valueAtoms(field, values.flatMap((v) => (Array.isArray(v) ? v : [v as string])) as string[]));
  }
  const usual = (a: Atom): number => { const n = seen.filter((s) => a.fits(s.input[a.field.key])).length; return n < LEAST_LEARNED || n === seen.length ? 0 : n; };
  return made.map((a) => [a, usual(a)] as const).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]).slice(0, MOST_ATOMS).map(([a]) => a);
}
function counted(values: readonly string[], most: number): string[] {
  const counts = new Map<string, number>();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  return [...counts].filter(([, n]) => n >= LEAST_LEARNED).sort((a, b) => b[1] - a[1]).slice(0, most).map(([v]) => v);
}
const quoted = (text: string): string => (/[*?~,，、;；"!！/<>=]|^(空|任意|any|blank)$/.test(text) ? `"${text.replaceAll('"', '')}"` : text);
const valueAtoms = (field: Field, values: readonly string[]): Atom[] => counted(values, 8).map((one) => ({ field, cell: field.choices?.find((c) => c.value === one)?.zh ?? quoted(one), value: one, fits: (v) => (Array.isArray(v) ? v.includes(one) : v === one) }));
/** Pieces of two to four characters that come again in remarks. */
function wordAtoms(field: Field, values: readonly string[]): Atom[] {
  const grams = values.flatMap((v) => { const c = [...v]; return [...new Set([2, 3, 4].flatMap((n) => c.slice(0, Math.max(0, c.length - n + 1)).map((_x, i) => c.slice(i, i + n).join(''))))]; });
  const words = counted(grams.filter((g) => !/[\s,，。!！?？*~"/]/.test(g)), 40);
  // A piece that only comes inside a longer one says no more than that.
  return words.filter((w) => !words.some((x) => x !== w && x.includes(w) && grams.filter((g) => g === x).length === grams.filter((g) => g === w).length)).slice(0, 12).map((w) => ({ field, cell: `*${w}*`, value: w, fits: (v) => typeof v === 'string' && v.includes(w) }));
}
function numberAtoms(field: Field, values: readonly number[]): Atom[] {
  const sorted = [...values].sort((a, b) => a - b);
  const bounds = [...new Set([0.1, 0.25, 0.5, 0.75, 0.9].map((q) => roundly(field, sorted[Math.floor(q * (sorted.length - 1))] ?? 0)))];
  const text = (n: number): string => (field.type === 'money' ? yuanText(fenFromInteger(n)) : field.type === 'rate' ? `${yuanText(fenFromInteger(n))}%` : String(n));
  return bounds.flatMap((b): Atom[] => [
    { field, cell: `>=${text(b)}`, value: b, fits: (v) => typeof v === 'number' && v >= b }, { field, cell: `<${text(b)}`, value: b, fits: (v) => typeof v === 'number' && v < b },
  ]);
}
/** A person writes 500, not 497.31. */
function roundly(field: Field, n: number): number {
  const step = field.type === 'number' && field.unit !== 'gram' ? 1 : 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(n)))) - 1);
  return Math.round(n / step) * step;
}

type Found = { readonly atoms: readonly Atom[]; readonly pass: boolean; readonly covers: number; readonly train: Uint8Array };
/** Only decisions against the rules teach something: a row that says what the table says already is not needed. */
export function rowsFrom(early: readonly Seen[], late: readonly Seen[]): Learned[] {
  const atoms = atomsOf(early);
  const on = atoms.map((a) => bits(early, a));
  const found: Found[] = [];
  const weigh = (chosen: readonly number[]): void => {
    const train = Uint8Array.from(early, (_s, i) => (chosen.every((c) => on[c]![i] === 1) ? 1 : 0));
    const covered = early.filter((_s, i) => train[i] === 1);
    if (covered.length < LEAST_LEARNED) return;
    const passed = covered.filter((s) => s.pass).length;
    const pass = passed * 2 > covered.length;
    const right = pass ? passed : covered.length - passed;
    if (right * 10_000 < covered.length * AGREE || covered.filter((s) => s.byRule !== pass).length < LEAST_LEARNED) return;
    found.push({ atoms: chosen.map((c) => atoms[c]!), pass, covers: covered.length, train });
  };
  for (let i = 0; i < atoms.length; i += 1) weigh([i]);
  const alone = found.length;
  for (let i = 0; i < atoms.length; i += 1) for (let j = i + 1; j < atoms.length; j += 1) if (atoms[i]!.field !== atoms[j]!.field) weigh([i, j]);
  const ranked = [...found.slice(0, alone), ...found.slice(alone)].sort((a, b) => b.covers - a.covers || a.atoms.length - b.atoms.length);
  return proved(ranked, late);
}

function proved(ranked: readonly Found[], late: readonly Seen[]): Learned[] {
  const taken: Found[] = [];
  const made: Learned[] = [];
  for (const f of ranked) {
    if (made.length >= MOST_PROPOSALS) break;
    // What a row before it covers already is not said twice.
    const fresh = f.train.filter((on, i) => on === 1 && !taken.some((t) => t.train[i] === 1)).length;
    if (fresh < LEAST_LEARNED) continue;
    const covered = late.filter((s) => f.atoms.every((a) => a.fits(s.input[a.field.key])));
    const mistakes = covered.filter((s) => s.pass !== f.pass).length;
    const agreement = covered.length === 0 ? 0 : Math.floor(((covered.length - mistakes) * 10_000) / covered.length);
    if (covered.length < LEAST_PROVED || agreement < AGREE) continue;
    taken.push(f);
    made.push({ cells: { ...Object.fromEntries(f.atoms.map((a) => [a.field.key, a.cell])), hold: f.pass ? 'pass' : 'by_hand' }, words: wordsOf(f, covered.length), learned: f.covers, coverage: covered.length, mistakes, agreement, paidFen: covered.reduce((n, s) => n + s.paidFen, 0) });
  }
  return made;
}
function wordsOf(f: Found, covered: number): Both {
  const cells = (lang: 'zh' | 'en'): string => f.atoms.map((a) => `${a.field[lang]} ${a.cell}`).join(lang === 'zh' ? '，' : ', ');
  return { zh: `${cells('zh')}：人工总是${f.pass ? '放行' : '挂起'}（学自 ${f.covers} 单，验证 ${covered} 单）`, en: `${cells('en')}: people always ${f.pass ? 'release' : 'hold'} these (learned from ${f.covers}, proved on ${covered})` };
}
