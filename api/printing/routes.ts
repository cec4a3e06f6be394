import { printTemplateRoutes, type PrintDocument } from '../contract/print-templates.ts';
import { problem } from '../contract/problems.ts';
import type { SlipView } from '../contract/slips.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { localTimeText } from '../contract/values/time.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { feed } from '../store/feed.ts';
import { renderLabels } from './labels.ts';
import { renderPickList, type PickListView } from './pick-list.ts';
import { renderSkuLabels, type SkuLabel } from './sku-labels.ts';
import { renderSlips } from './slips.ts';
import { defaultOf, lookOf, resetTemplate, seedTemplates, setLogo, Templates, type Look, type TemplateDoc } from './templates.ts';

const rowsOf = (docs: readonly TemplateDoc[]) => docs.flatMap((t) => { const f = defaultOf(t._id); return f ? [{ id: t._id, document: t.document, field: t.field, title: { ...f.title }, position: t.position, shown: t.shown, zh: t.zh, en: t.en, size: t.size, rule: t.rule, must: f.must === true, revision: t.revision, changedAt: t.changedAt.toISOString() }] : []; });

/** Nobody's order: what a preview shows. */
const sample = (now: Date): SlipView => ({
  parcelId: 'pcl_SAMPLE', orderNumbers: ['2026112500000001', '2026112500000002'], shopName: '样例店铺', warehouseName: '杭州仓', courierCode: 'SF', trackingNumber: 'SF1234567890123', receiver: { name: '张样例', phone: '13800000000', province: '浙江省', city: '杭州市', district: '西湖区', address: '样例路 8 号 3 幢 201' },
  lines: [{ skuCode: 'TEA-100', name: '龙井 100 克', quantity: 2 }, { skuCode: 'CUP-1', name: '品茗杯', quantity: 1, gift: true }], buyerMessage: '送人的，包装好一点', memo: '老客户', printCount: 2, printedAt: localTimeText(now), courier: { sortingCode: '571-A1-02', bulkPen: '杭州', gatherPlace: '杭州中转', qr: '' },
});
const samplePick = (now: Date): PickListView => ({ waveId: 'wav_SAMPLE', title: '1125-1 SF 混合波次', warehouseName: '杭州仓', parcels: 3, printedAt: now, lines: [{ bin: 'A-01-02', skuCode: 'TEA-100', name: '龙井 100 克', quantity: 5, slots: [{ slot: 1, quantity: 2 }, { slot: 2, quantity: 3 }] }, { bin: 'B-03-01', skuCode: 'CUP-1', name: '品茗杯', quantity: 1, gifts: 1, slots: [{ slot: 1, quantity: 1 }] }] });
const sampleGoods: SkuLabel = { skuCode: 'TEA-100', name: '龙井 100 克', barcode: '6901234567892', batch: 'B2611', expiresOn: '2027-11-30', bin: 'A-01-02', price: '128.00' };
const DRAWN: Readonly<Record<PrintDocument, (look: Look, now: Date) => Promise<Uint8Array>>> = { slip: (look, now) => renderSlips([sample(now)], look), label: (look, now) => renderLabels([sample(now)], look), 'pick-list': (look, now) => renderPickList(samplePick(now), look), 'sku-label': (look) => renderSkuLabels([sampleGoods], look) };

export const printingBound = (rt: Runtime): Bound[] => [
  bind(printTemplateRoutes.listTemplates, async ({ query }) => {
    await seedTemplates(rt);
    return feed(Templates, { ...query, now: rt.clock.now() }, (d: TemplateDoc[]) => rowsOf(d));
  }),
  bind(printTemplateRoutes.previewTemplate, async ({ body }) => ok({ bytes: await DRAWN[body.document](await lookOf(body.document, body.draft), rt.clock.now()), filename: `preview-${body.document}.pdf` })),
  bind(printTemplateRoutes.resetTemplate, async ({ body, user }) => ok({ fields: await resetTemplate(rt, body.document, user.userId) })),
  bind(printTemplateRoutes.setLogo, async ({ files, user }) => {
    const done = await setLogo(rt, files[0]?.bytes, user.userId);
    return done.ok ? ok({ bytes: done.value }) : refuse(problem('command_refused', done.refusal));
  }),
];
