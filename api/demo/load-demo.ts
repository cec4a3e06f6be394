/**
 * Loads the sandbox company through the same doors as a real one: lists of SKUs and stock, a shop and a payment account that
 * point at the stand-ins, then the jobs. Every step is idempotent, so a load that was cut off goes on where it was.
 */
import { OPENING, SENDER, SKUS, SUPPLIERS, WAREHOUSES } from '../channels/sandbox/company.ts';
import type { Both } from '../contract/route.ts';
import { addDays, businessDayOf, DAY_MS } from '../contract/values/time.ts';
import { invariant } from '../contract/values/result.ts';
import { ShopInput } from '../contract/system.ts';
import { takeReady } from '../orders/index.ts';
import { upsertSuppliers } from '../purchasing/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { connectShop, Shops } from '../shops/index.ts';
import { openStock, upsertSkus, upsertWarehouses } from '../stock/index.ts';

export type DemoProgress = (step: Both, done: number, total: number) => void;
type Jobs = { runNow(name: string): Promise<unknown> };
/** What each stand-in is connected with: a shop's keys, or a payment account's own fields; its address in both. */
type Keys = Readonly<Record<string, { readonly gateway: string } & Readonly<Record<string, string>>>>;
type SandboxShop = { readonly channel: string; readonly name: string; readonly historyDays: number };
const MOST_TRIES = 240;
/** A shop with narrow windows is pulled from a later day on, so that the first screen does not wait for hundreds of them; two days hold all that is still to be shipped. */
const MOST_WINDOWS = 100;
const LEAST_DAYS = 2;
const ACCOUNTS: Readonly<Record<string, string>> = { alipay: '云栖茶事 支付宝', 'wechat-pay': '云栖茶事 微信支付' };
/** Courier accounts: SF by itself, the others through Cainiao; Kuaidi100 follows what Cainiao does not. */
const COURIERS: Readonly<Record<string, string>> = { sf: '云栖茶事 顺丰月结', cainiao: '云栖茶事 菜鸟面单', kuaidi100: '云栖茶事 快递100' };
/** What SF has an account of its own for. */
const BY_CAINIAO = 'ZTO,YTO,STO,YUNDA,JT,EMS,YZXB';

export async function loadDemo(rt: Runtime, sandboxUrl: string, jobs: Jobs, progress: DemoProgress, days = Infinity): Promise<void> {
  progress({ zh: '货品与库存', en: 'SKUs and stock' }, 0, 1);
  await companyLists(rt);
  const shops = await connect(rt, sandboxUrl, days);
  await pull(rt, jobs, progress, shops);
  const steps: readonly (readonly [Both, string])[] = [
    [{ zh: '审单', en: 'reviewing' }, 'review-orders'], [{ zh: '配仓与快递', en: 'planning parcels' }, 'plan-parcels'], [{ zh: '汇总客户', en: 'counting customers' }, 'count-customers'], [{ zh: '记账', en: 'posting the journal' }, 'post-journal'],
    [{ zh: '下载账单', en: 'fetching bills' }, 'fetch-bills'], [{ zh: '对账', en: 'reconciling' }, 'reconcile-bills'], [{ zh: '采购建议', en: 'purchase suggestions' }, 'suggest-purchases'], [{ zh: '同步库存到店铺', en: 'stock to the shops' }, 'push-stock'],
  ];
  for (const [i, [step, job]] of steps.entries()) {
    progress(step, i, steps.length);
    await jobs.runNow(job);
    // Every parcel that holds its stock has its waybill, as after a morning's work.
    if (job === 'plan-parcels') await takeReady(rt);
  }
}

/** What the company would bring as its own lists. */
export async function companyLists(rt: Runtime): Promise<void> {
  await upsertWarehouses(rt, WAREHOUSES);
  await upsertSuppliers(rt, SUPPLIERS.map((s) => ({ ...s })));
  const leadTime = new Map<string, number>(SUPPLIERS.map((s) => [s.id, s.leadTimeDays]));
  await upsertSkus(rt, SKUS.map(({ weight, ...s }) => ({ ...s, flags: [...s.flags], kit: s.kit.map((k) => ({ ...k })), leadTimeDays: leadTime.get(s.supplierId) ?? 7, safetyStock: weight * 5 })));
  await openStock(rt, OPENING);
}

