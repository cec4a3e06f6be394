/**
 * Our couriers by the codes and names that platforms give them. Names decide when a code is not known: platforms agree on
 * these where their codes differ (company lists of Taobao, Pinduoduo and WeChat shop, read 2026-11).
 */
const COURIERS: readonly { readonly ours: string; readonly codes: readonly string[]; readonly name: RegExp }[] = [
  { ours: 'ZTO', codes: ['ZTO'], name: /^中通(快递|速递)?$/ }, { ours: 'YTO', codes: ['YTO'], name: /^圆通(快递|速递)?$/ }, { ours: 'YUNDA', codes: ['YUNDA', 'YD'], name: /^韵达(快递|速递)?$/ },
  { ours: 'STO', codes: ['STO'], name: /^申通(快递|速递)?$/ }, { ours: 'SF', codes: ['SF'], name: /^顺丰(快递|速运|速递)?$/ }, { ours: 'EMS', codes: ['EMS'], name: /^EMS(快递)?$|^邮政EMS$/i },
  { ours: 'JT', codes: ['JTSD', 'JT', 'JTEXPRESS'], name: /^极兔(快递|速递)?$/ }, { ours: 'JD', codes: ['JD', 'JDL', 'JDKD'], name: /^京东(快递|物流)?$/ }, { ours: 'YZXB', codes: ['YZXB', 'POSTB'], name: /^邮政(快递包裹|小包)$/ }, { ours: 'DBKD', codes: ['DBKD', 'DBL'], name: /^德邦(快递|物流)?$/ },
];
export const isOurCourier = (code: string): boolean => COURIERS.some((c) => c.ours === code);
export const courierNamed = (code: string, name: string): string | undefined => COURIERS.find((c) => c.codes.includes(code.toUpperCase()) || c.name.test(name.trim()))?.ours;
