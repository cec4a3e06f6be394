import { holdText } from '../../contract/holds.ts';
import type { Both } from '../../contract/route.ts';
import { Shops } from '../../shops/index.ts';
import type { DifferenceKind, PromiseDoc } from './promises.ts';

const WORDS: Readonly<Record<DifferenceKind, Both>> = { not_here: { zh: '平台有，我们没有', en: 'on the platform, not here' }, not_there: { zh: '我们有，平台没列出', en: 'here, not listed by the platform' }, refused: { zh: '已发，平台没收下', en: 'shipped, not taken by the platform' } };
const joined = (list: readonly Both[]): Both => ({ zh: list.map((t) => t.zh).join('；'), en: list.map((t) => t.en).join('; ') });

export async function promiseRows(docs: readonly PromiseDoc[]) {
  const shops = new Map((await Shops.find({ _id: { $in: docs.map((d) => d.shopId) } }, { name: 1 }).lean()).map((s) => [s._id, s.name]));
  return docs.map((d) => {
    const holds = d.holds.map((h) => ({ code: h.code, count: h.count, words: { zh: holdText(h.code).zh, en: holdText(h.code).en } }));
    const differences = d.differences.map((x) => ({ kind: x.kind, words: WORDS[x.kind], orderIds: [...x.ids] }));
    return {
      id: d._id, shopId: d.shopId, shopName: shops.get(d.shopId) ?? '', day: d.day, platform: d.platform, source: d.listed === undefined ? 'pull' as const : 'recount' as const, ours: d.ours, unpaid: d.unpaid, waiting: d.waiting, held: d.held, holds, holdText: joined(holds.map((h) => ({ zh: `${h.words.zh} ${h.count}`, en: `${h.words.en} ${h.count}` }))),
      shipped: d.shipped, pushed: d.pushed, refused: d.refused, closed: d.closed, elsewhere: d.elsewhere, difference: new Set(differences.flatMap((x) => x.orderIds)).size, differences,
      differenceText: joined(differences.map((x) => ({ zh: `${x.words.zh}：${x.orderIds.join('、')}`, en: `${x.words.en}: ${x.orderIds.join(', ')}` }))), revision: d.revision, changedAt: d.changedAt.toISOString(),
    };
  });
}