/** What a platform's shops are connected with beyond key, secret and tokens. */
const ownFields = (rt: Runtime, channel: string, given: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries((rt.channels.shop(channel)?.fields ?? []).flatMap(({ name }) => (given[name] ? [[name, given[name]]] : [])));

/** Connects a shop for every stand-in, with no more than so many days before. */
export async function connect(rt: Runtime, sandboxUrl: string, mostDays = Infinity): Promise<readonly SandboxShop[]> {
  const ask = async <T>(name: string): Promise<T> => (await (await fetch(`${sandboxUrl}/__sandbox/${name}`)).json()) as T;
  const [keys, all] = [await ask<Keys>('keys'), await ask<SandboxShop[]>('shops')];
  // A stand-in may be there before its connector is.
  const shops = all.flatMap((s) => {
    const channel = rt.channels.shop(s.channel);
    return channel ? [{ ...s, historyDays: Math.min(mostDays, s.historyDays + 1, Math.max(LEAST_DAYS, Math.floor((MOST_WINDOWS * (channel.windowMs - channel.overlapMs)) / DAY_MS))) }] : [];
  });
  const daysBack = (days: number) => addDays(businessDayOf(rt.clock.now()), -days);
  const accounts = Object.entries(ACCOUNTS).filter(([channel]) => keys[channel] && rt.channels.payment(channel));
  const longest = Math.max(...shops.map((s) => s.historyDays));
  for (const input of [
    ...shops.map(({ channel, name, historyDays }) => ({ channel, name, pullFrom: daysBack(historyDays), ...keys[channel], account: ownFields(rt, channel, keys[channel] ?? {}) })),
    ...accounts.map(([channel, name]) => {
      const { gateway = '', ...account } = keys[channel]!;
      return { channel, name, gateway, pullFrom: daysBack(longest), account };
    }),
    ...Object.entries(COURIERS).filter(([channel]) => keys[channel] && rt.channels.courier(channel)).map(([channel, name]) => {
      const { gateway = '', ...account } = keys[channel]!;
      return { channel, name, gateway, account: { ...account, ...(channel === 'kuaidi100' ? {} : SENDER), ...(channel === 'cainiao' ? { couriers: BY_CAINIAO } : {}) } };
    }),
  ]) {
    if (await Shops.exists({ channel: input.channel, name: input.name })) continue;
    const made = await connectShop(rt, ShopInput.parse(input));
    invariant(made.ok, `the sandbox shop ${input.name} connects`);
  }
  return shops;
}

/** Pulls every shop from its first day on, a day a window, telling how far the one behind is. */
async function pull(rt: Runtime, jobs: Jobs, progress: DemoProgress, shops: readonly SandboxShop[]): Promise<void> {
  const step = { zh: '拉取各店订单', en: 'pulling the orders of all shops' };
  const mine = () => Shops.find({ name: { $in: shops.map((s) => s.name) } }).lean();
  const total = shops.reduce((n, s) => n + s.historyDays, 0);
  const tell = async (): Promise<void> => {
    const done = (await mine()).reduce((n, shop) => n + Math.floor(((shop.pulledTo ?? shop.pullFrom).getTime() - shop.pullFrom.getTime()) / DAY_MS), 0);
    progress(step, Math.min(total, done), total);
  };
  const told = setInterval(() => void tell().catch(() => undefined), 400);
  try {
    // Another run may hold the job, or a window may have to wait: it is over when every shop is pulled to where it was asked.
    const until = rt.clock.now();
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      await jobs.runNow('sync-channels');
      if ((await mine()).every((shop) => shop.pulledTo && shop.pulledTo >= until)) break;
      await new Promise((resolve) => { setTimeout(resolve, 500); });
    }
  } finally {
    clearInterval(told);
  }
}
