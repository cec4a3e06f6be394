/** Lists that are read by a cursor: empty at first, `nomore` at the end. A cursor stands at a row, so what leaves the window moves no other. */
import { ChannelFault, type TimeWindow } from '../channel.ts';
import type { Answer, Business, Client } from './client.ts';

const MOST_PAGES = 20_000;
type List = { readonly method: string; readonly cursor: 'cursor' | 'pcursor'; readonly rows: string; readonly size: number; readonly also: Business };

/** Windows end with the platform's own clock: what is not over yet belongs to the next. Each row once, though a page repeats one. */
export async function* cursorRows(client: Client, list: List, window: TimeWindow, keyOf: (row: Answer) => string): AsyncGenerator<readonly Answer[]> {
  const [from, to] = [window.from.getTime(), Math.min(window.to.getTime(), client.now().getTime())];
  if (to <= from) return;
  const seen = new Set<string>();
  for (let [cursor, page] = ['', 1]; ; page += 1) {
    if (page > MOST_PAGES) throw new ChannelFault({ code: 'ask_person', platformCode: 'cursor', words: `${list.method} does not come to an end` });
    const data = await client.call(list.method, { ...list.also, beginTime: from, endTime: to, pageSize: list.size, ...(list.cursor === 'pcursor' ? { currentPage: page } : {}), [list.cursor]: cursor });
    const rows = ((data[list.rows] ?? []) as Answer[]).filter((row) => !seen.has(keyOf(row)));
    for (const row of rows) seen.add(keyOf(row));
    if (rows.length > 0) yield [...new Map(rows.map((row) => [keyOf(row), row])).values()];
    const next = String(data[list.cursor] ?? '');
    if (next === 'nomore' || next === '') return;
    // A cursor that does not move would be asked for ever.
    if (next === cursor) throw new ChannelFault({ code: 'retry', platformCode: 'cursor', words: `${list.method} gave the same cursor again` });
    cursor = next;
  }
}
