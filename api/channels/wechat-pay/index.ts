/** WeChat Pay as a payment account: API v3, trade bill and fund flow, single refunds and transfers. */
import type { PaymentChannel } from '../channel.ts';
import { fetchBill } from './bills.ts';
import { queryPayment } from './queries.ts';

export const wechatPay: PaymentChannel = {
  channel: 'wechat-pay', billKinds: ['trade', 'ledger'], historyDays: 90, fetchBill, queryPayment,
  accountFields: [
    { name: 'mchId', needed: true, secret: false, zh: '商户号', en: 'Merchant id' },
    { name: 'serialNo', needed: true, secret: false, zh: '商户 API 证书序列号', en: 'Serial of the merchant certificate' },
    { name: 'privateKey', needed: true, secret: true, zh: '商户 API 私钥（apiclient_key.pem 的内容）', en: 'Merchant private key (apiclient_key.pem)' },
    { name: 'apiV3Key', needed: false, secret: true, zh: 'APIv3 密钥（没有微信支付公钥时必填）', en: 'APIv3 key (needed without a public key)' },
    { name: 'publicKeyId', needed: false, secret: false, zh: '微信支付公钥 ID', en: 'Id of WeChat Pay’s public key' },
    { name: 'publicKey', needed: false, secret: false, zh: '微信支付公钥', en: 'WeChat Pay’s public key' },
  ],
};
