/** What accounts of couriers share: who sends, which couriers and warehouses an account is for, and the caller's context. */
import type { AccountField, ChannelContext, CourierContext } from '../channel.ts';

const field = (name: string, zh: string, en: string, needed: boolean, secret = false): AccountField => ({ name, zh, en, needed, secret });
/** The sender stands on every waybill; a courier compares it with the address that was agreed on. */
export const SENDER_FIELDS: readonly AccountField[] = [
  field('senderName', '发件人', 'Sender', true), field('senderPhone', '发件电话', 'Sender’s phone', true), field('senderProvince', '发件省', 'Sender’s province', true), field('senderCity', '发件市', 'Sender’s city', true),
  field('senderDistrict', '发件区县', 'Sender’s district', true), field('senderAddress', '发件详细地址', 'Sender’s address', true), field('warehouses', '用于哪些仓库（代码，逗号分开；空着是全部）', 'Warehouses (codes, comma between; empty: all)', false),
];
export const COURIERS_FIELD: AccountField = field('couriers', '用于哪些快递（代码，逗号分开；空着是全部）', 'Couriers (codes, comma between; empty: all)', false);

/** An account's calls through the shared caller: no token is renewed, so nothing is saved. */
export const callerContext = (context: CourierContext, appKey: string, appSecret: string): ChannelContext => ({
  credentials: { appKey, appSecret, accessToken: '', refreshToken: '' }, gateway: context.gateway, now: context.now, saveCredentials: async () => undefined, notice: context.notice,
});
