import { PLANTED, type PlatformProfile } from '../../sandbox/profile.ts';

/** A shop that lives from streams: the streamer takes off something on every sixth order. The platform has no deposits. */
export const wechatShopProfile: PlatformProfile = {
  channel: 'wechat-shop', shopName: '云栖茶事微信小店', share: 0.3, historyDays: 30, commissionPer10k: 100, planted: PLANTED.filter((p) => p !== 'presale_unpaid_balance'), pays: 'wechat-pay', others: [{ by: 'influencer', chance: 0.16 }, { by: 'platform', chance: 0.08 }],
  // 19 digits: the list gives them as text, the detail and the messages as bare numbers.
  orderId: (number) => String(3_705_115_058_000_000_001n + BigInt(number) * 7_919n * 256n),
  lineId: (tid, _index, _lines, skuId) => `${tid}-${skuId}`,
  itemId: (index) => String(10_000_108_000_001 + index * 43), skuId: (index) => String(9_100_000_000_000_000_003n + BigInt(index) * 137n),
  merchantOrderNo: (tid) => tid,
};
