/**
 * What can be reached through a relay: the platforms' own gateways, and nothing else. A shop's `gateway` then reads
 * `https://<relay>/relay/<host><path>`, as `https://relay.example/relay/gw-api.pinduoduo.com/api/router`.
 */
export type Gateway = {
  readonly host: string; readonly origin: string;
  /** Paths, whole or up to a slash. */
  readonly paths: readonly string[];
  /** Connectors derive the address for tokens from the gateway's; where the platform has it on another host, it is led there. */
  readonly elsewhere?: Readonly<Record<string, string>>;
};
const taobao = (host: string): Gateway => ({ host, origin: `https://${host}`, paths: ['/router/rest'], elsewhere: { '/token': 'https://oauth.taobao.com' } });
const jd = (host: string, path: string): Gateway => ({ host, origin: `https://${host}`, paths: [path], elsewhere: { '/oauth2': 'https://open-oauth.jd.com' } });
export const GATEWAYS: readonly Gateway[] = [
  taobao('eco.taobao.com'), taobao('gw.api.taobao.com'),
  jd('api.jd.com', '/routerjson'), jd('api-cn.jd.com', '/rest'),
  { host: 'openapi-fxg.jinritemai.com', origin: 'https://openapi-fxg.jinritemai.com', paths: ['/'] },
  { host: 'gw-api.pinduoduo.com', origin: 'https://gw-api.pinduoduo.com', paths: ['/api/router'] },
  { host: 'openapi.kwaixiaodian.com', origin: 'https://openapi.kwaixiaodian.com', paths: ['/open', '/oauth2'] },
  { host: 'sfapi.sf-express.com', origin: 'https://sfapi.sf-express.com', paths: ['/std/service'] },
  { host: 'link.cainiao.com', origin: 'https://link.cainiao.com', paths: ['/gateway/link.do'] },
  { host: 'poll.kuaidi100.com', origin: 'https://poll.kuaidi100.com', paths: ['/poll'] },
  { host: 'api.weixin.qq.com', origin: 'https://api.weixin.qq.com', paths: ['/channels/ec', '/cgi-bin/stable_token'] },
];

const covers = (prefix: string, path: string): boolean => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
/** Where a call to the relay goes on to; undefined for anything that is no platform's gateway. The URL has no dots left in its path. */
export function upstreamOf(gateways: readonly Gateway[], url: URL): URL | undefined {
  const [, host, path] = /^\/relay\/([A-Za-z0-9.-]+)(\/.*)$/.exec(url.pathname) ?? [];
  const gateway = gateways.find((g) => g.host === host);
  // A slash or a backslash that is written as %2f or %5c would be read as a path by some servers.
  if (!gateway || !path || /%2f|%5c|%2e|\/\//i.test(path)) return undefined;
  const moved = Object.entries(gateway.elsewhere ?? {}).find(([prefix]) => covers(prefix, path));
  if (!moved && !gateway.paths.some((p) => covers(p, path))) return undefined;
  return new URL(`${moved ? moved[1] : gateway.origin}${path}${url.search}`);
}
