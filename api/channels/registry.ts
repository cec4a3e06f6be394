import type { PaymentChannel, ShopChannel } from './channel.ts';

/** One line a platform. */
export const shopChannels: Readonly<Record<string, ShopChannel>> = {};
export const paymentChannels: Readonly<Record<string, PaymentChannel>> = {};
