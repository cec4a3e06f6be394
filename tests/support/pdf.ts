/** What stands on a PDF's pages, as text: enough of the format (deflated streams, ToUnicode maps, hexadecimal strings) to read our own. */
import { inflateSync } from 'node:zlib';

const bytesOf = (hex: string): string[] => hex.match(/.{4}/g) ?? [];
export function pdfText(pdf: Uint8Array): string {
  const raw = Buffer.from(pdf).toString('latin1');
  const objects = new Map([...raw.matchAll(/(\d+) 0 obj([\s\S]*?)endobj/g)].map((m) => [m[1]!, m[2]!]));
  const stream = (body: string): string => { const m = /stream\r?\n([\s\S]*?)\r?\nendstream/.exec(body); if (!m) return ''; try { return inflateSync(Buffer.from(m[1]!, 'latin1')).toString('latin1'); } catch { return m[1]!; } };
  const maps = new Map<string, Map<string, string>>();
  for (const body of objects.values()) for (const [, name, id] of body.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    const unicode = /\/ToUnicode (\d+) 0 R/.exec(objects.get(id!) ?? '')?.[1];
    if (unicode && !maps.has(name!)) maps.set(name!, mapOf(stream(objects.get(unicode) ?? '')));
  }
  const lines: string[] = [];
  for (const body of objects.values()) {
    const page = stream(body);
    if (!page.includes(' Tf')) continue;
    let font = '';
    for (const m of page.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ|<([0-9a-f]+)> Tj/g)) {
      if (m[1]) font = m[1];
      else lines.push([...(m[2] ?? `<${m[3]}>`).matchAll(/<([0-9a-f]+)>/g)].flatMap((x) => bytesOf(x[1]!)).map((g) => maps.get(font)?.get(g) ?? `?${g}`).join(''));
    }
  }
  return lines.join('\n');
}
function mapOf(cmap: string): Map<string, string> {
  const map = new Map<string, string>();
  const text = (hex: string): string => Buffer.from(hex, 'hex').swap16().toString('utf16le');
  for (const [, from, , list] of cmap.matchAll(/<([0-9a-f]{4})> <([0-9a-f]{4})> \[([^\]]*)\]/g)) {
    [...list!.matchAll(/<([0-9a-f]*)>/g)].forEach((x, i) => map.set((parseInt(from!, 16) + i).toString(16).padStart(4, '0'), text(x[1]!)));
  }
  return map;
}
