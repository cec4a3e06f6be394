/** E-waybills of the network couriers through Cainiao: given, changed, taken back. */
import * as z from 'zod';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelRefusal, type CourierContext, type PrintData, type TakenWaybill, type Waybill, type WaybillAddress, type WaybillAsk, type WaybillName } from '../channel.ts';
import { courierAt } from '../transport/couriers.ts';
import { inParallel } from '../transport/throttle.ts';
import { told } from '../transport/told.ts';
import { makeClient, type Client } from './client.ts';

/** At most so many asks stand in one call (`tradeOrderInfoDtos`). */
export const BATCH = 10;
const AT_ONCE = 4;
/** A person's name on the platform's side; it has no meaning any more, and must be a number. */
const USER_ID = 1;
/** Where an order comes from (`orderChannelsType`). */
const SOURCES: Readonly<Record<string, string>> = { taobao: 'TB', jd: 'JD', pinduoduo: 'PIN_DUO_DUO', douyin: 'DOU_YIN' };
/** Its masked receivers are taken as they are: Cainiao opens them itself, by oaid and order. */
export const OWN_TOKENS = 'taobao';

const text = z.union([z.string(), z.number()]).transform(String).catch('');
const Given = z.looseObject({ objectId: text, waybillCode: text, printData: z.union([z.string(), z.looseObject({})]).nullish().catch(null) });
const Answer = z.looseObject({ waybillCloudPrintResponseList: z.array(Given).nullish().transform((l) => l ?? []).catch([]) });
const named = z.looseObject({ name: text, code: text }).nullish().catch(null);
const Print = z.looseObject({ data: z.looseObject({ routingInfo: z.looseObject({ routeCode: text, sortation: named, consolidation: named, receiveBranch: named }).nullish().catch(null) }).nullish().catch(null), encryptedData: text });

/** Sorting code (三段码), bulk pen (大头笔) and gathering place (集包地) stand open in data that is not encrypted; what is encrypted only the print client can read. */
function printOf(raw: z.output<typeof Given>['printData'], number: string): PrintData {
  const sealed = typeof raw === 'string' ? raw : JSON.stringify(raw ?? {});
  let routing: NonNullable<z.output<typeof Print>['data']>['routingInfo'];
  try {
    const read = Print.safeParse(JSON.parse(sealed));
    routing = read.success ? read.data.data?.routingInfo : undefined;
  } catch {
    routing = undefined;
  }
  return { sortingCode: routing?.routeCode ?? '', bulkPen: routing?.sortation?.name || (routing?.receiveBranch?.name ?? ''), gatherPlace: routing?.consolidation?.name || (routing?.consolidation?.code ?? ''), qr: number, sealed };
}

const address = (a: WaybillAddress) => ({ province: a.province, city: a.city, district: a.district, town: a.town, detail: a.address });
const person = (a: WaybillAddress) => ({ name: a.name, mobile: a.phone, phone: '', address: address(a) });
function recipient(ask: WaybillAsk) {
  const r = ask.receiver;
  return { ...person(r), ...(r.masked && r.token && ask.channel === OWN_TOKENS ? { oaid: r.token, tid: ask.platformOrderIds[0] ?? '' } : {}) };
}
/** Digits, letters and underscores only, and unlike in more than case. */
const packageId = (key: string): string => key.replace(/[^A-Za-z0-9_]/g, '_');
const packageOf = (ask: WaybillAsk) => ({ id: packageId(ask.key), items: ask.goods.map((g) => ({ name: g.name, count: g.quantity })), ...(ask.weightGrams > 0 ? { weight: ask.weightGrams } : {}) });

function cpCode(ours: string): string {
  const code = courierAt('cainiao', ours);
  if (!code) throw new ChannelFault({ code: 'refuse_row', platformCode: 'courier', words: `Cainiao has no code for ${ours}` });
  return code;
}

