/** What the platform itself said of an order: its last body, opened, with everything left out that could be about a person. */
import type { Both } from '../../contract/route.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Raws, type RawDoc } from './models.ts';

/** Names of fields that hold figures, states and ids of orders, lines and goods; all else (receivers, nicks, remarks) stays sealed. */
const TOLD = /(^|[._])(payment|price|total|fee|fees|amount|money|discount|post|freight|num|count|quantity|status|state|oid|tid|sku|item|ware|product|goods|order_sn|order_id|orderId|jdPrice|skuId|wareId|cost)/i;
const NEVER = /(receiver|consignee|address|addr|phone|mobile|tel|name|nick|buyer|user|openid|unionid|memo|remark|message|note|token|sign|secret|cipher|encrypt|mask|post_code|zip|invoice|id_card|email|account)/i;
const MOST = 60;

type Said = { readonly label: Both; readonly value: string };
function flat(value: unknown, path: string, out: Said[]): void {
  if (out.length >= MOST) return;
  if (Array.isArray(value)) value.forEach((v, i) => flat(v, `${path}[${i + 1}]`, out));
  else if (typeof value === 'object' && value !== null) for (const [key, v] of Object.entries(value)) flat(v, path ? `${path}.${key}` : key, out);
  else if (TOLD.test(path) && !NEVER.test(path) && value !== null && value !== '' && String(value).length <= 80) out.push({ label: { zh: path, en: path }, value: String(value) });
}
/** Ids of 64 bits are put between quotes before JSON is read, or their last digits would be lost. */
const withWholeIds = (text: string): string => text.replace(/(:\s*|\[\s*|,\s*)(\d{16,})(?=\s*[,}\]])/g, '$1"$2"');

export async function platformWords(rt: Runtime, kind: RawDoc['kind'], shopId: string, platformId: string): Promise<Said[]> {
  const raw = await Raws.findOne({ shopId, kind, platformId }).sort({ modifiedAt: -1, at: -1 }).lean<RawDoc>();
  if (!raw) return [];
  try {
    const said: Said[] = [{ label: { zh: '平台修改时间', en: 'Modified there' }, value: raw.modifiedAt.toISOString() }];
    flat(JSON.parse(withWholeIds(rt.secrets.open(raw.sealed))), '', said);
    return said;
  } catch {
    // A file's row is no JSON: what was read of it stands in the order.
    return [];
  }
}
