/** What a rule can look at in an order. Names, phones and addresses are masked at rest; what needs the whole text (is the phone one, is there a house number) is checked once when the order comes in. */
import { choice, field, type Field } from './vocabulary.ts';

export const CHANNELS = [
  choice('taobao', '淘宝天猫', 'Taobao'), choice('jd', '京东', 'JD'), choice('douyin', '抖音', 'Douyin'), choice('pinduoduo', '拼多多', 'Pinduoduo'), choice('wechat-shop', '微信小店', 'WeChat Shop'), choice('kuaishou', '快手小店', 'Kuaishou'), choice('own', '自有订单', 'Own orders'),
];
export const ORDER_STATUS = [
  choice('unpaid', '待付款', 'unpaid'), choice('paid_not_shippable', '已付款未可发', 'paid, not shippable'), choice('to_ship', '待发货', 'to ship'), choice('partly_shipped', '部分发货', 'partly shipped'),
  choice('shipped', '已发货', 'shipped'), choice('completed', '已完成', 'completed'), choice('closed', '已关闭', 'closed'), choice('unknown', '不认识', 'unknown'),
];
export const FLAGS = [choice('0', '无旗', 'none'), choice('1', '红旗', 'red'), choice('2', '黄旗', 'yellow'), choice('3', '绿旗', 'green'), choice('4', '蓝旗', 'blue'), choice('5', '紫旗', 'purple')];
export const SKU_FLAGS = [choice('fragile', '易碎', 'fragile'), choice('cold', '冷链', 'cold'), choice('liquid', '液体', 'liquid'), choice('presale', '预售', 'presale'), choice('virtual', '虚拟', 'virtual'), choice('dropship', '代发', 'dropship')];
const FLAWS = [choice('totals_differ', '金额对不上', 'totals differ'), choice('unknown_status', '状态不认识', 'unknown status'), choice('missing_field', '缺字段', 'missing field')];
const STOCK = [choice('enough', '够', 'enough'), choice('short', '不够', 'short'), choice('none', '没有', 'none')];
const WAREHOUSE_FIELD = field('warehouse', 'text', '仓库', 'Warehouse', ['HZ,GZ', 'HZ,GZ', 'HZ', 'CD']);
const COURIER_FIELD = field('courier', 'text', '快递', 'Courier', ['SF,EMS', 'SF,EMS', 'SF', 'ZTO']);

