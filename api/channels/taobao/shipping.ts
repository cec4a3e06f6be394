/** Telling the platform that a parcel has left (taobao.logistics.offline.send), and what its refusals mean. */
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type PlatformCourier, type ShipPush, type TrackingChange } from '../channel.ts';
import { courierAt, listedCourier } from '../transport/couriers.ts';
import { told } from '../transport/told.ts';
import { makeClient, type Client } from './client.ts';

const companyOf = (ours: string): string => courierAt('taobao', ours) ?? ours;
/** Already shipped or closed, or already with a shipping order: the order itself says which. */
const ALREADY = /-(offline|online)-service-error:(B02|B04|B05|B27|B55)$/;

export async function pushShipment(context: ChannelContext, push: ShipPush): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> {
  const client = makeClient(context);
  const split = push.platformLineIds ? { sub_tid: push.platformLineIds.join(','), is_split: '1' } : {};
  try {
    const answer = await client.call('taobao.logistics.offline.send', { tid: push.platformOrderId, company_code: companyOf(push.courierCode), out_sid: push.trackingNumber, ...split });
    const done = (answer['shipping'] as { is_success?: boolean } | undefined)?.is_success === true;
    return done ? ok({ again: false }) : refuse({ code: 'retry', platformCode: 'not_success', words: JSON.stringify(answer).slice(0, 200) });
  } catch (error) {
    if (!(error instanceof ChannelFault)) throw error;
    if (ALREADY.test(error.refusal.platformCode) && (await hasNumber(client, push))) return ok({ again: true });
    return refuse(error.refusal);
  }
}

/** There is no request id: whether a refused repeat was ours is seen at the order's own numbers. */
async function hasNumber(client: Client, push: ShipPush): Promise<boolean> {
  const answer = await client.call('taobao.trade.fullinfo.get', { tid: push.platformOrderId, fields: 'tid,status,orders' });
  return JSON.stringify(answer['trade'] ?? {}).includes(`"${push.trackingNumber}"`);
}

/** Another number after shipping (taobao.logistics.consign.resend). P07 says that nothing changed: that is what was wanted. */
export const changeTracking = (context: ChannelContext, change: TrackingChange): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const split = change.platformLineIds ? { sub_tid: change.platformLineIds.join(','), is_split: '1' } : {};
  try {
    await client.call('taobao.logistics.consign.resend', { tid: change.platformOrderId, company_code: companyOf(change.courierCode), out_sid: change.trackingNumber, ...split });
    return { again: false };
  } catch (error) {
    if (error instanceof ChannelFault && /:P07$/.test(error.refusal.platformCode)) return { again: true };
    throw error;
  }
});

const listIn = (v: unknown): Readonly<Record<string, unknown>>[] => ((v as { logistics_company?: Readonly<Record<string, unknown>>[] } | undefined)?.logistics_company ?? []);
export const listCouriers = (context: ChannelContext): Promise<Result<readonly PlatformCourier[], ChannelRefusal>> => told(async () => {
  const answer = await makeClient(context).call('taobao.logistics.companies.get', { fields: 'id,code,name,reg_mail_no' });
  return listIn(answer['logistics_companies']).map((c) => listedCourier('taobao', String(c['code']), String(c['name'])));
});
