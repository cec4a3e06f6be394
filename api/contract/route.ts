import * as z from 'zod';
import type { ProblemCode } from './problems.ts';

/** What a signed-in person may do; roles are lists of these (api/access/roles.ts). */
export type Right =
  | 'orders:read' | 'orders:write' | 'parcels:write' | 'stock:read' | 'stock:write' | 'stock:approve' | 'purchasing:read' | 'purchasing:write'
  | 'finance:read' | 'finance:write' | 'customers:read' | 'customers:write' | 'rules:read' | 'rules:write'
  | 'settings:read' | 'settings:write' | 'jobs:run' | 'personal:read';

export type Both = { readonly zh: string; readonly en: string };
type Shape = z.ZodType;
export type Kind = 'json' | 'pdf' | 'multipart' | 'list' | 'raw';

export type RouteSpec<P extends Shape = Shape, Q extends Shape = Shape, B extends Shape = Shape, R extends Shape = Shape> = {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Express form: `/api/v1/orders/:id`. */
  readonly path: string;
  readonly summary: Both;
  /** `public` needs no token. */
  readonly right: Right | 'public' | 'signed-in';
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly response: R;
  readonly problems: readonly ProblemCode[];
  /** `pdf`: the answer is a file. `multipart`: the request holds files. `list`: also served as .csv and .xlsx. `raw`: a platform's or a browser's own call, text in and text out. */
  readonly kind: Kind;
};

const none = z.object({});
type None = typeof none;
type RouteInput<P extends Shape, Q extends Shape, B extends Shape, R extends Shape> = {
  readonly name: string;
  readonly method: RouteSpec['method'];
  readonly path: string;
  readonly summary: Both;
  readonly right: RouteSpec['right'];
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response: R;
  readonly problems?: readonly ProblemCode[];
  readonly kind?: Kind;
};

/** One row of the API: OpenAPI, the server's checks and the add-in's client are all made from it. */
export function route<R extends Shape, P extends Shape = None, Q extends Shape = None, B extends Shape = None>(
  input: RouteInput<P, Q, B, R>,
): RouteSpec<P, Q, B, R> {
  return {
    ...input,
    params: input.params ?? (none as unknown as P),
    query: input.query ?? (none as unknown as Q),
    body: input.body ?? (none as unknown as B),
    problems: input.problems ?? [],
    kind: input.kind ?? 'json',
  };
}

const page = {
  since: z.string().optional().describe('cursor of the answer before; absent: from the start'),
  limit: z.coerce.number().int().min(1).max(5000).default(500),
};
export type PageQuery = { since?: string | undefined; limit: number };

/** `GET /api/v1/<noun>?since=&limit=` → `{rows, cursor, more}`, rows in the order of their last change; also `.csv` and `.xlsx`. */
export function listRoute<T extends Shape, Q extends z.ZodRawShape = Record<never, never>>(
  noun: string, row: T, right: Right, summary: Both, extra?: Q,
) {
  return route({
    name: `list:${noun}`, method: 'GET', path: `/api/v1/${noun}`, summary, right, kind: 'list',
    query: z.object({ ...page, ...(extra ?? ({} as Q)) }),
    response: z.object({ rows: z.array(row), cursor: z.string(), more: z.boolean() }),
    problems: ['bad_cursor'],
  });
}

/** Schema pieces that many nouns share. Amounts are whole fen; instants ISO 8601 UTC; days `YYYY-MM-DD`. */
export const fen = z.number().int().describe('fen');
export const instant = z.iso.datetime().describe('UTC instant');
export const day = z.iso.date().describe('day in the company zone');
export const idParams = z.object({ id: z.string().min(1).max(120) });
export const both = z.object({ zh: z.string(), en: z.string() });

export type ParamsOf<S> = S extends RouteSpec<infer P, Shape, Shape, Shape> ? z.output<P> : never;
export type QueryOf<S> = S extends RouteSpec<Shape, infer Q, Shape, Shape> ? z.output<Q> : never;
export type BodyOf<S> = S extends RouteSpec<Shape, Shape, infer B, Shape> ? z.output<B> : never;
export type ResponseOf<S> = S extends RouteSpec<Shape, Shape, Shape, infer R> ? z.output<R> : never;
/** What a handler may answer: the input side of the response schema. */
export type AnswerOf<S> = S extends RouteSpec<Shape, Shape, Shape, infer R> ? z.input<R> : never;
