/**
 * The shop's ledger of one day (pdd.finance.balance.daily.bill.url.get): the platform answers an address, and the file behind
 * it is read as the ledger that sellers export. Its format is not published (unknown): another one is refused, never guessed.
 */
import { unzipSync } from 'fflate';
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type Bill, type ChannelContext, type ChannelRefusal } from '../channel.ts';
import { isSettlement, readSettlement } from '../files/settlement.ts';
import { readTable } from '../files/table.ts';
import { exchange } from '../transport/http.ts';
import { told } from '../transport/told.ts';
import { makeClient } from './client.ts';
import { pinduoduoLedger } from './export-file.ts';

const refused = (code: ChannelRefusal['code'], platformCode: string, words: string): ChannelFault => new ChannelFault({ code, platformCode, words });
const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

export const fetchBill = (context: ChannelContext, day: string): Promise<Result<Bill | 'empty', ChannelRefusal>> => told(async () => {
  const answer = await makeClient(context).call('pdd.finance.balance.daily.bill.url.get', { bill_date: day });
  const url = String(answer['download_url'] ?? '');
  if (url === '') throw refused('retry', 'no_url', 'the platform names no file for this day yet');
  // The address is signed by itself; it holds what opens it, so it is not told on.
  const file = await exchange({ url, signal: context.signal, timeoutMs: 60_000 }).catch(() => undefined);
  if (!file || file.status !== 200) throw refused('retry', `http_${file?.status ?? 0}`, 'the bill’s file could not be fetched');
  const members = isZip(file.bytes) ? Object.entries(unzipSync(file.bytes)) : [['bill.csv', file.bytes] as const];
  for (const [name, bytes] of members) {
    const table = await readTable(name, bytes);
    if (!table || !isSettlement(table, pinduoduoLedger)) continue;
    const read = readSettlement(table, pinduoduoLedger);
    if (read.kind !== 'bill' || read.bad.length > 0) throw refused('ask_person', 'bill_rows', read.bad[0]?.words.zh ?? 'the bill could not be read');
    return read.bill.lines.length === 0 ? 'empty' : { ...read.bill, account: context.credentials.platformShopId ?? '', day };
  }
  throw refused('ask_person', 'bill_format', 'the bill’s file has another form than the ledger that sellers export: import that one');
});
