/** A company with courier accounts that point at the stand-ins, and orders whose receivers stand open. */
import assert from 'node:assert/strict';
import { ingestOrders } from '../../api/orders/index.ts';
import type { TestSandbox } from './sandbox.ts';
import type { TestService } from './service.ts';
import { company, order } from './world.ts';

export type Given = { number: string; by: string; cp: string; key: string; state: string; updates: number; weightGrams: number; place: { detail: string } };
export type Parcel = { id: string; state: string; trackingNumber: string; courierCode: string; orderText: string; waybillText: { zh: string }; routeState: string; routeText: { zh: string }; revision: number };
const SENDER = { senderName: '云栖茶事', senderPhone: '13800138000', senderProvince: '浙江省', senderCity: '杭州市', senderDistrict: '西湖区', senderAddress: '梅灵南路 1 号' };

export class CourierDesk {
  readonly #test: TestService;
  readonly #sandbox: TestSandbox;
  #shopId = '';
  readonly accounts: Record<string, string> = {};
  constructor(test: TestService, sandbox: TestSandbox) {
    this.#test = test;
    this.#sandbox = sandbox;
  }
  async open(over: Readonly<Record<string, Readonly<Record<string, string>>>> = {}, channels: readonly string[] = ['sf', 'cainiao', 'kuaidi100']): Promise<void> {
    ({ shopId: this.#shopId } = await company(this.#test.rt, { 'TEA-1': 5_000, 'TEA-2': 5_000 }));
    for (const channel of channels) {
      const { gateway, ...account } = this.#sandbox.keys[channel]!;
      const made = await this.#test.call<{ id: string }>('POST', '/api/v1/shops', { channel, name: channel, gateway, account: { ...account, ...(channel === 'kuaidi100' ? {} : SENDER), ...(channel === 'cainiao' ? { couriers: 'ZTO,YTO,STO,YUNDA,JT,EMS' } : {}), ...over[channel] } });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      this.accounts[channel] = made.body.id;
    }
  }
  rows = async <T>(noun: string): Promise<T[]> => (await this.#test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  take = (id: string, given: Parameters<typeof order>[1] = {}): Promise<unknown> => ingestOrders(this.#test.rt, { shopId: this.#shopId, channel: 'taobao', source: 'api', orders: [order(id, given)] });
  plan = async (): Promise<void> => {
    await this.#test.job('review-orders');
    await this.#test.job('plan-parcels');
  };
  /** One order of its own buyer, planned: by a memo that asks for SF, or by the plain courier. */
  parcel = async (id: string, given: Parameters<typeof order>[1] = {}): Promise<Parcel> => {
    await this.take(id, given);
    await this.plan();
    return this.parcelOf(id);
  };
  parcelOf = async (id: string): Promise<Parcel> => (await this.rows<Parcel>('parcels')).filter((p) => p.orderText === id).at(-1)!;
  post = <T>(path: string, body: object = {}) => this.#test.call<T>('POST', `/api/v1/${path}`, body);
  number = (what: 'take' | 'return' | 'update', ...ids: string[]) => this.post<{ done: number; refused: { id: string; code: string; message: { zh: string } }[] }>('parcels/waybills', { ids, do: what });
  given = async (): Promise<Given[]> => (await this.#sandbox.ask<{ waybills: Given[] }>('waybills')).waybills;
  rude = (channel: string, body: object = {}): Promise<unknown> => this.#sandbox.ask('unfriendly', { channel, ...body });
  notices = async (kind: string): Promise<{ kind: string; subject: string; words: { zh: string }; closedAt?: string }[]> => (await this.rows<{ kind: string; subject: string; words: { zh: string }; closedAt?: string }>('notices')).filter((n) => n.kind === kind && !n.closedAt);
}
