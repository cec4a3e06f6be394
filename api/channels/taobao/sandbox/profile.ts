import { PLANTED, type PlatformProfile } from '../../sandbox/profile.ts';

/** The company's first shop: open for ninety days, with every kind of planted flaw. Ids have 19 digits, above 2^53, so that whoever reads them as numbers loses them. */
export const taobaoProfile: PlatformProfile = {
  channel: 'taobao', shopName: '云栖茶事旗舰店', share: 1, historyDays: 89, commissionPer10k: 500, planted: PLANTED, pays: 'alipay', others: [],
  orderId: (number) => `29${String(601_000_000_000_000_00n + BigInt(number) * 7_919n)}`.padEnd(19, '0').slice(0, 19),
  // Single-line orders have oid = tid; on others the sub orders have ids of their own.
  lineId: (tid, index, lines) => (lines === 1 ? tid : `${tid.slice(0, -2)}${String(index + 1).padStart(2, '0')}`),
  itemId: (index) => String(680_000_000_000 + index * 37), skuId: (index) => String(5_100_000_000_000 + index * 113),
  // As Taobao orders stand in Alipay's ledger.
  merchantOrderNo: (tid) => `T200P${tid}`,
};
