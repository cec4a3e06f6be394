/**
 * What the couriers of the sandbox know: which numbers they gave for which parcel, which were taken back, and where a parcel is.
 * The stand-ins of courier platforms read and change it through the world; how it is said on the wire is their own.
 */
export type BookFate = 'plain' | 'problem' | 'stuck' | 'returned';
export type BookWaybill = {
  readonly number: string; readonly by: string; readonly cp: string; readonly key: string; readonly givenAt: string; place: { readonly province: string; readonly city: string; readonly district: string; readonly detail: string }; receiver: string; weightGrams: number;
  state: 'given' | 'cancelled'; updates: number; scannedAt?: number; fate: BookFate;
};
export type BookDeed =
  | { readonly what: 'give'; readonly by: string; readonly cp: string; readonly key: string; readonly number: string; readonly place: BookWaybill['place']; readonly receiver: string; readonly weightGrams: number }
  | { readonly what: 'update'; readonly number: string; readonly place: BookWaybill['place']; readonly receiver: string; readonly weightGrams: number }
  | { readonly what: 'cancel'; readonly number: string }
  | { readonly what: 'scan'; readonly number: string; readonly fate?: BookFate };
export type BookStep = { readonly at: Date; readonly kind: 'picked_up' | 'departed' | 'arrived' | 'out' | 'signed' | 'problem' | 'sent_back'; readonly place: string };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const mark = (text: string): number => [...text].reduce((n, c) => (Math.imul(n, 31) + c.charCodeAt(0)) >>> 0, 7);
/** One parcel in forty meets a problem, one in sixty stands still, one in ninety is sent back. */
const fateOf = (number: string): BookFate => (mark(number) % 40 === 1 ? 'problem' : mark(number) % 60 === 2 ? 'stuck' : mark(number) % 90 === 3 ? 'returned' : 'plain');
/** How numbers of each courier look: what stands before, and how many digits. */
const LOOKS: Readonly<Record<string, readonly [string, number]>> = { SF: ['SF', 13], ZTO: ['7', 13], YTO: ['YT', 13], STO: ['77', 13], YUNDA: ['4', 12], JTSD: ['JT', 13], EMS: ['11', 11], POSTB: ['98', 11], DBKD: ['DPK', 12], LE04284890: ['JDVA', 11] };

export class CourierBook {
  readonly #all = new Map<string, BookWaybill>();
  readonly #byKey = new Map<string, BookWaybill>();
  all(): readonly BookWaybill[] { return [...this.#all.values()]; }
  number(number: string): BookWaybill | undefined { return this.#all.get(number); }
  /** What a platform was asked with this key. */
  key(by: string, key: string): BookWaybill | undefined { return this.#byKey.get(`${by} ${key}`); }
  given(by: string, cp: string): number { return this.all().filter((w) => w.by === by && w.cp === cp && w.state === 'given').length; }
  nextNumber(cp: string): string {
    const [head, digits] = LOOKS[cp] ?? ['9', 13];
    return `${head}${String(1_000_003 + this.#all.size * 7_919).padStart(digits, '0')}`;
  }
  apply(deed: BookDeed, at: number): void {
    if (deed.what === 'give') {
      const w: BookWaybill = { number: deed.number, by: deed.by, cp: deed.cp, key: deed.key, givenAt: new Date(at).toISOString(), place: deed.place, receiver: deed.receiver, weightGrams: deed.weightGrams, state: 'given', updates: 0, fate: fateOf(deed.number) };
      this.#all.set(w.number, w);
      this.#byKey.set(`${w.by} ${w.key}`, w);
      return;
    }
    const w = this.#all.get(deed.number);
    if (!w) return;
    if (deed.what === 'cancel') w.state = 'cancelled';
    else if (deed.what === 'update') Object.assign(w, { place: deed.place, receiver: deed.receiver, weightGrams: deed.weightGrams, updates: w.updates + 1 });
    else if (w.state === 'given') Object.assign(w, { scannedAt: w.scannedAt ?? at, fate: deed.fate ?? w.fate });
  }
  /** The steps of a parcel until now, oldest first. */
  steps(number: string, now: number): BookStep[] {
    const w = this.#all.get(number);
    if (w?.scannedAt === undefined) return [];
    const from = Math.floor(w.scannedAt / 1000) * 1000;
    const city = w.place.city || w.place.district;
    const step = (after: number, kind: BookStep['kind'], place: string): BookStep => ({ at: new Date(from + after), kind, place });
    const begin = [step(0, 'picked_up', '杭州市'), step(3 * HOUR, 'departed', '杭州市')];
    const middle = [step(20 * HOUR, 'arrived', city), step(26 * HOUR, 'out', city)];
    const ends: Readonly<Record<BookFate, readonly BookStep[]>> = {
      plain: [...middle, step(30 * HOUR, 'signed', city)], problem: [...middle, step(31 * HOUR, 'problem', city), step(3 * DAY, 'out', city), step(3 * DAY + 5 * HOUR, 'signed', city)], stuck: [], returned: [...middle, step(31 * HOUR, 'problem', city), step(4 * DAY, 'sent_back', city)],
    };
    return [...begin, ...ends[w.fate]].filter((s) => s.at.getTime() <= now);
  }
}
