import { createHash } from 'node:crypto';
import { problem, type Problem } from '../contract/problems.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';

/**
 * Rows in the order of their last change. A transaction may commit after a later stamp was read, so the end of the feed
 * looks back over OVERLAP_MS; rows of that span which the reader has seen are known by a fingerprint kept in the cursor,
 * so nothing is missed and nothing comes twice.
 */
const OVERLAP_MS = 10_000;
const MAX_SEEN = 400;

type Position = { at: number; id: string; seen: string[] };
export type FeedPage<Row> = { rows: Row[]; cursor: string; more: boolean };
type Stamped = { _id: string; changedAt: Date; revision: number };

const mark = (id: string, revision: number): string => createHash('sha256').update(`${id}:${revision}`).digest('base64url').slice(0, 7);
const encode = (p: Position): string => Buffer.from(JSON.stringify([1, p.at, p.id, p.seen.join('')])).toString('base64url');

function decode(cursor: string): Position | undefined {
  try {
    const [version, at, id, seen] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as [number, number, string, string];
    if (version !== 1 || typeof at !== 'number' || typeof id !== 'string' || typeof seen !== 'string') return undefined;
    return { at, id, seen: seen.match(/.{7}/g) ?? [] };
  } catch {
    return undefined;
  }
}

/** The index that the feed of a collection needs: `schema.index(FEED_INDEX)`. */
export const FEED_INDEX = { changedAt: 1, _id: 1 } as const;

/** The one thing that the feed asks of a mongoose model (whose own type differs per document). */
type Found = { sort(by: Record<string, 1>): { limit(n: number): { lean(): Promise<unknown> } } };
type Readable = { find(filter: never): unknown };

export type FeedQuery = { since?: string | undefined; limit?: number | undefined };

/** One page of changes after a cursor. `shape` turns stored rows into answer rows, all of a page at once. */
export async function feed<Doc extends Stamped, Row>(
  model: Readable, query: FeedQuery & { filter?: Record<string, unknown>; now: Date }, shape: (docs: Doc[]) => Promise<Row[]> | Row[],
): Promise<Result<FeedPage<Row>, Problem>> {
  const from = query.since ? decode(query.since) : { at: -8e15, id: '', seen: [] };
  if (!from) return refuse(problem('bad_cursor', { read: query.since ?? '' }));
  const limit = query.limit ?? 500;
  const seen = new Set(from.seen);
  const after = { $or: [{ changedAt: { $gt: new Date(Math.max(from.at, -8e15)) } }, { changedAt: new Date(from.at), _id: { $gt: from.id } }] };
  const filter = { ...(from.id === '' && from.at === -8e15 ? {} : after), ...(query.filter ? { $and: [query.filter] } : {}) };
  const asked = model.find(filter as never) as Found;
  const found = (await asked.sort({ changedAt: 1, _id: 1 }).limit(limit + 1 + seen.size).lean()) as Doc[];
  const fresh = found.filter((doc) => !seen.has(mark(doc._id, doc.revision)));
  const page = fresh.slice(0, limit);
  const more = fresh.length > limit;
  return ok({ rows: await shape(page), cursor: encode(nextPosition(from, found, page, more, query.now)), more });
}

function nextPosition<Doc extends Stamped>(from: Position, found: Doc[], page: Doc[], more: boolean, now: Date): Position {
  const last = page.at(-1);
  if (more && last) return { at: last.changedAt.getTime(), id: last._id, seen: [] };
  const horizon = now.getTime() - OVERLAP_MS;
  const settled = found.filter((doc) => doc.changedAt.getTime() <= horizon).at(-1);
  const base = settled ? { at: settled.changedAt.getTime(), id: settled._id } : { at: from.at, id: from.id };
  const recent = found.filter((doc) => doc.changedAt.getTime() > horizon).map((doc) => mark(doc._id, doc.revision));
  if (recent.length > MAX_SEEN) {
    const end = found.at(-1)!;
    return { at: end.changedAt.getTime(), id: end._id, seen: [] };
  }
  return { ...base, seen: recent };
}

type Stamp = { readonly _id: string; readonly changedAt: Date; readonly revision: number };
type Newest = { find(filter: Record<string, never>, fields: Record<string, 1>): { sort(by: Record<string, -1>): { limit(n: number): { lean(): Promise<unknown> } } } };
/** A mark that is another one after any change of these collections; read from the feed's own index. */
export async function lastChanges(...models: readonly unknown[]): Promise<string> {
  const newest = await Promise.all((models as readonly Newest[]).map(async (m) => (await m.find({}, { changedAt: 1, revision: 1 }).sort({ changedAt: -1, _id: -1 }).limit(1).lean() as Stamp[])[0]));
  return newest.map((d) => (d ? `${d.changedAt.getTime().toString(36)}.${mark(d._id, d.revision)}` : '-')).join('/');
}
