/** The only door to the API, made from the contract's routes. */
import { routes } from '../api/contract/routes.ts';
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, RouteSpec } from '../api/contract/route.ts';

type Routes = typeof routes;
type Name = keyof Routes;
type Input<S> = { readonly params?: ParamsOf<S>; readonly query?: Partial<QueryOf<S>>; readonly body?: BodyOf<S>; /** The body, made already. */ readonly json?: Blob; readonly key?: string; readonly signal?: AbortSignal };
export type ApiProblemError = { readonly row?: number; readonly column?: string; readonly code: string; readonly message: string; readonly id?: string; readonly base?: unknown; readonly mine?: unknown; readonly theirs?: unknown; readonly by?: string; readonly at?: string };

/** What the service refused, in the reader's language. `status` 0: it could not be reached. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly ApiProblemError[];
  constructor(status: number, code: string, words: string, errors: readonly ApiProblemError[] = []) {
    super(words);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}
export type Client = {
  readonly call: <N extends Name>(name: N, input?: Input<Routes[N]>) => Promise<ResponseOf<Routes[N]>>;
  readonly file: <N extends Name>(name: N, input: Input<Routes[N]>) => Promise<Blob>;
  readonly upload: (path: string, form: FormData) => Promise<unknown>;
  /** Requests under way. */
  readonly waiting: () => number;
  readonly list: (noun: string, since: string | undefined, limit?: number) => Promise<{ readonly rows: readonly Record<string, unknown>[]; readonly cursor: string; readonly more: boolean }>;
};
const TOKEN = 'suanpan.token';

/** The token of an owner link (`#token=…`) is kept and taken out of the address. */
export function takeToken(): string {
  const given = /[#&]token=([^&]+)/.exec(location.hash)?.[1];
  if (given) {
    localStorage.setItem(TOKEN, decodeURIComponent(given));
    history.replaceState?.(null, '', `${location.pathname}${location.search}`);
  }
  return localStorage.getItem(TOKEN) ?? '';
}
export const keepToken = (token: string): void => localStorage.setItem(TOKEN, token);

export function makeClient(options: { readonly lang: 'zh' | 'en'; readonly base?: string; readonly token?: () => string }): Client {
  const { lang, base = '' } = options;
  const token = options.token ?? takeToken;
  let waiting = 0;
  const send = async (method: string, path: string, body: BodyInit | undefined, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> => {
    const own: Record<string, string> = { 'accept-language': lang === 'zh' ? 'zh-CN' : 'en', ...headers };
    const key = token();
    if (key) own['authorization'] = `Bearer ${key}`;
    let response: Response;
    waiting += 1;
    try {
      response = await fetch(`${base}${path}`, { method, headers: own, ...(body === undefined ? {} : { body }), ...(signal ? { signal } : {}) });
    } catch {
      throw new ApiProblem(0, 'offline', lang === 'zh' ? '连不上服务。草稿都在，恢复后再发布。' : 'The service cannot be reached. Drafts are kept; publish when it is back.');
    } finally {
      waiting -= 1;
    }
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { code?: string; title?: string; detail?: string; errors?: ApiProblemError[] };
    throw new ApiProblem(response.status, problem.code ?? String(response.status), problem.detail ?? problem.title ?? String(response.status), problem.errors ?? []);
  };
  const ask = (name: Name, input: Input<RouteSpec> = {}): Promise<Response> => {
    const spec = routes[name] as unknown as RouteSpec;
    const path = spec.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String((input.params as Record<string, unknown>)[key])));
    const query = new URLSearchParams(Object.entries((input.query ?? {}) as Record<string, unknown>).filter(([, v]) => v !== undefined).map(([k, v]) => [k, String(v)]));
    const body = spec.method === 'GET' ? undefined : (input.json ?? JSON.stringify(input.body ?? {}));
    return send(spec.method, `${path}${query.size > 0 ? `?${query}` : ''}`, body, { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(input.key ? { 'idempotency-key': input.key } : {}) }, input.signal);
  };
  return {
    waiting: () => waiting,
    call: async (name, input) => (await (await ask(name, input as Input<RouteSpec>)).json()) as never,
    file: async (name, input) => (await ask(name, input as Input<RouteSpec>)).blob(),
    upload: async (path, form) => (await send('POST', path, form, {})).json(),
    list: async (noun, since, limit = 2000) => (await (await send('GET', `/api/v1/${noun}?limit=${limit}${since ? `&since=${encodeURIComponent(since)}` : ''}`, undefined, {})).json()) as never,
  };
}
