/** Buyers of the sandbox company: made-up names at real districts. */
import type { WorldOrder } from './world.ts';
import type { Random } from './random.ts';

type Place = { readonly weight: number; readonly province: string; readonly city: string; readonly districts: readonly string[]; readonly streets: readonly string[] };
const PLACES: readonly Place[] = [
  { weight: 16, province: '浙江省', city: '杭州市', districts: ['西湖区', '拱墅区', '滨江区', '余杭区'], streets: ['文三路', '莫干山路', '江南大道', '文一西路'] },
  { weight: 12, province: '上海', city: '上海市', districts: ['浦东新区', '徐汇区', '静安区', '闵行区'], streets: ['张杨路', '漕溪北路', '南京西路', '七莘路'] },
  { weight: 12, province: '江苏省', city: '南京市', districts: ['玄武区', '建邺区', '江宁区'], streets: ['中山路', '江东中路', '双龙大道'] },
  { weight: 14, province: '广东省', city: '广州市', districts: ['天河区', '越秀区', '番禺区'], streets: ['天河路', '北京路', '市桥大道'] },
  { weight: 9, province: '广东省', city: '深圳市', districts: ['南山区', '福田区', '龙岗区'], streets: ['科技园路', '深南大道', '龙翔大道'] },
  { weight: 8, province: '北京', city: '北京市', districts: ['海淀区', '朝阳区', '丰台区'], streets: ['中关村大街', '望京街', '丰台南路'] },
  { weight: 8, province: '四川省', city: '成都市', districts: ['武侯区', '锦江区', '青羊区'], streets: ['天府大道', '春熙路', '蜀金路'] },
  { weight: 5, province: '湖北省', city: '武汉市', districts: ['武昌区', '洪山区'], streets: ['中南路', '珞喻路'] },
  { weight: 5, province: '山东省', city: '青岛市', districts: ['市南区', '崂山区'], streets: ['香港中路', '海尔路'] },
  { weight: 4, province: '重庆', city: '重庆市', districts: ['渝中区', '江北区'], streets: ['解放碑步行街', '观音桥路'] },
  { weight: 3, province: '福建省', city: '厦门市', districts: ['思明区', '湖里区'], streets: ['湖滨南路', '枋湖路'] },
  { weight: 2, province: '新疆维吾尔自治区', city: '乌鲁木齐市', districts: ['天山区'], streets: ['光明路'] },
  // A county that its province governs itself: the platform gives no city.
  { weight: 1, province: '海南省', city: '', districts: ['陵水黎族自治县'], streets: ['椰林大道'] },
];
const SURNAMES = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高'];
const GIVEN = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰文博雅婷思远嘉宁'];
const NICKS = ['茶香', '山前', '小满', '清风', '听雨', '老茶客', '一盏', '江南', '云朵', '南山'];

export type Person = { readonly openUid: string; readonly nick: string; readonly receiver: WorldOrder['receiver'] };
export function makePerson(random: Random, number: number): Person {
  const place = random.weighted(PLACES);
  const name = `${random.pick(SURNAMES)}${random.pick(GIVEN)}${random.chance(0.6) ? random.pick(GIVEN) : ''}`;
  return {
    openUid: `AAF${(number * 7_919 + 104_729).toString(36).toUpperCase()}_sb`, nick: `${random.pick(NICKS)}${random.int(9000) + 1000}`,
    receiver: {
      name, phone: `1${random.pick(['38', '39', '50', '86', '77'])}${String(random.int(100_000_000)).padStart(8, '0')}`, province: place.province, city: place.city, district: random.pick(place.districts), town: random.chance(0.4) ? '街道办' : '',
      address: `${random.pick(place.streets)} ${random.int(400) + 1} 号 ${random.int(20) + 1} 幢 ${random.int(28) + 1}0${random.int(4) + 1} 室`, oaid: `1${Buffer.from(`${number}:${name}`).toString('base64url')}`,
    },
  };
}
