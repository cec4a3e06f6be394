import type { ChannelRefusal, Credentials } from '../channels/channel.ts';
import type { Both } from '../contract/route.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { keptAs } from './credentials.ts';
import { closeNotice, raiseNotice } from './notices.ts';
import { Shops, type ShopDoc } from './store/shops.ts';

/** What a person has to do, in words: the seller's yes again, or a look at keys, addresses and rights. */
const reasonOf = (refusal: ChannelRefusal): Both => (refusal.code === 'pause_shop'
  ? { zh: `授权已失效，店铺已暂停：${refusal.words}。请重新授权，授权后自动恢复。`, en: `The authorisation has ended and the shop is paused: ${refusal.words}. Authorise again; it goes on by itself then.` }
  : { zh: `平台拒绝了调用，店铺已暂停：${refusal.words}。请检查密钥、权限和 IP 白名单，再恢复或重新授权。`, en: `The platform refused our calls and the shop is paused: ${refusal.words}. Check keys, rights and allowed addresses, then resume or authorise again.` });

/** Stops a shop that the platform no longer lets in. It stays as it is until a person authorises it again or resumes it. */
export async function pauseShop(rt: Runtime, shop: ShopDoc, refusal: ChannelRefusal): Promise<void> {
  const reason = reasonOf(refusal);
  const done = await Shops.updateOne({ _id: shop._id, status: 'active' }, { $set: { status: 'paused', pausedReason: reason, lastError: refusal.words.slice(0, 500), changedAt: rt.clock.now() }, $inc: { revision: 1 } });
  if (done.modifiedCount === 1) await raiseNotice(rt, { kind: 'shop_paused', subject: shop.name, words: reason });
}

/** Lets a shop go on, with fresh credentials when there are any; what was missed is caught up from its last window. */
export async function resumeShop(rt: Runtime, shop: ShopDoc, fresh?: Credentials): Promise<ShopDoc | undefined> {
  const change = { status: 'active', pausedReason: null, lastError: '', authorising: null, changedAt: rt.clock.now(), ...(fresh ? { ...keptAs(rt, fresh), ...(fresh.platformShopId ? { platformShopId: fresh.platformShopId } : {}) } : {}) };
  const after = await Shops.findByIdAndUpdate(shop._id, { $set: change, $inc: { revision: 1 } }, { returnDocument: 'after' }).lean<ShopDoc>();
  for (const kind of ['shop_paused', 'token_expiring']) await closeNotice(rt, kind, shop.name);
  rt.wake(shop.kind === 'payment' ? 'fetch-bills' : shop.kind === 'courier' ? 'sync-waybills' : 'sync-channels');
  return after ?? undefined;
}
