/** HTTP edge of couriers: numbers by hand, steps of parcels, and what couriers bring. */
import { courierRoutes } from '../contract/parcels.ts';
import { ok } from '../contract/values/result.ts';
import { bind, type Bound, type FileAnswer } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { ROUTE_WORDS } from './domain/route.ts';
import { hearRoutes, routeOf } from './workflows/follow-routes.ts';
import { numberParcels } from './workflows/number-parcels.ts';

const said = (status: number, type: string, text: string): FileAnswer => ({ status, type, filename: 'answer', bytes: new TextEncoder().encode(text) });

export const courierBound = (rt: Runtime): Bound[] => [
  bind(courierRoutes.numberParcels, async ({ body, user }) => {
    const { done, refused } = await numberParcels(rt, body, user.userId);
    return ok({ done, refused: refused.map((r) => ({ id: r.id, code: r.code, message: r.message })) });
  }),
  bind(courierRoutes.parcelRoute, async ({ params }) => ok({ steps: (await routeOf(params.id)).map((s) => ({ at: s.at.toISOString(), state: s.state, stateText: ROUTE_WORDS[s.state], platformState: s.platformState, words: s.words, place: s.place })) })),
  bind(courierRoutes.hearRoutes, async ({ params, raw }) => {
    const heard = await hearRoutes(rt, params.id, raw);
    return ok(heard.ok ? said(heard.value.answer.status, heard.value.answer.type, heard.value.answer.body) : said(heard.refusal.platformCode === 'no_account' ? 404 : 403, 'text/plain', heard.refusal.platformCode));
  }),
];
