import { randomUUID } from 'node:crypto';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import multer from 'multer';
import * as z from 'zod';
import type { IncomingCall } from '../channels/channel.ts';
import { problem, type Problem, type ProblemError } from '../contract/problems.ts';
import type { RouteSpec } from '../contract/route.ts';
import { may, RIGHTS, type Session } from '../access/roles.ts';
import { sessionOf } from '../access/users.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { answerProblem, languageOf } from './answer.ts';
import type { Bound, FileAnswer } from './bind.ts';
import { csvOf, xlsxOf } from './export.ts';
import { bodyHashOf, claim, keyOf, settle } from './idempotency.ts';
import { openApiOf } from './openapi.ts';

const BODY_LIMIT = '32mb';
const RAW_LIMIT = '1mb';
const FILE_LIMIT_BYTES = 64 * 1024 * 1024;
const NOBODY: Session = { userId: 'nobody', name: '', role: 'service', rights: new Set(RIGHTS.service.slice(0, 0)) };
type Local = { requestId: string; lang: 'zh' | 'en'; user: Session };
const local = (response: Response): Local => response.locals as Local;

/** The whole HTTP edge: checks, sign-in, idempotency, answers. Pages and their files are added by the caller. */
export function makeApp(rt: Runtime, bound: readonly Bound[], version: string, pages: (app: Express) => void): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet({ contentSecurityPolicy: false, crossOriginEmbedderPolicy: false, crossOriginResourcePolicy: { policy: 'cross-origin' }, frameguard: false }));
  app.use(opened(rt));
  const openApi = openApiOf(bound.map((b) => b.spec), version);
  app.get('/openapi.json', (_request, response) => void response.json(openApi));
  for (const one of bound) mount(app, rt, one);
  pages(app);
  app.use((request, response) => answerProblem(response, problem('no_such_route', { path: request.path }), local(response).requestId, local(response).lang));
  app.use(failed(rt));
  return app;
}

const opened = (rt: Runtime): RequestHandler => (request, response, next) => {
  const lang = languageOf(request.header('accept-language'));
  Object.assign(response.locals, { requestId: request.header('x-request-id')?.slice(0, 64) ?? randomUUID(), lang, user: NOBODY } satisfies Local);
  response.setHeader('X-Request-Id', local(response).requestId);
  const from = rt.clock.now().getTime();
  response.on('finish', () => rt.log.debug({ requestId: local(response).requestId, method: request.method, path: request.path, status: response.statusCode, ms: rt.clock.now().getTime() - from }, 'request'));
  next();
};

const failed = (rt: Runtime) => (error: unknown, _request: Request, response: Response, _next: NextFunction): void => {
  const { requestId, lang } = local(response);
  const type = (error as { type?: string; code?: string }).type ?? (error as { code?: string }).code;
  if (response.headersSent) return void response.end();
  if (type === 'entity.too.large' || type === 'LIMIT_FILE_SIZE') return answerProblem(response, problem('too_large', { limit: BODY_LIMIT }), requestId, lang);
  if (type === 'entity.parse.failed' || type?.startsWith('LIMIT_')) {
    return answerProblem(response, problem('invalid_request', { count: 1 }, [{ code: 'not_json', message: { zh: '内容不是合法的 JSON 或表单。', en: 'The body is no valid JSON or form.' } }]), requestId, lang);
  }
  rt.log.error({ requestId, err: error }, 'request failed');
  answerProblem(response, problem('internal'), requestId, lang);
};

const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: FILE_LIMIT_BYTES, files: 20 } });

function mount(app: Express, rt: Runtime, one: Bound): void {
  const { spec } = one;
  const method = spec.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
  const parse: RequestHandler[] = spec.method === 'GET' ? [] : spec.kind === 'multipart' ? [upload.any()] : spec.kind === 'raw' ? [express.text({ limit: RAW_LIMIT, type: () => true })] : [express.json({ limit: BODY_LIMIT })];
  app[method](spec.path, ...parse, (request: Request, response: Response) => run(rt, one, request, response, 'json'));
  if (spec.kind !== 'list') return;
  app.get(`${spec.path}.csv`, (request: Request, response: Response) => run(rt, one, request, response, 'csv'));
  app.get(`${spec.path}.xlsx`, (request: Request, response: Response) => run(rt, one, request, response, 'xlsx'));
}

type Form = 'json' | 'csv' | 'xlsx';

