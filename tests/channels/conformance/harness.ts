/** A connector and its stand-in side by side: what the connector says, and what the stand-in knows to be true. */
import type { ChannelContext, ChannelNotice, Credentials, IncomingOrder, IncomingRefund, ShopChannel } from '../../../api/channels/channel.ts';
import type { TestSandbox } from '../../support/sandbox.ts';

export const HOUR = 3_600_000;
export type TrueLine = { readonly oid: string; readonly itemId: string; readonly skuId: string; readonly merchantCode: string; readonly quantity: number; readonly unitPriceFen: number; readonly discountFen: number; readonly othersFen: number; readonly othersBy: string; readonly paidFen: number };
export type TrueOrder = {
  readonly channel: string; readonly tid: string; readonly status: string; readonly state: string; readonly placedAt: string; readonly paidAt?: string; readonly modifiedAt: string; readonly paidFen: number; readonly freightFen: number; readonly wrongFen: number; readonly lines: readonly TrueLine[];
  readonly shipments: readonly { readonly trackingNumber: string; readonly oids: readonly string[] }[]; readonly refunds: readonly { readonly oid: string; readonly state: string; readonly refundFen: number }[]; readonly planted?: { readonly holdCode: string };
  readonly sellerMemo: string; readonly sellerFlag: number; readonly receiver: { readonly name: string; readonly phone: string };
};
export type Truth = { readonly now: string; readonly orders: readonly TrueOrder[]; readonly quantities: Readonly<Record<string, number>>; readonly calls: Readonly<Record<string, number>> };

export class Shop {
  readonly #channel: ShopChannel;
  readonly #sandbox: TestSandbox;
  #kept: Credentials;
  readonly #gatewayOf: (own: string) => string;
  notices: ChannelNotice[] = [];
  saved: Credentials[] = [];
  constructor(channel: ShopChannel, sandbox: TestSandbox, gatewayOf: (own: string) => string = (own) => own) {
    this.#gatewayOf = gatewayOf;
    this.#channel = channel;
    this.#sandbox = sandbox;
    this.#kept = this.#fresh();
  }
  #fresh(): Credentials {
    const { appKey = '', appSecret = '', accessToken = '', refreshToken = '', platformShopId, ...given } = this.#sandbox.keys[this.#channel.channel] ?? {};
    const extra = Object.fromEntries((this.#channel.fields ?? []).map(({ name }) => [name, given[name] ?? '']));
    return { appKey, appSecret, accessToken, refreshToken, ...(platformShopId ? { platformShopId } : {}), ...(this.#channel.fields ? { extra } : {}) };
  }
  get credentials(): Credentials { return this.#kept; }
  /** Asks the stand-in for something, as for this platform. */
  ask<T = Record<string, unknown>>(name: string, body: Record<string, unknown> = {}): Promise<T> { return this.#sandbox.ask<T>(name, { channel: this.#channel.channel, ...body }); }
  async truth(): Promise<Truth & { readonly mine: readonly TrueOrder[] }> {
    const truth = await this.#sandbox.ask<Truth>('truth');
    return { ...truth, mine: truth.orders.filter((o) => o.channel === this.#channel.channel) };
  }
  context(over: Partial<Credentials> = {}, now: () => Date = () => new Date()): ChannelContext {
    let credentials: Credentials = { ...this.#kept, ...over };
    return {
      get credentials() { return credentials; }, gateway: this.#gatewayOf(this.#sandbox.keys[this.#channel.channel]?.['gateway'] ?? ''), now,
      saveCredentials: async (fresh) => {
        this.saved.push(fresh);
        credentials = fresh;
        this.#kept = fresh;
      },
      notice: async (n) => { this.notices.push(n); },
    };
  }
  async pull(from: Date, to: Date, context = this.context()): Promise<IncomingOrder[]> {
    const all: IncomingOrder[] = [];
    for await (const batch of this.#channel.pullOrders(context, { from, to })) all.push(...batch);
    return all;
  }
  async refunds(from: Date, to: Date): Promise<IncomingRefund[]> {
    const all: IncomingRefund[] = [];
    for await (const batch of this.#channel.pullRefunds(this.context(), { from, to })) all.push(...batch);
    return all;
  }
  async listed(from: Date, to: Date): Promise<string[]> {
    const all: string[] = [];
    for await (const batch of this.#channel.listOrders(this.context(), { from, to })) all.push(...batch.map((o) => o.platformOrderId));
    return all;
  }
  /** One more paid order of the stand-in's. */
  place(body: Record<string, unknown> = { merchantCode: 'LJ-100', quantity: 1 }): Promise<TrueOrder> { return this.ask<TrueOrder>('orders', body); }
  async calm(): Promise<void> {
    this.notices = [];
    this.saved = [];
    await this.ask('unfriendly');
  }
}
