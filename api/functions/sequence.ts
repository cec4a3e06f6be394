/** How far each part of the books is: the last change of the collections that its functions read. */
import type { Sequence } from '../contract/functions.ts';
import { businessDayOf } from '../contract/values/time.ts';
import { lastOfOwn } from '../fields/index.ts';
import { lastBooked } from '../finance/index.ts';
import { lastOrder } from '../orders/index.ts';
import { lastBought } from '../purchasing/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { lastOfCatalog, lastOfStock } from '../stock/index.ts';

export async function sequenceOf(rt: Runtime): Promise<Sequence> {
  const [stock, catalog, orders, books, purchasing, fields] = await Promise.all([lastOfStock(), lastOfCatalog(), lastOrder(), lastBooked(), lastBought(), lastOfOwn()]);
  return { stock, catalog, orders, books, purchasing, fields, day: businessDayOf(rt.clock.now()) };
}