async function run(rt: Runtime, one: Bound, request: Request, response: Response, form: Form): Promise<void> {
  const here = local(response);
  const refused = await signIn(rt, one.spec, request, here);
  if (refused) return answerProblem(response, refused, here.requestId, here.lang);
  const parsed = parseCall(one.spec, request);
  if ('problem' in parsed) return answerProblem(response, parsed.problem, here.requestId, here.lang);
  const key = one.spec.method === 'GET' ? undefined : request.header('idempotency-key');
  const id = key ? keyOf(here.user.userId, `${one.spec.name} ${request.path}`, key.slice(0, 120)) : undefined;
  if (id && !(await takeKey(rt, id, { body: request.body as unknown, query: request.query }, response, here))) return;
  const files = (Array.isArray(request.files) ? request.files : []).map((f) => ({ name: Buffer.from(f.originalname, 'latin1').toString('utf8'), bytes: new Uint8Array(f.buffer) }));
  const call = { ...parsed, user: here.user, requestId: here.requestId, lang: here.lang, files, raw: rawOf(one.spec, request) };
  if (form !== 'json') return exported(one, call, response, here, form);
  const result = await settled(id, () => one.handler(call as never));
  if (!result.ok) return answerProblem(response, result.refusal, here.requestId, here.lang);
  if (one.spec.kind === 'pdf' || one.spec.kind === 'raw') return answerFile(response, result.value as FileAnswer);
  if (id) await settle(id, 200, result.value);
  response.json(result.value);
}

async function settled<T extends { ok: boolean }>(id: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    if (id && !result.ok) await settle(id, 500, null);
    return result;
  } catch (error) {
    if (id) await settle(id, 500, null);
    throw error;
  }
}

async function signIn(rt: Runtime, spec: RouteSpec, request: Request, here: Local): Promise<Problem | undefined> {
  if (spec.right === 'public') return undefined;
  const token = /^Bearer (\S+)$/i.exec(request.header('authorization') ?? '')?.[1];
  const session = token ? await sessionOf(rt, token) : undefined;
  if (!session) return problem('not_signed_in');
  here.user = session;
  return spec.right !== 'signed-in' && !may(session, spec.right) ? problem('no_right', { right: spec.right }) : undefined;
}

function parseCall(spec: RouteSpec, request: Request): { params: unknown; query: unknown; body: unknown } | { problem: Problem } {
  const errors: ProblemError[] = [];
  const read = (schema: z.ZodType, value: unknown, place: string): unknown => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) errors.push(errorOf(issue, place));
    return undefined;
  };
  const params = read(spec.params, request.params, 'path');
  const query = read(spec.query, request.query, 'query');
  const body = spec.method === 'GET' || spec.kind === 'multipart' || spec.kind === 'raw' ? (request.body as unknown) : read(spec.body, request.body ?? {}, 'body');
  return errors.length > 0 ? { problem: problem('invalid_request', { count: errors.length }, errors) } : { params, query, body };
}

function errorOf(issue: z.core.$ZodIssue, place: string): ProblemError {
  const rows = issue.path[0] === 'rows' && typeof issue.path[1] === 'number' ? { row: issue.path[1] + 1 } : {};
  const path = issue.path.map(String).join('.');
  return { ...rows, column: path, code: issue.code, message: { zh: `${place} ${path}：${z.locales.zhCN().localeError(issue as never) ?? issue.message}`, en: `${place} ${path}: ${issue.message}` } };
}

async function takeKey(rt: Runtime, id: string, body: unknown, response: Response, here: Local): Promise<boolean> {
  const earlier = await claim(rt.clock, id, bodyHashOf(body));
  if (earlier.kind === 'first') return true;
  if (earlier.kind === 'same') response.status(earlier.status).setHeader('Idempotent-Replay', 'true').json(earlier.body);
  else answerProblem(response, problem(earlier.kind === 'mismatch' ? 'idempotency_mismatch' : 'in_progress'), here.requestId, here.lang);
  return false;
}

function rawOf(spec: RouteSpec, request: Request): IncomingCall {
  const texts = (all: object): Record<string, string> => Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
  return { method: request.method, path: request.path, query: texts(request.query), headers: texts(request.headers), body: spec.kind === 'raw' && typeof request.body === 'string' ? request.body : '' };
}

function answerFile(response: Response, file: FileAnswer): void {
  response.status(file.status ?? 200).type(file.type ?? 'application/pdf').setHeader('Content-Disposition', `inline; filename*=UTF-8''${encodeURIComponent(file.filename)}`);
  response.end(Buffer.from(file.bytes));
}

/** All pages of a list as one file. */
async function exported(one: Bound, call: Record<string, unknown>, response: Response, here: Local, form: 'csv' | 'xlsx'): Promise<void> {
  const rows: unknown[] = [];
  for (let since = (call['query'] as { since?: string }).since; ;) {
    const page = await one.handler({ ...call, query: { ...(call['query'] as object), limit: 2000, ...(since ? { since } : {}) } } as never);
    if (!page.ok) return answerProblem(response, page.refusal, here.requestId, here.lang);
    const value = page.value as { rows: unknown[]; cursor: string; more: boolean };
    rows.push(...value.rows);
    if (!value.more) break;
    since = value.cursor;
  }
  const noun = one.spec.path.split('/').at(-1) ?? 'rows';
  const own = await one.ownColumns?.(here.user) ?? [];
  response.setHeader('Content-Disposition', `attachment; filename="${noun}.${form}"`);
  if (form === 'csv') response.type('text/csv; charset=utf-8').send(csvOf(noun, rows, here.lang, own));
  else response.type('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet').end(Buffer.from(await xlsxOf(noun, rows, here.lang, own)));
}
