/** The tables that come with the product; a company edits and publishes its own over them. */
import type { Row } from './table.ts';

type Cells = Readonly<Record<string, string>>;
const rows = (list: readonly Cells[], enabled = true): Row[] => list.map((cells, i) => ({ id: `R${String(i + 1).padStart(2, '0')}`, enabled, cells }));
const by = (hold: string, who: string, itself: 'yes' | 'no', note: string): Cells => ({ hold, by: who, itself, note });

export const DEFAULT_ROWS: Readonly<Record<string, readonly Row[]>> = {
  approval: rows([
    { command: '下采购单', role: '采购', amount: '>=20000', needs: 'owner', note: '两万元以上的采购店主点头' },
    { command: '放行订单', role: '审单,客服', amount: '>=5000', needs: 'owner', note: '五千元以上的挂起单店主放行' },
    { command: '改库存', role: '仓库', quantity: '>50', needs: 'owner', note: '一次改 50 格以上的库存' },
    { needs: 'nobody', note: '其余不用审批' },
  ]),
  'order-review': rows([
    { refundInFlight: '是', hold: 'refund_in_flight', note: '退款没结束就不发' },
    { buyerMessage: '/改地址|换地址|地址(错|改)|改颜色|换颜色|换成|改成|先别发|晚点发/', hold: 'buyer_asks_change', note: '留言里要改东西' },
    { sellerMemo: '*勿发*,*先不发*,*暂不发*,*不要发*', hold: 'seller_memo_stop', note: '客服写了先不发' },
    { addressComplete: '否', hold: 'address_incomplete', note: '缺区县或街道太短' },
    { province: '新疆,西藏', weight: '>3000', hold: 'hold_remote', note: '偏远地区超过 3 公斤' },
    { unmatched: '>0', hold: 'sku_unmapped', note: '有货品没对应' },
    { quantity: '>=50', hold: 'quantity_unusual', note: '一单 50 件以上' },
    { paid: '>=5000', hold: 'amount_unusual', note: '实付 5000 元以上' },
    { margin: '<-20', hold: 'price_floor', note: '亏 20 元以上' },
    { balanceUnpaid: '是', hold: 'presale_unpaid_balance', note: '预售尾款未付' },
    { testOrder: '是', hold: 'test_order', note: '收件人、地址或留言写着测试' },
    { flaws: 'totals_differ,missing_field', hold: 'totals_differ', note: '平台金额加不起来，或缺了要紧的字段' },
    { tags: '黑名单,blacklisted', hold: 'blacklisted_buyer', note: '黑名单客户' },
    { status: 'unknown', hold: 'unknown_status', note: '平台给了新状态' },
    { houseNumber: '否', hold: 'address_incomplete', note: '地址没有门牌也没有地名' },
    { phoneValid: '否', hold: 'phone_invalid', note: '电话不像电话' },
  ]),
  'hold-release': rows([
    by('refund_in_flight', 'service', 'yes', '退款结束自己放行'), by('sku_unmapped', 'anyone', 'yes', '对应好货品自己放行'), by('presale_unpaid_balance', 'anyone', 'yes', '付了尾款自己放行'),
    by('address_incomplete', 'service', 'yes', '买家补全地址自己放行'), by('phone_invalid', 'service', 'yes', '买家改了电话自己放行'), by('totals_differ', 'finance', 'yes', '平台改对金额自己放行'), by('unknown_status', 'reviewer', 'yes', '平台换了状态自己放行'), by('short_stock', 'anyone', 'yes', '到货自己放行'),
    by('seller_memo_stop', 'service', 'yes', '删掉备注里的“勿发”自己放行'), by('buyer_asks_change', 'service', 'no', '改好后人放行'),
    by('amount_unusual', 'reviewer', 'no', '主管确认'), by('blacklisted_buyer', 'reviewer', 'no', '主管决定'), { by: 'anyone', itself: 'no', note: '其余由人放行' },
  ]),
  merge: rows([{ flags: '冷链', merge: 'no', note: '冷链单独发' }, { cod: '是', merge: 'no', note: '货到付款各收各的' }, { presale: '是', merge: 'no', note: '预售到期再发' }, { merge: 'yes', withinHours: '24', maxWeight: '20000', note: '同一收件人一天内的合成一个包裹' }]),
  split: rows([{ flags: '冷链', split: 'by_flag', note: '冷链和常温分开' }, { weight: '>20公斤', split: 'by_weight', maxWeight: '20000', note: '一包不超过 20 公斤' }, { split: 'by_stock', note: '凑不齐就按仓拆' }]),
  // All rows count, in order: the first warehouse with the stock takes the parcel.
  warehouse: rows([
    { province: '广东,广西,海南,福建,湖南,香港,澳门', warehouse: 'GZ' }, { province: '四川,重庆,云南,贵州,西藏,陕西,甘肃,青海,宁夏,新疆', warehouse: 'CD' }, { warehouse: 'HZ' }, { warehouse: 'GZ' }, { warehouse: 'CD' },
  ]),
  courier: rows([
    { sellerMemo: '*顺丰*', courier: 'SF' }, { sellerMemo: '*邮政*,*EMS*', courier: 'EMS' }, { flags: '冷链', courier: 'SF' }, { paid: '>=1000', courier: 'SF' },
    { province: '新疆,西藏', courier: 'EMS' }, { weight: '>8000', courier: 'JT' }, { warehouse: 'GZ', courier: 'YTO' }, { warehouse: 'CD', courier: 'YUNDA' }, { courier: 'ZTO' },
  ]),
  'freight-price': rows([
    { courier: 'SF', province: '新疆,西藏', firstGrams: '1000', first: '25.00', stepGrams: '1000', step: '15.00' }, { courier: 'SF', firstGrams: '1000', first: '14.00', stepGrams: '1000', step: '4.00' },
    { courier: 'EMS', province: '新疆,西藏', firstGrams: '500', first: '12.00', stepGrams: '500', step: '6.00' }, { courier: 'EMS', firstGrams: '500', first: '8.00', stepGrams: '500', step: '2.00' },
    { province: '新疆,西藏', firstGrams: '1000', first: '15.00', stepGrams: '1000', step: '12.00' },
    { province: '内蒙古,青海,宁夏,甘肃,海南', firstGrams: '1000', first: '6.00', stepGrams: '1000', step: '4.00' }, { firstGrams: '1000', first: '3.20', stepGrams: '1000', step: '1.00' },
  ]),
  // Examples that are switched off: what is given away, and what a platform takes, only the company knows.
  gift: rows([{ paid: '>=299', gift: 'GIFT-1', pieces: '1', note: '满 299 元送一份' }, { buyerOrders: '0', gift: 'GIFT-1', pieces: '1', note: '第一次来的客人' }], false),
  tag: rows([{ paid: '>=1000', tag: '大单', note: '实付一千元以上' }, { buyerMessage: '*急*,*尽快*,*asap*', tag: '加急', note: '留言催发' }, { invoice: '是', tag: '要发票', note: '留言或备注提到发票' }, { buyerOrders: '>=3', tag: '回头客', note: '买过三次以上' }]),
  fee: rows([{ channel: '淘宝天猫', rate: '0.6%', note: '按类目核对后打开' }, { channel: '抖音', rate: '5%', note: '按类目核对后打开' }, { channel: '拼多多', rate: '0.6%', note: '按类目核对后打开' }, { channel: '京东', rate: '5%', note: '按类目核对后打开' }, { channel: '微信小店', rate: '1%', note: '按类目核对后打开' }], false),
  'stock-alert': rows([{ available: '<=0', incoming: '0', alert: 'urgent', note: '没货，也没有在途' }, { available: '<=0', alert: 'out', note: '没货，已在途' }, { belowSafety: '>0', alert: 'low', note: '低于安全库存' }, { alert: 'none' }]),
  'after-sales': rows([
    { blacklisted: '是', answer: 'ask', who: 'reviewer', note: '黑名单客户' }, { shipped: '否', goodsReturn: '否', answer: 'agree', note: '还没发货，直接退' }, { refund: '<=20', refundShare: '<=30%', answer: 'agree', note: '小额且不常退' }, { answer: 'ask', who: 'service', note: '其余客服看' },
  ]),
};
