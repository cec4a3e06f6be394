/** One spelling of a text for comparing: width and case do not matter, and a province is itself with or without its suffix. Pure. */
const PLAIN = /^[\x20-\x40\x5b-\x7e\u4e00-\u9fff]*$/;
export const fold = (text: string): string => (PLAIN.test(text) ? text : text.normalize('NFKC').toLowerCase());

const SUFFIX = /(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市)$/;
/** Provinces in English, as the State Council's romanisation and common use write them. */
const ENGLISH: Readonly<Record<string, string>> = {
  beijing: '北京', tianjin: '天津', hebei: '河北', shanxi: '山西', 'inner mongolia': '内蒙古', neimenggu: '内蒙古', liaoning: '辽宁', jilin: '吉林', heilongjiang: '黑龙江', shanghai: '上海', jiangsu: '江苏', zhejiang: '浙江', anhui: '安徽', fujian: '福建',
  jiangxi: '江西', shandong: '山东', henan: '河南', hubei: '湖北', hunan: '湖南', guangdong: '广东', guangxi: '广西', hainan: '海南', chongqing: '重庆', sichuan: '四川', guizhou: '贵州', yunnan: '云南', tibet: '西藏', xizang: '西藏', shaanxi: '陕西',
  gansu: '甘肃', qinghai: '青海', ningxia: '宁夏', xinjiang: '新疆', taiwan: '台湾', 'hong kong': '香港', hongkong: '香港', macau: '澳门', macao: '澳门',
};
export function regionOf(text: string): string {
  const plain = fold(text.trim());
  return (Object.hasOwn(ENGLISH, plain) ? ENGLISH[plain] : undefined) ?? (plain.length > 2 ? plain.replace(SUFFIX, '') : plain);
}
