/**
 * Loads the sandbox company through the same doors as a real one: lists of SKUs and stock, a shop and a payment account that
 * point at the stand-ins, then the jobs. Every step is idempotent, so a load that was cut off goes on where it was.
 */
import { OPENING, SKUS, SUPPLIERS, WAREHOUSES } from '../channels/sandbox/company.ts';
import type { Both } from '../contract/route.ts';
import { addDays, businessDayOf, DAY_MS } from '../contract/values/time.ts';
import { invariant } from '../contract/values/result.ts';
import { ShopInput } from '../contract/system.ts';
import { upsertSuppliers } from '../purchasing/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { connectShop, Shops } from '../shops/index.ts';
import { openStock, upsertSkus, upsertWarehouses } from '../stock/index.ts';

export type DemoProgress = (step: Both, done: number, total: number) => void;
type Jobs = { runNow(name: string): Promise<unknown> };
type Keys = { readonly taobao: { appKey: string; appSecret: string; accessToken: string; refreshToken: string; gateway: string }; readonly alipay: { appId: string; privateKey: string; alipayPublicKey: string; gateway: string } };
const HISTORY_DAYS = 90;
const MOST_TRIES = 240;
const SHOP = '云栖茶事旗舰店';
const ACCOUNT = '云栖茶事 支付宝';

export async function loadDemo(rt: Runtime, sandboxUrl: string, jobs: Jobs, progress: DemoProgress): Promise<void> {
  progress({ zh: '货品与库存', en: 'SKUs and stock' }, 0, 1);
  await companyLists(rt);
  await connect(rt, sandboxUrl);
  await pull(rt, jobs, progress);
  const steps: readonly (readonly [Both, string])[] = [
    [{ zh: '审单', en: 'reviewing' }, 'review-orders'], [{ zh: '配仓与快递', en: 'planning parcels' }, 'plan-parcels'], [{ zh: '汇总客户', en: 'counting customers' }, 'count-customers'], [{ zh: '记账', en: 'posting the journal' }, 'post-journal'],
    [{ zh: '下载账单', en: 'fetching bills' }, 'fetch-bills'], [{ zh: '对账', en: 'reconciling' }, 'reconcile-bills'], [{ zh: '采购建议', en: 'purchase suggestions' }, 'suggest-purchases'], [{ zh: '同步库存到店铺', en: 'stock to the shops' }, 'push-stock'],
  ];
  for (const [i, [step, job]] of steps.entries()) {
    progress(step, i, steps.length);
    await jobs.runNow(job);
  }
}

async function companyLists(rt: Runtime): Promise<void> {
  await upsertWarehouses(rt, WAREHOUSES);
  await upsertSuppliers(rt, SUPPLIERS.map((s) => ({ ...s })));
  const leadTime = new Map<string, number>(SUPPLIERS.map((s) => [s.id, s.leadTimeDays]));
  await upsertSkus(rt, SKUS.map(({ weight, ...s }) => ({ ...s, flags: [...s.flags], kit: s.kit.map((k) => ({ ...k })), leadTimeDays: leadTime.get(s.supplierId) ?? 7, safetyStock: weight * 5 })));
  await openStock(rt, OPENING);
}

async function connect(rt: Runtime, sandboxUrl: string): Promise<void> {
  const keys = (await (await fetch(`${sandboxUrl}/__sandbox/keys`)).json()) as Keys;
  const pullFrom = addDays(businessDayOf(rt.clock.now()), -HISTORY_DAYS);
  const { gateway, ...taobao } = keys.taobao;
  const { gateway: bills, ...account } = keys.alipay;
  for (const input of [{ channel: 'taobao', name: SHOP, gateway, pullFrom, ...taobao }, { channel: 'alipay', name: ACCOUNT, gateway: bills, pullFrom, account }]) {
    if (await Shops.exists({ channel: input.channel, name: input.name })) continue;
    const made = await connectShop(rt, ShopInput.parse(input));
    invariant(made.ok, `the sandbox shop ${input.name} connects`);
  }
}

/** Pulls ninety days, a day a window, telling how far it is. */
async function pull(rt: Runtime, jobs: Jobs, progress: DemoProgress): Promise<void> {
  const step = { zh: '拉取 90 天订单', en: 'pulling 90 days of orders' };
  const tell = async (): Promise<void> => {
    const shop = await Shops.findOne({ name: SHOP }).lean();
    if (shop) progress(step, Math.max(0, Math.floor(((shop.pulledTo ?? shop.pullFrom).getTime() - shop.pullFrom.getTime()) / DAY_MS)), HISTORY_DAYS);
  };
  const told = setInterval(() => void tell().catch(() => undefined), 400);
  try {
    // Another run may hold the job, or a window may have to wait: it is over when the shop is pulled to where it was asked.
    const until = rt.clock.now();
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      await jobs.runNow('sync-channels');
      const shop = await Shops.findOne({ name: SHOP }).lean();
      if (shop?.pulledTo && shop.pulledTo >= until) break;
      await new Promise((resolve) => { setTimeout(resolve, 500); });
    }
  } finally {
    clearInterval(told);
  }
}
