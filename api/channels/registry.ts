import type { PaymentChannel, ShopChannel } from './channel.ts';
import { alipay } from './alipay/index.ts';
import { taobao } from './taobao/index.ts';
import { wechatPay } from './wechat-pay/index.ts';

/** One line a platform. */
export const shopChannels: Readonly<Record<string, ShopChannel>> = {
  taobao,
};
export const paymentChannels: Readonly<Record<string, PaymentChannel>> = {
  alipay, 'wechat-pay': wechatPay,
};
