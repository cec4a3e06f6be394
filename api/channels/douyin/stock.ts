/** Quantities to SKUs, one a call, as full values: increments would need a key for each, and full values none. */
import type { Result } from '../../contract/values/result.ts';
import type { ChannelContext, ChannelRefusal, StockPush } from '../channel.ts';
import { told } from '../transport/told.ts';
import { makeClient } from './client.ts';

export const pushStock = (context: ChannelContext, push: readonly StockPush[]): Promise<Result<{ readonly accepted: number }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  for (const p of push) await client.call('/sku/syncStock', { sku_id: digits(p.platformSkuId), product_id: digits(p.platformItemId), stock_num: p.quantity, incremental: false });
  return { accepted: push.length };
});
/** 64-bit numbers on the wire, digit for digit. */
const digits = (id: string): bigint | string => (/^\d+$/.test(id) ? BigInt(id) : id);
