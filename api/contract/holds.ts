import type { Choice } from './sheets/sheet.ts';

/** Why an order waits: a closed list, each with who clears it and how. */
export type HoldCode = (typeof HOLDS)[number]['value'];
type Hold = Choice & { readonly how: { readonly zh: string; readonly en: string } };
const hold = <const V extends string>(value: V, zh: string, en: string, howZh: string, howEn: string): Hold & { readonly value: V } => ({ value, zh, en, how: { zh: howZh, en: howEn } });

export const HOLDS = [
  hold('refund_in_flight', '退款处理中', 'refund in flight', '退款结束后自动放行', 'released when the refund is closed'),
  hold('buyer_asks_change', '买家要求修改', 'buyer asks for a change', '看留言，改好后放行', 'read the message, change the order, release'),
  hold('seller_memo_stop', '备注要求不发', 'memo says stop', '删掉备注里的“勿发”后放行', 'remove the stop from the memo, release'),
  hold('address_incomplete', '地址不完整', 'address incomplete', '联系买家补全地址', 'ask the buyer for the full address'),
  hold('phone_invalid', '电话不对', 'phone is none', '联系买家要电话', 'ask the buyer for a phone'),
  hold('hold_remote', '偏远且超重', 'remote and heavy', '确认运费后放行', 'confirm the freight, release'),
  hold('sku_unmapped', '货品未对应', 'listing without SKU', '在商品表填商家编码对应的货品', 'map the listing to a SKU'),
  hold('quantity_unusual', '数量异常', 'unusual quantity', '跟买家确认数量', 'confirm the quantity with the buyer'),
  hold('amount_unusual', '金额异常', 'unusual amount', '主管确认', 'a supervisor confirms'),
  hold('price_floor', '低于成本价', 'below the price floor', '查改价原因', 'find out why the price was changed'),
  hold('presale_unpaid_balance', '尾款未付', 'balance not paid', '等买家付尾款', 'wait for the balance'),
  hold('presale_not_due', '预售未到期', 'presale not due', '到了发货日自动放行；要提前发就放行', 'released on its day; release to send it earlier'),
  hold('cannot_split', '平台不许拆单', 'the platform takes one parcel', '自有货和代发货在一单里：改成一处发，或放行分开发', 'own and supplier’s goods in one order: send from one place, or release to send apart'),
  hold('platform_waits', '平台还不让发', 'the platform says wait', '等平台放行，或到平台后台查看', 'wait for the platform, or look there'),
  hold('test_order', '测试单', 'test order', '在平台关闭', 'close it on the platform'),
  hold('totals_differ', '金额对不上', 'totals differ', '核对平台金额', 'check the amounts on the platform'),
  hold('blacklisted_buyer', '黑名单买家', 'blacklisted buyer', '主管决定', 'a supervisor decides'),
  hold('unknown_status', '平台状态不认识', 'unknown platform status', '到平台后台查看', 'look at the platform'),
  hold('short_stock', '缺货', 'short of stock', '到货后自动重试', 'tried again when stock comes'),
  hold('by_hand', '人工挂起', 'held by hand', '放行', 'release'),
] as const;
export const holdText = (code: string): { readonly zh: string; readonly en: string } => HOLDS.find((h) => h.value === code) ?? { zh: code, en: code };
