/** Whether what a buyer typed can be what it should be. Masked and absent parts are given the benefit of the doubt. Pure. */
export type Checks = { readonly phone: boolean; readonly house: boolean; readonly test: boolean };

/** Mainland mobiles and land lines, 400 numbers, virtual numbers with an extension; Hong Kong, Macau and Taiwan with their code. `*` stands for any digit. */
const PHONE = /^(?:(?:\+?86)?1[3-9*][\d*]{9}|0[\d*]{2,3}[\d*]{7,8}|400[\d*]{7}|(?:\+|00)?(?:852|853)[\d*]{8}|(?:\+|00)?886[\d*]{8,10}|[5-9][\d*]{7})(?:[-转,，#][\d*]{1,6})?$/;
export const isPhone = (phone: string): boolean => PHONE.test(phone.replace(/[\s()（）]/g, '').replace(/^(\+?86)-/, '$1').replace(/^(0\d{2,3})-/, '$1'));
/** A number, a mask, or the name of a place that a courier finds without one. */
const HOUSE = /[\d*]|[一二三四五六七八九十百]+\s*(号|栋|幢|楼|室|弄|组|队|座|单元|期|区|巷|村)|(村|组|驿站|菜鸟|学校|大学|中学|小学|学院|医院|公司|厂|市场|商场|大厦|广场|小区|花园|公寓|宾馆|酒店|政府|派出所|车站|营|部队|超市|店)/;
export const hasHouseNumber = (address: string): boolean => address === '' || HOUSE.test(address.normalize('NFKC'));
const TEST = /测试(单|订单|用)?|^test\b|\btest order\b|ceshi/i;
export const looksLikeTest = (texts: readonly string[]): boolean => texts.some((t) => TEST.test(t));

export const checksOf = (r: { readonly name: string; readonly phone: string; readonly town: string; readonly address: string; readonly token: string }, message: string): Checks => ({
  // A platform that hands out a token instead of the phone keeps the phone to itself.
  phone: r.phone === '' ? r.token !== '' || r.address === '' : isPhone(r.phone), house: hasHouseNumber(`${r.town}${r.address}`), test: looksLikeTest([r.name, r.address, message]),
});
