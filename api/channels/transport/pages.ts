/**
 * Paging through what changed, without losing anything while it goes on changing. Platforms that number their pages advise
 * to page from the last to the first (Taobao's trades.sold.increment.get, Pinduoduo's order.number.list.increment.get).
 */
import { ChannelFault, type TimeWindow } from '../channel.ts';

/** One row of a list. `key` names it and its change; `at` is when that was (whole seconds, undefined when not given). */
export type Listed<T> = { readonly key: string; readonly at: Date | undefined; readonly row: T };
/** `total` is how many rows the whole window holds; the platform may leave it out when there is nothing. */
export type Page<T> = { readonly total: number | undefined; readonly rows: readonly Listed<T>[] };
export type ReadPage<T> = (window: TimeWindow, no: number) => Promise<Page<T>>;

const SECOND = 1000;
/** Rounds after the first only take what changed during the one before; what comes later belongs to the next window. */
const ROUNDS = 4;

/** Pages of rows as what is read of each; of a row that comes to nothing, nothing. */
export async function* eachRead<R, T>(pages: AsyncIterable<readonly R[]>, read: (row: R) => Promise<T | undefined>): AsyncGenerator<readonly T[]> {
  for await (const rows of pages) {
    const made: T[] = [];
    for (const row of rows) {
      const one = await read(row);
      if (one) made.push(one);
    }
    yield made;
  }
}

/**
 * All changes of a window, each once, where the platform lists newest first. A row that changes leaves its place for the
 * front; as long as the window's end lies in the past it leaves the window, and walking backwards meets every other row. So
 * each round ends at the newest change that its first page shows, and a further round takes what came after it.
 */
export async function* changedRows<T>(window: TimeWindow, size: number, read: ReadPage<T>): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  let from = window.from;
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = await read({ from, to: window.to }, 1);
    if (first.rows.length === 0) return;
    const newest = Math.max(...first.rows.map((r) => r.at?.getTime() ?? 0));
    // Whether `end_modified` includes its own second is not documented: one second more holds in both readings.
    const end = newest > 0 ? new Date(Math.min(window.to.getTime(), newest + SECOND)) : window.to;
    const before = seen.size;
    for await (const rows of backwards({ from, to: end }, size, first, read)) {
      const fresh = rows.filter((r) => !seen.has(r.key));
      for (const r of fresh) seen.add(r.key);
      if (fresh.length > 0) yield [...new Map(fresh.map((r) => [r.key, r.row])).values()];
    }
    if (seen.size === before || end >= window.to) return;
    from = new Date(newest);
  }
}

/**
 * All changes of a window that has ended, each once, whichever way the platform sorts: a row that changes leaves the window,
 * and those behind it move to pages that are still to be read. `seen` is shared by windows that touch in one second.
 */
export async function* closedRows<T>(window: TimeWindow, size: number, read: ReadPage<T>, seen: Set<string> = new Set(), first?: Page<T>): AsyncGenerator<readonly T[]> {
  for await (const rows of backwards(window, size, first ?? (await read(window, 1)), read)) {
    const fresh = rows.filter((r) => !seen.has(r.key));
    for (const r of fresh) seen.add(r.key);
    if (fresh.length > 0) yield [...new Map(fresh.map((r) => [r.key, r.row])).values()];
  }
}

/**
 * As `closedRows`, where the platform gives no page beyond a ceiling: a window that holds more rows is halved until its parts
 * do not, the older part first. A second that holds more than the ceiling cannot be read whole, and is refused.
 */
export async function* boundedRows<T>(window: TimeWindow, size: number, ceiling: number, read: ReadPage<T>): AsyncGenerator<readonly T[]> {
  const first = await read(window, 1);
  if ((first.total ?? first.rows.length) <= ceiling) return yield* closedRows(window, size, read, new Set(), first);
  const [from, to] = [window.from.getTime(), window.to.getTime()];
  const middle = Math.floor((from + to) / 2 / SECOND) * SECOND;
  if (middle <= from) throw new ChannelFault({ code: 'ask_person', platformCode: 'page_ceiling', words: 'one second holds more than the platform gives pages for' });
  yield* boundedRows({ from: window.from, to: new Date(middle - SECOND) }, size, ceiling, read);
  yield* boundedRows({ from: new Date(middle), to: window.to }, size, ceiling, read);
}

/**
 * From the last page to the first. The total comes with every page: when it grew, rows that the platform shows late have
 * pushed others back over a page's edge, and the pages behind are read once more.
 */
async function* backwards<T>(window: TimeWindow, size: number, first: Page<T>, read: ReadPage<T>): AsyncGenerator<readonly Listed<T>[]> {
  let total = totalOf(first, size);
  if (total <= size) return yield first.rows;
  for (let no = Math.ceil(total / size); no >= 1;) {
    const page = await read(window, no);
    yield page.rows;
    const now = page.total ?? total;
    const grown = now - total;
    total = now;
    no = grown > 0 ? no + Math.ceil(grown / size) : no - 1;
  }
}

function totalOf(page: Page<unknown>, size: number): number {
  if (page.total !== undefined) return page.total;
  // A full page without a total: how many pages follow cannot be known, so nothing is taken as done.
  if (page.rows.length >= size) throw new ChannelFault({ code: 'retry', platformCode: 'no_total', words: 'the list says no total' });
  return page.rows.length;
}
