import type { TableKind } from '../../contract/decision-tables/index.ts';
import { lookedText, openLooked } from '../../contract/decision-tables/show.ts';
import { holdText } from '../../contract/holds.ts';
import { clearText, whySentence } from '../domain/why.ts';
import type { OrderDoc } from './models.ts';

/** The sentence, and each reason with its row, what the row saw, who can clear it and how. */
/** `kind` is its table as it is now, with own fields. */
export function whyOf(order: OrderDoc, kind: TableKind | undefined) {
  const table = order.decision?.table ?? 'order-review';
  const seen = (looked: Record<string, unknown>) => ({ zh: lookedText(kind, looked, 'zh'), en: lookedText(kind, looked, 'en') });
  const rows = order.holds.map((h) => ({ row: h.row, place: h.place, table, version: h.version, hold: h.code, zh: holdText(h.code).zh, en: holdText(h.code).en, note: h.note, clear: clearText(h), lookedText: seen(h.looked), looked: openLooked(kind, h.looked) }));
  const d = order.decision;
  const pass = d?.row && order.reviewState === 'passed' ? [{ row: d.row, place: d.place ?? 0, table, version: d.version, hold: 'pass', zh: '通过', en: 'pass', note: '', clear: { zh: '', en: '' }, lookedText: seen(d.looked ?? {}), looked: openLooked(kind, d.looked ?? {}) }] : [];
  return { orderId: order._id, sentence: whySentence(order, kind), table: d?.table ?? '', version: d?.version ?? 0, rows: [...rows, ...pass], ...(d ? { at: d.at.toISOString() } : {}) };
}