const yesNo = (key: string, zh: string, en: string): Field => field(key, 'flag', zh, en, ['是', 'yes', '是', '否']);
export const ORDER_FIELDS: readonly Field[] = [
  field('shop', 'text', '店铺', 'Shop', ['*旗舰店*', '*flagship*', '小叶旗舰店 flagship', '小叶专卖店']),
  field('channel', 'choice', '平台', 'Channel', ['抖音,拼多多', 'Douyin,Pinduoduo', '抖音', '京东'], { choices: CHANNELS }),
  field('status', 'choice', '平台状态', 'Platform status', ['待发货,部分发货', 'to ship,partly shipped', '待发货', '已关闭'], { choices: ORDER_STATUS }),
  field('tags', 'list', '客户标签', 'Customer tags', ['会员,批发', '会员,批发', '批发', '散客']),
  field('orderTags', 'list', '订单标签', 'Order tags', ['加急', '加急', '加急', '普通']),
  field('buyerOrders', 'number', '历史订单数', 'Orders before', ['>=3', 'at least 3', '3', '2'], { unit: 'piece' }),
  field('buyerRefunds', 'number', '历史退款数', 'Refunds before', ['>5', 'more than 5', '6', '5'], { unit: 'piece' }),
  field('refundShare', 'rate', '历史退款占比', 'Refund share', ['>30%', '>30%', '31%', '30%']),
  yesNo('blacklisted', '黑名单', 'Blacklisted'),
  field('receiverName', 'text', '收件人', 'Receiver', ['测*', '测*', '测***', '张***']),
  yesNo('phoneValid', '电话像电话', 'Phone plausible'),
  field('province', 'region', '省', 'Province', ['新疆,西藏', 'Xinjiang,Tibet', '新疆维吾尔自治区', '浙江省']),
  field('city', 'text', '市', 'City', ['杭州*', '杭州*', '杭州市', '宁波市']),
  field('district', 'text', '区县', 'District', ['空', 'blank', '', '西湖区']),
  field('address', 'text', '地址', 'Address', ['*大学*', '*大学*', '浙江大学***', '文三路***']),
  yesNo('addressComplete', '地址完整', 'Address complete'),
  yesNo('houseNumber', '有门牌', 'House number'),
  yesNo('testOrder', '像测试单', 'Looks like a test'),
  field('buyerMessage', 'text', '买家留言', 'Buyer message', ['/改(地址|颜色)/', '/改(地址|颜色)/', '麻烦改地址', '请尽快发货']),
  field('sellerMemo', 'text', '卖家备注', 'Seller memo', ['*勿发*,*先不发*', '*勿发*,*先不发*', '先不发，等客户', '送小样']),
  field('flag', 'choice', '旗帜', 'Flag', ['红旗,黄旗', 'red,yellow', '红旗', '绿旗'], { choices: FLAGS }),
  field('paid', 'money', '实付', 'Paid', ['>=5000', '>=5000', '5000', '4999.99']),
  field('freight', 'money', '运费', 'Freight paid', ['0', '0', '0', '6']),
  field('discountShare', 'rate', '优惠占比', 'Discount share', ['50%以上', '50% or more', '50%', '49.9%']),
  field('margin', 'money', '毛利', 'Margin', ['<-20', '<-20', '-20.01', '-20']),
  field('lineCount', 'number', '行数', 'Lines', ['2..5', '2..5', '2', '6'], { unit: 'piece' }),
  field('quantity', 'number', '件数', 'Pieces', ['>=50', '>=50', '50', '49'], { unit: 'piece' }),
  field('weight', 'number', '重量(克)', 'Weight (g)', ['>3公斤', '>3kg', '3001', '3000'], { unit: 'gram' }),
  field('skus', 'list', '货品', 'SKUs', ['LJ-*', 'LJ-*', 'LJ-100', 'BC-200']),
  field('categories', 'list', '货品类目', 'SKU categories', ['茶叶,茶具', '茶叶,茶具', '茶具', '礼盒']),
  field('flags', 'list', '货品标记', 'SKU flags', ['易碎,液体', 'fragile,liquid', '易碎', '冷链'], { choices: SKU_FLAGS, open: true }),
  field('unmatched', 'number', '未对应行数', 'Lines without SKU', ['>0', '>0', '1', '0'], { unit: 'piece' }),
  field('stock', 'choice', '库存', 'Stock', ['不够,没有', 'short,none', '不够', '够'], { choices: STOCK }),
  field('paidDay', 'day', '付款日', 'Paid on', ['2026-11-10..2026-11-12', '2026-11-10 to 2026-11-12', '2026-11-11', '2026-11-13']),
  field('paidHours', 'number', '付款后小时', 'Hours since payment', ['>48小时', '>2 days', '49', '48'], { unit: 'hour' }),
  field('shipInHours', 'number', '离最晚发货小时', 'Hours to ship-by', ['<=12', '<=12', '12', '13'], { unit: 'hour' }),
  yesNo('presale', '预售', 'Presale'),
  field('presaleShipDay', 'day', '预售发货日', 'Presale ship-by', ['>=2026-12-01', '>=2026-12-01', '2026-12-01', '2026-11-30']),
  yesNo('balanceUnpaid', '尾款未付', 'Balance unpaid'),
  yesNo('refundInFlight', '退款中', 'Refund in flight'),
  yesNo('cod', '货到付款', 'Cash on delivery'),
  yesNo('invoice', '要发票', 'Invoice wanted'),
  field('flaws', 'list', '数据问题', 'Flaws', ['金额对不上', 'totals differ', '金额对不上', '缺字段'], { choices: FLAWS }),
];
const KNOWN: ReadonlyMap<string, Field> = new Map([...ORDER_FIELDS, WAREHOUSE_FIELD, COURIER_FIELD].map((f) => [f.key, f]));
/** Some of the fields, in the order asked for. */
export const some = (...keys: readonly string[]): Field[] => keys.map((key) => {
  const found = KNOWN.get(key);
  if (!found) throw new Error(`no order field ${key}`);
  return found;
});
