import type { Both } from './route.ts';

type Entry = { readonly status: number } & Both;
const entry = (status: number, zh: string, en: string): Entry => ({ status, zh, en });

/** The closed list of what can be refused. `{name}` is filled from the problem's data. */
export const PROBLEMS = {
  invalid_request: entry(400, '请求有 {count} 处不对。', 'The request has {count} mistakes.'),
  bad_cursor: entry(400, '游标“{read}”不是本接口给出的。去掉 since 从头取。', 'The cursor “{read}” was not given by this list. Leave since out to start again.'),
  not_signed_in: entry(401, '没有登录，或登录已过期。用主人链接重新打开。', 'Not signed in, or the sign-in has ended. Open the owner link again.'),
  no_right: entry(403, '缺少权限 {right}。请有“设置”权限的人开通。', 'The right {right} is missing. A person with the settings right can give it.'),
  not_found: entry(404, '找不到 {noun} {id}。', 'There is no {noun} {id}.'),
  no_such_route: entry(404, '没有这个地址：{path}。', 'There is no such address: {path}.'),
  revision_conflict: entry(409, '有 {count} 格被别人先改了，什么都没有写入。', '{count} cells were changed by somebody else first; nothing was written.'),
  already_running: entry(409, '任务 {job} 正在运行。', 'The job {job} is running already.'),
  idempotency_mismatch: entry(409, '同一个 Idempotency-Key 用在了不同内容上。', 'The same Idempotency-Key came with a different body.'),
  in_progress: entry(409, '同一个 Idempotency-Key 的请求还在处理。', 'A request with the same Idempotency-Key is still being worked on.'),
  batch_refused: entry(422, '有 {count} 格不能接受，什么都没有写入。', '{count} cells cannot be accepted; nothing was written.'),
  command_refused: entry(422, '{zh}', '{en}'),
  needs_approval: entry(409, '要{who}同意，已放进审批箱 {id}；同意后自动执行。', 'It needs the yes of {who}; it waits as {id} and runs once that is given.'),
  file_refused: entry(422, '这个文件不能导入：{zh}', 'This file cannot be imported: {en}'),
  unsupported: entry(422, '平台不支持：{what}。', 'The platform does not support it: {what}.'),
  channel_refused: entry(502, '平台没有接受：{words}', 'The platform refused: {words}'),
  too_large: entry(413, '内容超过 {limit}。', 'The body is larger than {limit}.'),
  too_many_requests: entry(429, '请求太快，{seconds} 秒后再试。', 'Too many requests; try again in {seconds} s.'),
  internal: entry(500, '程序出错，已记录。编号 {instance}。', 'A fault of ours, recorded as {instance}.'),
  not_ready: entry(503, '服务还没准备好：{what}。', 'The service is not ready: {what}.'),
} as const satisfies Record<string, Entry>;
export type ProblemCode = keyof typeof PROBLEMS;

/** One cell or field that is wrong. `row` is the row's place in what was sent, from 1; texts are in the reader's language. */
export type ProblemError = {
  readonly row?: number;
  readonly column?: string;
  readonly code: string;
  readonly message: Both;
  readonly id?: string;
  readonly base?: unknown;
  readonly mine?: unknown;
  readonly theirs?: unknown;
  readonly by?: string;
  readonly at?: string;
};
export type Problem = { readonly code: ProblemCode; readonly data: Readonly<Record<string, string | number>>; readonly errors: readonly ProblemError[] };

export const problem = (code: ProblemCode, data: Problem['data'] = {}, errors: readonly ProblemError[] = []): Problem => ({ code, data, errors });

/** Fills `{name}` places; a name without a value stays as it is, so that a gap is seen. */
export const fillText = (text: string, data: Readonly<Record<string, unknown>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in data ? String(data[name]) : whole));

export const problemText = (p: Problem, lang: 'zh' | 'en'): string => fillText(PROBLEMS[p.code][lang], p.data);
