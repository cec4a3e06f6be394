import { dropshipRoutes } from '../contract/dropships.ts';
import { ok } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import { Parcels, type ParcelDoc } from '../orders/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Skus, type SkuDoc } from '../stock/index.ts';
import { feed } from '../store/feed.ts';
import { dropshipRows, dropshipSummary, supplyRows } from './store/dropships.view.ts';
import { mailDropships, sendDropships } from './workflows/send-dropships.ts';

const TYPE = { csv: 'text/csv; charset=utf-8', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } as const;
export const dropshipBound = (rt: Runtime): Bound[] => [
  bind(dropshipRoutes.listDropships, ({ query, user }) => feed(Parcels, { ...query, filter: { supplierId: { $gt: '' } }, now: rt.clock.now() }, (d: ParcelDoc[]) => dropshipRows(rt, d, user.rights.has('personal:read')))),
  bind(dropshipRoutes.listSupply, ({ query }) => feed(Skus, { ...query, now: rt.clock.now() }, (d: SkuDoc[]) => supplyRows(d))),
  bind(dropshipRoutes.dropshipSummary, async () => ok(await dropshipSummary(rt.config.smtpUrl !== ''))),
  bind(dropshipRoutes.sendDropships, async ({ body, user, lang }) => {
    const made = await sendDropships(rt, { ...body, lang }, user.userId);
    return made.ok ? ok({ bytes: made.value.bytes, filename: made.value.filename, type: TYPE[body.format] }) : made;
  }),
  bind(dropshipRoutes.mailDropships, ({ body, user, lang }) => mailDropships(rt, { ...body, lang }, user.userId)),
];
