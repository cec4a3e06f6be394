/**
 * Couriers in one table: our code, and what each platform calls it. Columns are what the platforms' own lists or public
 * clients say (protocol notes, 2026-11); an empty cell is one that was not found. Where a platform has a list call its list
 * is asked, and this table only says which of its entries is which of ours: by code, else by name.
 */
import type { PlatformCourier } from '../channel.ts';
export const COURIER_PLATFORMS = ['taobao', 'jd', 'douyin', 'pinduoduo', 'wechat-shop', 'cainiao', 'kuaidi100', 'sf'] as const;
export type CourierPlatform = (typeof COURIER_PLATFORMS)[number];
/** Numbered couriers (Pinduoduo) are found by the code that stands beside the number. */
export type CourierRow = { readonly ours: string; readonly zh: string; readonly en: string; readonly name: RegExp; readonly codes: Readonly<Partial<Record<CourierPlatform, string>>>; /** Further spellings that lists have. */ readonly also: readonly string[] };

type Codes = CourierRow['codes'];
const row = (ours: string, zh: string, en: string, name: RegExp, codes: Codes, also: readonly string[] = []): CourierRow => ({ ours, zh, en, name, codes, also });
/**
 * Taobao: ZTO, YTO, STO, SF and EMS are read in its company list, YUNDA, POSTB, JTSD and DBKD in client code only. JD: two lists
 * agree on its numbers; couriers without one are found by name in the seller's own list. Cainiao of J&T: not in a stored copy,
 * taken as on Taobao, whose codes it shares. Douyin gives no static list (its own is asked before each push): the spelling here is the usual one (unknown).
 */
export const COURIERS: readonly CourierRow[] = [
  row('SF', '顺丰速运', 'SF Express', /^顺丰(快递|速运|速递)?$/, { taobao: 'SF', jd: '467', douyin: 'shunfeng', pinduoduo: 'SF', 'wechat-shop': 'SF', cainiao: 'SF', kuaidi100: 'shunfeng', sf: 'SF' }),
  row('ZTO', '中通快递', 'ZTO', /^中通(快递|速递)?$/, { taobao: 'ZTO', jd: '1499', douyin: 'zhongtong', pinduoduo: 'ZTO', 'wechat-shop': 'ZTO', cainiao: 'ZTO', kuaidi100: 'zhongtong' }),
  row('YTO', '圆通速递', 'YTO', /^圆通(快递|速递)?$/, { taobao: 'YTO', jd: '463', douyin: 'yuantong', pinduoduo: 'YTO', 'wechat-shop': 'YTO', cainiao: 'YTO', kuaidi100: 'yuantong' }),
  row('STO', '申通快递', 'STO', /^申通(快递|速递)?$/, { taobao: 'STO', jd: '470', douyin: 'shentong', pinduoduo: 'STO', 'wechat-shop': 'STO', cainiao: 'STO', kuaidi100: 'shentong' }),
  row('YUNDA', '韵达快递', 'Yunda', /^韵达(快递|速递)?$/, { taobao: 'YUNDA', jd: '1327', douyin: 'yunda', pinduoduo: 'YUNDA', 'wechat-shop': 'YD', cainiao: 'YUNDA', kuaidi100: 'yunda' }, ['YD']),
  row('JT', '极兔速递', 'J&T', /^极兔(快递|速递)?$/, { taobao: 'JTSD', douyin: 'jtexpress', pinduoduo: 'JTSD', 'wechat-shop': 'JTSD', cainiao: 'JTSD', kuaidi100: 'jtexpress' }, ['JT']),
  row('EMS', 'EMS', 'EMS', /^(邮政)?EMS(快递|经济快递)?$/i, { taobao: 'EMS', jd: '465', douyin: 'ems', pinduoduo: 'EMS', 'wechat-shop': 'EMS', cainiao: 'EMS', kuaidi100: 'ems' }),
  row('JD', '京东快递', 'JD Logistics', /^京东(快递|物流)?$/, { douyin: 'jd', 'wechat-shop': 'JD', cainiao: 'LE04284890', kuaidi100: 'jd' }, ['JDL', 'JDKD']),
  row('YZXB', '邮政快递包裹', 'China Post parcel', /^邮政(快递包裹|小包|国内小包)$/, { taobao: 'POSTB', cainiao: 'POSTB', kuaidi100: 'youzhengguonei' }, ['YZXB', 'YZPY']),
  row('DBKD', '德邦快递', 'Deppon', /^德邦(快递|物流)?$/, { taobao: 'DBKD', 'wechat-shop': 'DBKD', cainiao: 'DBKD', kuaidi100: 'debangkuaidi' }, ['DBL']),
];

const byOurs = new Map(COURIERS.map((c) => [c.ours, c]));
/** Lists spell codes in either case; the first row that has a spelling owns it. */
const bySpelling = new Map([...COURIERS].reverse().flatMap((c) => [c.ours, ...Object.values(c.codes), ...c.also].map((code) => [code.toUpperCase(), c.ours] as const)));

export const isOurCourier = (code: string): boolean => byOurs.has(code);
/** What a platform calls our courier; undefined where it is not known. */
export const courierAt = (platform: CourierPlatform, ours: string): string | undefined => byOurs.get(ours)?.codes[platform];
/** Our courier by what a platform calls it. */
export const courierFrom = (platform: CourierPlatform, code: string): string | undefined => COURIERS.find((c) => c.codes[platform] === code)?.ours;
/** An entry of a platform's own list: by its code there, else by any spelling, else by name. A platform that is known by names only has no column. */
export const courierNamed = (platform: CourierPlatform | '', code: string, name: string): string | undefined =>
  (platform === '' ? undefined : courierFrom(platform, code)) ?? (/^\d+$/.test(code) ? undefined : bySpelling.get(code.toUpperCase())) ?? COURIERS.find((c) => c.name.test(name.trim()))?.ours;
/** The same as a list of couriers has it; `as` where a platform calls for another code than the one that names it. */
export function listedCourier(platform: CourierPlatform | '', code: string, name: string, as = code): PlatformCourier {
  const ourCode = courierNamed(platform, code, name);
  return { code: as, name, ...(ourCode ? { ourCode } : {}) };
}
/** Ours that a platform has a code for. */
export const couriersAt = (platform: CourierPlatform): readonly string[] => COURIERS.filter((c) => c.codes[platform] !== undefined).map((c) => c.ours);
