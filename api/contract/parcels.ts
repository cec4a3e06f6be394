import { z } from 'zod';
import { both, idParams, instant, listRoute, route } from './route.ts';

const one = z.string().min(1).max(60);
const ids = z.array(one).min(1).max(200);
/** What a person may do to parcels before they are on paper. */
export const ArrangeBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['merge', 'apart', 'replan', 'cancel']), ids }),
  z.object({ kind: z.literal('split'), ids: z.tuple([one]), groups: z.array(z.array(z.object({ orderId: one, platformLineId: z.string().min(1).max(60) })).min(1)).min(2).max(50) }),
]);
export const ArrangeAnswer = z.object({ changeId: z.string(), parcelIds: z.array(z.string()), effects: z.array(both) });
export const ParcelChangeRow = z.object({ id: z.string(), kind: z.string(), words: both, by: z.string(), at: instant, undoneAt: instant.optional(), parcelIds: z.array(z.string()), revision: z.number(), changedAt: instant });
const dry = z.object({ dryRun: z.enum(['true', 'false']).default('false') });
export const arrangeRoutes = {
  arrangeParcels: route({
    name: 'arrangeParcels', method: 'POST', path: '/api/v1/parcels/arrange', summary: { zh: '合单、拆单、拆开、重配、取消；dryRun=true 只看效果', en: 'Merge, split, take apart, plan anew, cancel; dryRun=true only shows the effect' }, right: 'parcels:write',
    query: dry, body: ArrangeBody, response: ArrangeAnswer, problems: ['command_refused'],
  }),
  undoArrange: route({ name: 'undoArrange', method: 'POST', path: '/api/v1/parcel-changes/:id/undo', summary: { zh: '撤销一次合单、拆单或重配', en: 'Undo one merge, split or new plan' }, right: 'parcels:write', params: idParams, body: z.object({}), response: ArrangeAnswer, problems: ['command_refused'] }),
  listParcelChanges: listRoute('parcel-changes', ParcelChangeRow, 'orders:read', { zh: '包裹改动', en: 'Changes of parcels' }),
};
