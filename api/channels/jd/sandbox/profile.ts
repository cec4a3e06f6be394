import { PLANTED, type PlatformProfile } from '../../sandbox/profile.ts';

/** A shop of two weeks on JD: its search shows no order before it is paid, so a pre-sale's open balance is never seen there. */
export const jdProfile: PlatformProfile = {
  channel: 'jd', shopName: '云栖茶事京东店', share: 0.35, historyDays: 14, commissionPer10k: 800, planted: PLANTED.filter((p) => p !== 'presale_unpaid_balance'), pays: 'wallet', others: [{ by: 'platform', chance: 0.2 }], othersOnSingleLines: true,
  orderId: (number) => String(301_000_000_000 + number * 7_919),
  // Lines have no id of their own: `skuUuid` tells them apart.
  lineId: (orderId, index) => `${orderId}0${index + 1}`,
  itemId: (index) => String(10_026_000_000_000 + index * 41), skuId: (index) => String(10_093_000_000_000 + index * 131),
  merchantOrderNo: (orderId) => orderId,
};
