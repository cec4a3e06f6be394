/** The stand-in of JD's SP-API gateway: `/jd/rest/…`. It shares the world, the tokens and the faults with routerjson's. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, rudely, say, type Faults, type TokenKeeper } from '../../sandbox/stand-in.ts';
import type { World } from '../../sandbox/world.ts';
import { ROUTES, type RestAnswer } from './rest-methods.ts';

type Parts = { readonly world: World; readonly faults: Faults; readonly tokens: TokenKeeper; readonly app: { readonly appKey: string; readonly appSecret: string }; readonly skewMs: number };
type Wrong = { readonly status: number; readonly code: string; readonly message: string };
const wrong = (status: number, code: string, message: string): Wrong => ({ status, code, message });
const SIGNED = ['X-JOS-App-Key', 'X-JOS-Access-Token', 'X-JOS-Timestamp'] as const;

/** JD's own reading: what is in the three headers, the query, the path and the body, by the order of bytes. */
function signatureOf(secret: string, head: (name: string) => string, query: URLSearchParams, orderId: string, body: string): string {
  const pairs: [string, string][] = [...SIGNED.map((n): [string, string] => [n, head(n)]), ...[...query.entries()], ...(orderId ? [['orderId', orderId] as [string, string]] : []), ...(body !== '' && body !== '{}' ? [['body', body] as [string, string]] : [])];
  const hash = createHash('md5').update(secret);
  for (const [name, value] of pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) hash.update(name + value);
  return hash.update(secret).digest('hex').toUpperCase();
}

export function mountRest({ world, faults, tokens, app, skewMs }: Parts): (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> {
  const gate = (head: (name: string) => string, signature: string): Wrong | undefined => {
    if (head('X-JOS-App-Key') !== app.appKey) return wrong(403, '99904030002', 'app key 无效');
    const at = Number(head('X-JOS-Timestamp'));
    if (!/^\d{13}$/.test(head('X-JOS-Timestamp')) || Math.abs(at - world.now().getTime()) > skewMs) return wrong(400, '99904000001', '请求时间戳 timestamp 无效');
    if (head('X-JOS-Sign') !== signature) return wrong(403, '99904030001', '签名无效');
    if (!tokens.valid(head('X-JOS-Access-Token'))) return wrong(401, '99904010001', 'access_token 无效或已过期');
    return undefined;
  };
  return async (request, response, url) => {
    const body = request.method === 'GET' ? '' : await bodyOf(request);
    const path = url.pathname.replace(/^\/jd\/rest/, '');
    const found = ROUTES.find((r) => r.verb === request.method && r.path.test(path));
    const orderId = found?.path.exec(path)?.[1] ?? '';
    const head = (name: string): string => String(request.headers[name.toLowerCase()] ?? '');
    const fault = await faults.next(found?.name ?? 'rest');
    world.advanceTo(world.now());
    const tell = (answer: RestAnswer, status = 200): void => {
      const whole = rudely({ success: true, ...answer }, faults.rude);
      // Some answers stand inside one more object.
      say(response, world, JSON.stringify(faults.count() % 3 === 0 ? { Response: whole } : whole), status);
    };
    const no = (w: Wrong): void => tell({ success: false, errorList: [{ code: w.code, message: w.message, details: '' }] }, w.status);
    const refused = gate(head, signatureOf(app.appSecret, head, url.searchParams, orderId, body)) ?? (found ? undefined : wrong(404, '99904040001', '接口不存在'));
    if (refused) return no(refused);
    if (fault === 'banned') return void response.writeHead(429, { 'retry-after': '1', date: world.now().toUTCString() }).end('too many requests');
    if (fault === 'busy') return no(wrong(500, '99905000001', '服务繁忙'));
    if (fault === 'cut') return void request.socket.destroy();
    const answer = found!.answer({ world, query: url.searchParams, body: body === '' ? {} : (JSON.parse(body) as Record<string, unknown>), orderId, rude: faults.rude, token: head('X-JOS-Access-Token') });
    if (fault === 'cut_after') return void request.socket.destroy();
    if (fault === 'broken_after') return say(response, world, '<html><body>JD 502</body></html>', 502, 'text/html');
    tell(answer);
  };
}
