/** The platform's couriers: numbered, so they are fetched and never written down (pdd.logistics.companies.get needs no shop). */
import type { ChannelContext, PlatformCourier } from '../channel.ts';
import { listedCourier } from '../transport/couriers.ts';
import { ChannelFault } from '../channel.ts';
import { makeClient, type Client } from './client.ts';
import { count, id, listOf, text } from './wire.ts';
import * as z from 'zod';

const List = z.looseObject({ logistics_companies: listOf(z.looseObject({ id, logistics_company: text, code: text, available: count })) });
const KEEP_MS = 86_400_000;
const kept = new Map<string, { readonly at: number; readonly list: readonly PlatformCourier[] }>();

/** Only those that the platform accepts today. Kept for a day per address, since every parcel asks. */
export async function couriersOf(context: ChannelContext, client: Client): Promise<readonly PlatformCourier[]> {
  const now = context.now().getTime();
  const known = kept.get(context.gateway);
  if (known && Math.abs(now - known.at) < KEEP_MS) return known.list;
  const answer = List.parse(await client.call('pdd.logistics.companies.get', {}));
  const list = answer.logistics_companies.filter((c) => c.available === 1).map((c) => listedCourier('pinduoduo', c.code, c.logistics_company, c.id));
  if (list.length > 0) kept.set(context.gateway, { at: now, list });
  return list;
}
export const listCouriers = (context: ChannelContext): Promise<readonly PlatformCourier[]> => couriersOf(context, makeClient(context));

/** Our courier as the platform numbers it. */
export async function courierIdOf(context: ChannelContext, client: Client, ourCode: string): Promise<string> {
  const found = (await couriersOf(context, client)).find((c) => c.ourCode === ourCode || c.code === ourCode);
  if (!found) throw new ChannelFault({ code: 'refuse_row', platformCode: 'courier_not_listed', words: `the platform lists no courier for ${ourCode}` });
  return found.code;
}
