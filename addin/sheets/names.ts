/** A name that was typed or pasted where a code belongs: the one that it is takes its place; of several a person chooses; nothing is lost. */
import type { Sheet } from '../../api/contract/sheets/sheet.ts';
import { ApiProblem, type Client } from '../client.ts';
import type { Lang } from './cells.ts';
import type { Draft } from './drafts.ts';

type Named = { readonly drafts: readonly Draft[]; readonly changed: readonly Draft[]; readonly wrong: readonly Draft[] };
/** As many as the service takes at once. */
const MOST = 5_000;

export async function nameDrafts(client: Client, lang: Lang, sheet: Sheet, drafts: readonly Draft[]): Promise<Named> {
  const columns = new Set(sheet.columns.filter((c) => c.names === 'skus').map((c) => c.key));
  const asked = drafts.filter((d) => d.sheet === sheet.name && columns.has(d.column) && d.problem === undefined && typeof d.value === 'string' && d.value !== '');
  if (asked.length === 0) return { drafts, changed: [], wrong: [] };
  const waits = new Set(asked);
  const found = new Map<string, readonly { readonly code: string; readonly name: string }[]>();
  const names = [...new Set(asked.map((d) => String(d.value)))];
  try {
    for (let at = 0; at < names.length; at += MOST) {
      const part = names.slice(at, at + MOST);
      const answer = await client.call('resolveSkus', { body: { names: part } });
      part.forEach((name, i) => found.set(name, answer.found[i] ?? []));
    }
  } catch (error) {
    // Offline the name stays as it was typed; publishing checks it.
    if (error instanceof ApiProblem) return { drafts, changed: [], wrong: [] };
    throw error;
  }
  const [changed, wrong]: [Draft[], Draft[]] = [[], []];
  const made = drafts.map((d) => {
    const may = waits.has(d) ? found.get(String(d.value)) : undefined;
    if (!may) return d;
    const next = named(d, may, lang);
    if (next.problem) wrong.push(next);
    else if (next.value !== d.value) changed.push(next);
    return next;
  });
  return { drafts: made, changed, wrong };
}
function named(d: Draft, may: readonly { readonly code: string; readonly name: string }[], lang: Lang): Draft {
  if (may.length === 1) return { ...d, value: may[0]!.code };
  const said = String(d.value);
  const words = may.length === 0 ? (lang === 'zh' ? `没有货品“${said}”。在这里找，或改成编码。` : `There is no SKU “${said}”. Look for it here, or write its code.`)
    : lang === 'zh' ? `“${said}”可能是 ${may.length} 个货品，选一个。` : `“${said}” may be ${may.length} SKUs; choose one.`;
  return { ...d, problem: { code: may.length === 0 ? 'unknown_name' : 'ambiguous', words, kind: 'bad', may: may.map(({ code, name }) => ({ code, name })) } };
}
