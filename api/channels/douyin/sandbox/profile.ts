import { PLANTED, type PlatformProfile } from '../../sandbox/profile.ts';

/** A shop of two weeks on Douyin, where the platform and those who stream take off something of their own. Ids have 19 digits. */
export const douyinProfile: PlatformProfile = {
  channel: 'douyin', shopName: '云栖茶事抖音小店', share: 0.35, historyDays: 14, commissionPer10k: 500, planted: PLANTED, pays: 'wallet', others: [{ by: 'platform', chance: 0.2 }, { by: 'influencer', chance: 0.2 }],
  orderId: (number) => String(6_920_100_000_000_000_000n + BigInt(number) * 7_919_000n),
  lineId: (orderId, index) => String(BigInt(orderId) + BigInt(index) + 1n),
  itemId: (index) => String(3_520_000_000_000_000_000n + BigInt(index) * 4_100_003n), skuId: (index) => String(1_720_000_000_000_000n + BigInt(index) * 1_310_021n),
  merchantOrderNo: (orderId) => orderId,
};
