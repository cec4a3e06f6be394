import { PLANTED, type PlatformProfile } from '../../sandbox/profile.ts';

/**
 * A shop of one listing an order, as the platform's are; the platform takes off something on every fifth. It is young: the
 * platform's after-sales are asked for by half hours, at most ten times a second, so every day of history takes seconds.
 */
export const pinduoduoProfile: PlatformProfile = {
  channel: 'pinduoduo', shopName: '云栖茶事拼多多店', share: 0.4, historyDays: 2, commissionPer10k: 60, planted: PLANTED, pays: 'wallet', others: [{ by: 'platform', chance: 0.2 }], oneLine: true,
  orderId: (number) => `261111-${String(100_000_000_000_000n + BigInt(number) * 7_919_003n)}`,
  lineId: (tid, _index, _lines, skuId) => `${tid}-${skuId}`,
  itemId: (index) => String(310_000_000_000 + index * 41),
  // 17 digits, above 2^53: the list by changes writes them as bare numbers.
  skuId: (index) => String(91_000_000_000_000_001n + BigInt(index) * 131n),
  merchantOrderNo: (tid) => tid,
};
