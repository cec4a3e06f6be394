/** Orders of SF and the numbers that they were given. `orderId` is the parcel's own key: it is what makes a repeat harmless. */
import * as z from 'zod';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelRefusal, type CourierContext, type PrintData, type TakenWaybill, type Waybill, type WaybillAddress, type WaybillAsk, type WaybillName } from '../channel.ts';
import { inParallel } from '../transport/throttle.ts';
import { told } from '../transport/told.ts';
import { makeClient, type Client } from './client.ts';

const CREATE = 'EXP_RECE_CREATE_ORDER';
const SEARCH = 'EXP_RECE_SEARCH_ORDER_RESP';
const UPDATE = 'EXP_RECE_UPDATE_ORDER';
const CANCEL = 2;
const MAIN = 1;
/** 8016: the order id is used already. */
const REPEATED = '8016';
/** No such order: not found (8018), never placed (8024). Taken back already: 8037. Confirmed or taken back, SF does not say which: 8019. */
const NONE = new Set(['8018', '8024']);
const GONE = '8037';
const EITHER = '8019';
const AT_ONCE = 4;
const TRIES = 4;
const BY_HAND_MS = 600_000;
/** 标快, unless the account names another product. */
const PRODUCT = 2;

const text = z.union([z.string(), z.number()]).transform(String).catch('');
const listOf = <T extends z.ZodType>(one: T) => z.array(one).nullish().transform((l) => l ?? []).catch([]);
const Label = z.looseObject({ destRouteLabel: text, destTransferCode: text, codingMapping: text, proCode: text, twoDimensionCode: text });
const Order = z.looseObject({
  orderId: text, originCode: text, destCode: text, filterResult: z.coerce.number().nullish().catch(null), remark: text,
  waybillNoInfoList: listOf(z.looseObject({ waybillType: z.coerce.number().catch(MAIN), waybillNo: text })), routeLabelInfo: listOf(z.looseObject({ code: text, routeLabelData: Label.nullish().catch(null) })),
});
type Order = z.output<typeof Order>;
const NOT_SERVED: Readonly<Record<string, string>> = { 1: 'the sender’s place is not served', 2: 'the receiver’s place is not served', 3: 'not served' };
const fault = (code: ChannelRefusal['code'], platformCode: string, words: string, retryAfterMs?: number): ChannelFault => new ChannelFault({ code, platformCode, words, ...(retryAfterMs ? { retryAfterMs } : {}) });

function printOf(o: Order, number: string): PrintData {
  const label = o.routeLabelInfo[0]?.routeLabelData;
  return {
    sortingCode: label?.destRouteLabel || o.destCode, bulkPen: [label?.proCode, label?.codingMapping].filter(Boolean).join(' ') || o.destCode, gatherPlace: label?.destTransferCode ?? '',
    qr: label?.twoDimensionCode || number, sealed: label ? JSON.stringify(label) : '',
  };
}

/** What an order says of its number: SF may look at an address by hand first, or not serve it. */
function waybillOf(raw: unknown, key: string, again: boolean): Waybill {
  const read = Order.safeParse(raw);
  if (!read.success) throw fault('retry', 'shape', 'the order could not be read');
  const o = read.data;
  const number = o.waybillNoInfoList.find((w) => w.waybillType === MAIN)?.waybillNo || o.waybillNoInfoList[0]?.waybillNo || '';
  if (o.filterResult === 3) throw fault('refuse_row', 'not_served', `${NOT_SERVED[o.remark] ?? NOT_SERVED['3']!} ${o.remark}`.trim());
  if (number === '' && o.filterResult === 1) throw fault('retry', 'by_hand', 'SF looks at the address by hand', BY_HAND_MS);
  if (number === '') throw fault('retry', 'no_number', 'the order has no number');
  return { key, trackingNumber: number, print: printOf(o, number), again };
}

const contact = (contactType: 1 | 2, a: WaybillAddress) => ({ contactType, contact: a.name, mobile: a.phone, tel: a.phone, country: 'CN', province: a.province, city: a.city || a.district, county: a.district, address: `${a.town}${a.address}` });
function orderOf(client: Client, ask: WaybillAsk) {
  const { monthlyCard = '', expressTypeId = '' } = client.account;
  return {
    language: 'zh-CN', orderId: ask.key, ...(monthlyCard ? { monthlyCard } : {}), payMethod: 1, expressTypeId: Number(expressTypeId) || PRODUCT, parcelQty: 1, ...(ask.weightGrams > 0 ? { totalWeight: ask.weightGrams / 1000 } : {}),
    isDocall: 0, isReturnRoutelabel: 1, cargoDetails: ask.goods.map((g) => ({ name: g.name, count: g.quantity, unit: '件' })), contactInfoList: [contact(1, ask.sender), contact(2, ask.receiver)],
  };
}

async function search(client: Client, key: string): Promise<Waybill | 'none'> {
  try {
    return waybillOf(await client.call(SEARCH, { searchType: '1', orderId: key, language: 'zh-CN' }), key, true);
  } catch (error) {
    if (error instanceof ChannelFault && (NONE.has(error.refusal.platformCode) || error.refusal.platformCode === GONE)) return 'none';
    throw error;
  }
}

/** An answer that was lost says nothing of the order: it is looked for before it is placed again, so that no two numbers are given. */
async function place(client: Client, ask: WaybillAsk): Promise<Waybill> {
  for (let tries = 1; ; tries += 1) {
    try {
      return waybillOf(await client.call(CREATE, orderOf(client, ask), true), ask.key, false);
    } catch (error) {
      if (!(error instanceof ChannelFault)) throw error;
      const { code, platformCode } = error.refusal;
      const lost = code === 'retry' && platformCode !== 'by_hand';
      if (!lost && platformCode !== REPEATED) throw error;
      const found = await search(client, ask.key);
      if (found !== 'none') return found;
      if (platformCode === REPEATED) throw fault('refuse_row', REPEATED, 'the order id is used by an order that was taken back');
      if (tries >= TRIES) throw error;
    }
  }
}

/** SF takes one order a call. */
export const takeWaybills = (context: CourierContext, asks: readonly WaybillAsk[]): Promise<TakenWaybill[]> => {
  const client = makeClient(context);
  return inParallel(asks, AT_ONCE, async (ask) => ({ key: ask.key, result: await told(() => place(client, ask)) }));
};

export const findWaybill = (context: CourierContext, name: WaybillName): Promise<Result<Waybill | 'none', ChannelRefusal>> => told(() => search(makeClient(context), name.key));

export async function cancelWaybill(context: CourierContext, name: WaybillName): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> {
  const client = makeClient(context);
  try {
    await client.call(UPDATE, { language: 'zh-CN', orderId: name.key, dealType: CANCEL });
    return ok({ again: false });
  } catch (error) {
    if (!(error instanceof ChannelFault)) throw error;
    const { platformCode } = error.refusal;
    if (platformCode === GONE || NONE.has(platformCode)) return ok({ again: true });
    if (platformCode !== EITHER) return refuse(error.refusal);
    // A lost answer before this one may have done it: then the order has no number any more.
    const found = await told(() => search(client, name.key));
    return found.ok && found.value === 'none' ? ok({ again: true }) : found.ok ? refuse(error.refusal) : found;
  }
}