async function take(client: Client, asks: readonly WaybillAsk[]): Promise<TakenWaybill[]> {
  const first = asks[0]!;
  const answer = Answer.safeParse(await client.call('TMS_WAYBILL_GET', {
    cpCode: cpCode(first.courierCode), sender: person(first.sender), needEncrypt: false, dmsSorting: false, resourceCode: '', storeCode: '',
    tradeOrderInfoDtos: asks.map((a) => ({
      objectId: a.key, userId: USER_ID, templateUrl: client.account['templateUrl'] ?? '', logisticsServices: '', orderInfo: { orderChannelsType: SOURCES[a.channel] ?? 'OTHERS', tradeOrderList: [...a.platformOrderIds] }, packageInfo: packageOf(a), recipient: recipient(a),
    })),
  }));
  const given = new Map((answer.success ? answer.data.waybillCloudPrintResponseList : []).map((w) => [w.objectId, w]));
  return asks.map((a) => {
    const w = given.get(a.key);
    // Whether the number was there before is not said; the caller knows whether it asks again.
    return { key: a.key, result: w?.waybillCode ? ok({ key: a.key, trackingNumber: w.waybillCode, print: printOf(w.printData, w.waybillCode), again: false }) : refuse({ code: 'retry', platformCode: 'not_in_answer', words: 'the answer names no number for this parcel' }) };
  });
}

/** One parcel that is refused refuses its whole call: then each is asked for by itself, so that it stops no other. */
async function takeApart(client: Client, asks: readonly WaybillAsk[]): Promise<TakenWaybill[]> {
  const all = await told(() => take(client, asks));
  if (all.ok) return all.value;
  if (asks.length === 1 || all.refusal.code !== 'refuse_row') return asks.map((a) => ({ key: a.key, result: refuse(all.refusal) }));
  return (await inParallel(asks, AT_ONCE, (a) => takeApart(client, [a]))).flat();
}

/** Calls are of one courier and one sender, at most ten parcels each. */
export async function takeWaybills(context: CourierContext, asks: readonly WaybillAsk[]): Promise<TakenWaybill[]> {
  const client = makeClient(context);
  const groups = new Map<string, WaybillAsk[]>();
  for (const a of asks) groups.set(`${a.courierCode}|${JSON.stringify(a.sender)}`, [...(groups.get(`${a.courierCode}|${JSON.stringify(a.sender)}`) ?? []), a]);
  const calls = [...groups.values()].flatMap((list) => Array.from({ length: Math.ceil(list.length / BATCH) }, (_x, i) => list.slice(i * BATCH, (i + 1) * BATCH)));
  return (await inParallel(calls, AT_ONCE, (list) => takeApart(client, list))).flat();
}

const Changed = z.looseObject({ waybillCode: text, printData: Given.shape.printData });
export const updateWaybill = (context: CourierContext, ask: WaybillAsk, trackingNumber: string): Promise<Result<Waybill, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const { address: _from, ...sender } = person(ask.sender);
  const answer = Changed.parse(await client.call('TMS_WAYBILL_UPDATE', {
    cpCode: cpCode(ask.courierCode), waybillCode: trackingNumber, objectId: ask.key, logisticsServices: '', sender, recipient: recipient(ask), packageInfo: packageOf(ask), templateUrl: client.account['templateUrl'] ?? '',
  }));
  return { key: ask.key, trackingNumber: answer.waybillCode || trackingNumber, print: printOf(answer.printData, trackingNumber), again: true };
});

export const cancelWaybill = (context: CourierContext, name: WaybillName): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  if (name.trackingNumber === '') throw new ChannelFault({ code: 'refuse_row', platformCode: 'no_number', words: 'a number is given back by itself, not by its key' });
  try {
    const answer = await makeClient(context).call('TMS_WAYBILL_DISCARD', { cpCode: cpCode(name.courierCode), waybillCode: name.trackingNumber });
    const done = answer['discardResult'];
    if (done === false || done === 'false') throw new ChannelFault({ code: 'refuse_row', platformCode: 'not_discarded', words: 'the number was not taken back' });
    return { again: false };
  } catch (error) {
    // Taken back by a call whose answer was lost: what was wanted.
    if (error instanceof ChannelFault && /已(经)?(取消|作废|回收|废弃)/.test(error.refusal.words)) return { again: true };
    throw error;
  }
});
