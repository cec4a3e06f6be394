import type { RefundState } from '../channel.ts';

/** States of an after-sale (a public client's table, read 2026-11): asked, with the platform, goods on their way, being paid, paid back, ended without. */
const STATE: Readonly<Record<string, RefundState>> = { '10': 'requested', '11': 'requested', '20': 'requested', '21': 'requested', '22': 'returning', '30': 'returning', '40': 'returning', '45': 'returning', '50': 'requested', '60': 'refunded', '70': 'closed' };
export const isKnownRefund = (status: string): boolean => status in STATE;
/** What is not known holds the order. */
export const refundStateOf = (status: string): RefundState => STATE[status] ?? 'requested';
