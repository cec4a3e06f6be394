/** Quantities to SKUs, as full values; the answer names the SKUs that were set. */
import type { Result } from '../../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type StockPush } from '../../channel.ts';
import { told } from '../../transport/told.ts';
import { listed, makeSpClient } from './client.ts';
import { numeric } from './shipping.ts';

/** SKUs in one call, as on the old gateway (unknown here). */
const MOST = 30;
/** The old gateway's word for full values, in a field of the same name. */
const FULL = 'fullStockIn';

export const pushStock = (context: ChannelContext, push: readonly StockPush[]): Promise<Result<{ readonly accepted: number }, ChannelRefusal>> => told(async () => {
  const client = makeSpClient(context);
  const refused: string[] = [];
  for (let i = 0; i < push.length; i += MOST) {
    const part = push.slice(i, i + MOST);
    const { data, errors } = await client.ask({ verb: 'PUT', path: '/sp-product/v0/sku-stocks/batch', partly: true, body: {
      updateModel: FULL, stockRfID: `${client.now().getTime()}-${part[0]!.platformSkuId}`, putSkuStockList: part.map((p) => ({ skuId: numeric(p.platformSkuId), stockNum: p.quantity })),
    } });
    const set = new Set((listed(data) as readonly Readonly<Record<string, unknown>>[]).map((d) => String(d['skuId'])));
    const words = errors.map((e) => [e.code, e.message, e.details].filter(Boolean).join(' ')).join('; ');
    refused.push(...part.filter((p) => !set.has(p.platformSkuId)).map((p) => `${p.platformSkuId} ${words}`.trim()));
  }
  if (refused.length > 0) throw new ChannelFault({ code: 'refuse_row', platformCode: 'sku', words: refused.join('; ').slice(0, 300) });
  return { accepted: push.length };
});
