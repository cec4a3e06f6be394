import { PLANTED, type PlatformProfile } from '../../sandbox/profile.ts';

/** A young shop on Kuaishou: one listing an order, ids of 13 to 16 digits. */
export const kuaishouProfile: PlatformProfile = {
  channel: 'kuaishou', shopName: '云栖茶事快手小店', share: 0.3, historyDays: 7, commissionPer10k: 500, planted: PLANTED.filter((p) => p !== 'presale_unpaid_balance'), pays: 'wallet', others: [], oneLine: true,
  orderId: (number) => String(2_532_900_000_000_000 + number * 7_919),
  lineId: (orderId) => `${orderId}7`,
  itemId: (index) => String(23_100_000_000_000 + index * 41), skuId: (index) => String(23_300_000_000_000 + index * 131),
  merchantOrderNo: (orderId) => orderId,
};
