import { alipayStandIn } from '../alipay/sandbox/stand-in.ts';
import { cainiaoStandIn } from '../cainiao/sandbox/stand-in.ts';
import { kuaidi100StandIn } from '../kuaidi100/sandbox/stand-in.ts';
import { kuaishouStandIn } from '../kuaishou/sandbox/stand-in.ts';
import { sfStandIn } from '../sf/sandbox/stand-in.ts';
import { pinduoduoStandIn } from '../pinduoduo/sandbox/stand-in.ts';
import { wechatPayStandIn } from '../wechat-pay/sandbox/stand-in.ts';
import { douyinStandIn } from '../douyin/sandbox/stand-in.ts';
import { jdStandIn } from '../jd/sandbox/stand-in.ts';
import { taobaoStandIn } from '../taobao/sandbox/stand-in.ts';
import { wechatShopStandIn } from '../wechat-shop/sandbox/stand-in.ts';
import type { StandIn } from './stand-in.ts';

/** One line a platform; the first is where an order is placed that names none. */
export const standIns: readonly StandIn[] = [
  taobaoStandIn,
  pinduoduoStandIn,
  wechatShopStandIn,
  jdStandIn,
  douyinStandIn,
  kuaishouStandIn,
  alipayStandIn,
  wechatPayStandIn,
  sfStandIn,
  cainiaoStandIn,
  kuaidi100StandIn,
];
