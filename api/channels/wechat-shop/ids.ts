/** Ids of what changed in a window, by cursor. What a cursor points at is not documented (unknown): it may be a place in the list. */
import type { TimeWindow } from '../channel.ts';
import { ChannelFault } from '../channel.ts';
import { slices } from '../transport/slices.ts';
import type { Client } from './client.ts';

export type IdPage = { readonly ids: readonly string[]; readonly nextKey: string; readonly more: boolean };
export type ReadIds = (window: TimeWindow, nextKey: string) => Promise<IdPage>;
const MOST_PAGES = 2_000;
const WALKS = 6;

/**
 * All ids of a window that has ended. An order that changes meanwhile leaves the window, and what stood behind it may slip
 * over a page that was read: a window of several pages is walked again until a walk finds nothing new. Lists are cheap, a
 * hundred ids a call; the orders themselves are read once each.
 */
export async function* idsOf(client: Client, window: TimeWindow, widestMs: number, read: ReadIds): AsyncGenerator<readonly string[]> {
  const ended = { from: window.from, to: new Date(Math.min(window.to.getTime(), client.now().getTime())) };
  // Windows touch in one second, which is in both.
  const seen = new Set<string>();
  for (const slice of slices(ended, widestMs)) {
    for (let walk = 0; walk < WALKS; walk += 1) {
      const before = seen.size;
      let pages = 0;
      for await (const ids of pagesOf(slice, read)) {
        pages += 1;
        const fresh = [...new Set(ids)].filter((x) => !seen.has(x));
        for (const x of fresh) seen.add(x);
        if (fresh.length > 0) yield fresh;
      }
      if (pages <= 1 || seen.size === before) break;
    }
  }
}

async function* pagesOf(window: TimeWindow, read: ReadIds): AsyncGenerator<readonly string[]> {
  let key = '';
  for (let no = 0; ; no += 1) {
    const page = await read(window, key);
    yield page.ids;
    if (!page.more) return;
    // A cursor that does not move would be read for ever, and what lies behind it never.
    if (page.nextKey === '' || page.nextKey === key || no >= MOST_PAGES) throw new ChannelFault({ code: 'retry', platformCode: 'no_next_key', words: 'the list says that there is more, and gives no way to it' });
    key = page.nextKey;
  }
}
