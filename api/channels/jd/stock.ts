/** Quantities to SKUs, as full values; JD answers each SKU for itself. */
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type StockPush } from '../channel.ts';
import { told } from '../transport/told.ts';
import { makeClient, type Answer } from './client.ts';
import { isYes } from './wire.ts';

/** SKUs in one call (one source). */
const MOST = 30;

export const pushStock = (context: ChannelContext, push: readonly StockPush[]): Promise<Result<{ readonly accepted: number }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const refused: string[] = [];
  for (let i = 0; i < push.length; i += MOST) {
    const part = push.slice(i, i + MOST);
    const answer = await client.call('jingdong.ware.stock.sku.set', { req: {
      updateModel: 'fullStockIn', stockRfId: `${client.now().getTime()}-${part[0]!.platformSkuId}`, skuStocks: part.map((p) => ({ skuId: p.platformSkuId, stockNum: p.quantity })),
    } });
    refused.push(...refusedSkus(answer['returnType'] as Answer | undefined));
  }
  if (refused.length > 0) throw new ChannelFault({ code: 'refuse_row', platformCode: 'sku', words: refused.join('; ').slice(0, 300) });
  return { accepted: push.length };
});

function refusedSkus(result: Answer | undefined): string[] {
  if (!isYes(result?.['success'])) return [String(result?.['message'] ?? 'not accepted')];
  const each = ((result?.['obj'] as Answer | undefined)?.['updateStockResult'] as Answer[] | undefined) ?? [];
  return each.filter((r) => !isYes(r['success'])).map((r) => `${String(r['data'])} ${String(r['message'] ?? '')}`);
}
