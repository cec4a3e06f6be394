/** The notes of the rows that come with the product, in both languages; a company's own stand as it wrote them. */
import type { Both } from '../route.ts';
import type { Choice } from '../sheets/sheet.ts';

const SHIPPED: ReadonlyMap<string, string> = new Map(Object.entries({
  两万元以上的采购店主点头: 'purchases of 20,000 yuan and more need the owner', 五千元以上的挂起单店主放行: 'held orders of 5,000 yuan and more are released by the owner', '一次改 50 格以上的库存': 'more than 50 cells of stock at once', 其余不用审批: 'nothing else needs a yes',
  退款没结束就不发: 'not sent while a refund is open', 留言里要改东西: 'the buyer asks for a change', 客服写了先不发: 'service wrote not to send it', 缺区县或街道太短: 'no district, or too short a street', '偏远地区超过 3 公斤': 'more than 3 kg to a remote region',
  有货品没对应: 'a line without a SKU', '一单 50 件以上': '50 pieces and more', '实付 5000 元以上': 'paid 5,000 yuan and more', '亏 20 元以上': 'loses more than 20 yuan', 预售尾款未付: 'the balance of a presale is not paid',
  '收件人、地址或留言写着测试': 'receiver, address or message says test', '平台金额加不起来，或缺了要紧的字段': 'the platform’s amounts do not add up, or a needed field is missing', 黑名单客户: 'a blacklisted customer', 平台给了新状态: 'a status that is new to us',
  地址没有门牌也没有地名: 'an address without a number or a place', 电话不像电话: 'a phone that is none', 其余由人放行: 'all else is released by a person', 冷链单独发: 'cold goods go alone', 货到付款各收各的: 'cash on delivery is collected parcel by parcel', 预售到期再发: 'a presale goes when it is due',
  同一收件人一天内的合成一个包裹: 'one receiver within a day: one parcel', 冷链和常温分开: 'cold apart from the rest', '一包不超过 20 公斤': 'no parcel over 20 kg', 凑不齐就按仓拆: 'split by warehouse when none has all', '满 299 元送一份': 'one for 299 yuan and more', 第一次来的客人: 'a first-time customer',
  实付一千元以上: 'paid 1,000 yuan and more', 留言催发: 'the buyer asks for speed', 留言或备注提到发票: 'an invoice is asked for', 买过三次以上: 'bought more than three times', 按类目核对后打开: 'check for your category, then switch on', '没货，也没有在途': 'none here, none on the way', '没货，已在途': 'none here, some on the way', 低于安全库存: 'below safety stock',
  '还没发货，直接退': 'not sent yet: refunded at once', 小额且不常退: 'small, and seldom asked', 其余客服看: 'service looks at all else', 退款结束自己放行: 'released when the refund is closed', 对应好货品自己放行: 'released when the SKU is mapped', 付了尾款自己放行: 'released when the balance is paid', 买家补全地址自己放行: 'released when the address is complete',
  买家改了电话自己放行: 'released when the phone is right', 平台改对金额自己放行: 'released when the amounts add up', 平台换了状态自己放行: 'released when the status is known', 到货自己放行: 'released when goods come', '删掉备注里的“勿发”自己放行': 'released when the memo no longer forbids it', 改好后人放行: 'released by hand after the change', 主管确认: 'the supervisor confirms', 主管决定: 'the supervisor decides',
}));
export const NOTES: readonly Choice[] = [...SHIPPED].map(([zh, en]) => ({ value: zh, zh, en }));
export const noteWords = (note: string): Both => ({ zh: note, en: SHIPPED.get(note) ?? note });
