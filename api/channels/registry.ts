import type { CourierChannel, PaymentChannel, ShopChannel } from './channel.ts';
import { alipay } from './alipay/index.ts';
import { cainiao } from './cainiao/index.ts';
import { pinduoduo } from './pinduoduo/index.ts';
import { douyin } from './douyin/index.ts';
import { jd } from './jd/index.ts';
import { kuaidi100 } from './kuaidi100/index.ts';
import { kuaishou } from './kuaishou/index.ts';
import { sf } from './sf/index.ts';
import { taobao } from './taobao/index.ts';
import { wechatPay } from './wechat-pay/index.ts';
import { wechatShop } from './wechat-shop/index.ts';

/** One line a platform. */
export const shopChannels: Readonly<Record<string, ShopChannel>> = {
  taobao,
  jd,
  douyin,
  pinduoduo,
  'wechat-shop': wechatShop,
  kuaishou,
};
export const paymentChannels: Readonly<Record<string, PaymentChannel>> = {
  alipay, 'wechat-pay': wechatPay,
};
export const courierChannels: Readonly<Record<string, CourierChannel>> = { sf, cainiao, kuaidi100 };
