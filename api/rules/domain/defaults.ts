/** The tables that come with the product; a company edits and publishes its own over them. */
import type { Row } from './table.ts';

const rows = (list: readonly Readonly<Record<string, string>>[]): Row[] => list.map((cells, i) => ({ id: `R${String(i + 1).padStart(2, '0')}`, enabled: true, cells }));

export const DEFAULT_ROWS: Readonly<Record<string, readonly Row[]>> = {
  'order-review': rows([
    { refundInFlight: '是', hold: 'refund_in_flight', note: '退款没结束就不发' },
    { buyerMessage: '/改地址|换地址|地址(错|改)|改颜色|换颜色|换成|改成|先别发|晚点发/', hold: 'buyer_asks_change', note: '留言里要改东西' },
    { sellerMemo: '*勿发*,*先不发*,*暂不发*,*不要发*', hold: 'seller_memo_stop', note: '客服写了先不发' },
    { addressComplete: '否', hold: 'address_incomplete', note: '缺区县或街道太短' },
    { province: '新疆*,西藏*', weight: '>3000', hold: 'hold_remote', note: '偏远地区超过 3 公斤' },
    { unmatched: '>0', hold: 'sku_unmapped', note: '有货品没对应' },
    { quantity: '>=50', hold: 'quantity_unusual', note: '一单 50 件以上' },
    { paid: '>=5000', hold: 'amount_unusual', note: '实付 5000 元以上' },
    { margin: '<-20', hold: 'price_floor', note: '亏 20 元以上' },
    { balanceUnpaid: '是', hold: 'presale_unpaid_balance', note: '预售尾款未付' },
    { receiverName: '*测试*,test*', hold: 'test_order', note: '收件人是测试' },
    { flaws: 'totals_differ,missing_field', hold: 'totals_differ', note: '平台金额加不起来，或缺了要紧的字段' },
    { tags: '黑名单,blacklisted', hold: 'blacklisted_buyer', note: '黑名单客户' },
    { status: 'unknown', hold: 'unknown_status', note: '平台给了新状态' },
  ]),
  // All rows count, in order: the first warehouse with the stock takes the parcel.
  warehouse: rows([
    { province: '广东*,广西*,海南*,福建*,湖南*,香港*,澳门*', warehouse: 'GZ' },
    { province: '四川*,重庆*,云南*,贵州*,西藏*,陕西*,甘肃*,青海*,宁夏*,新疆*', warehouse: 'CD' },
    { warehouse: 'HZ' }, { warehouse: 'GZ' }, { warehouse: 'CD' },
  ]),
  courier: rows([
    { sellerMemo: '*顺丰*', courier: 'SF' }, { sellerMemo: '*邮政*,*EMS*', courier: 'EMS' }, { flags: 'cold', courier: 'SF' }, { paid: '>=1000', courier: 'SF' },
    { province: '新疆*,西藏*', courier: 'EMS' }, { weight: '>8000', courier: 'JT' }, { warehouse: 'GZ', courier: 'YTO' }, { warehouse: 'CD', courier: 'YUNDA' }, { courier: 'ZTO' },
  ]),
  'freight-price': rows([
    { courier: 'SF', province: '新疆*,西藏*', firstGrams: '1000', first: '25.00', stepGrams: '1000', step: '15.00' }, { courier: 'SF', firstGrams: '1000', first: '14.00', stepGrams: '1000', step: '4.00' },
    { courier: 'EMS', province: '新疆*,西藏*', firstGrams: '500', first: '12.00', stepGrams: '500', step: '6.00' }, { courier: 'EMS', firstGrams: '500', first: '8.00', stepGrams: '500', step: '2.00' },
    { province: '新疆*,西藏*', firstGrams: '1000', first: '15.00', stepGrams: '1000', step: '12.00' },
    { province: '内蒙古*,青海*,宁夏*,甘肃*,海南*', firstGrams: '1000', first: '6.00', stepGrams: '1000', step: '4.00' }, { firstGrams: '1000', first: '3.20', stepGrams: '1000', step: '1.00' },
  ]),
};
