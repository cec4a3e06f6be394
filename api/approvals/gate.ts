/**
 * Commands that need somebody's yes. The gate stands before the handlers: it measures what is asked for, lets the approval table
 * decide, and keeps the command as it was asked for. A yes runs it with its original check again: the asker's rights of now, the
 * same revisions, the same handler.
 */
import { COMMANDS } from '../contract/decision-tables/index.ts';
import { yuanText, fenFromInteger } from '../contract/values/money.ts';
import { problem, problemText, type Problem } from '../contract/problems.ts';
import { ruleRoutes } from '../contract/rules.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import { may, type Session } from '../access/roles.ts';
import { sessionOfUser } from '../access/users.ts';
import { bind, type Bound, type Call } from '../http/bind.ts';
import { Commands, judgeCommand, type CommandDoc } from '../rules/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { feed } from '../store/feed.ts';
import { measureOf, type Ask } from './measures.ts';

type AnyCall = Call<Bound['spec']>;
const ROLE_WORDS: Readonly<Record<string, string>> = { owner: '店主 owner', reviewer: '审单 reviewer', warehouse: '仓库 warehouse', buyer: '采购 buyer', finance: '财务 finance', service: '客服 service' };

export function gated(rt: Runtime, bound: readonly Bound[]): Bound[] {
  const inner = new Map(bound.map((b) => [b.spec.name, b]));
  const ask: Ask = async (name, call) => {
    const answer = await inner.get(name)?.handler(call as never);
    return answer?.ok ? answer.value : undefined;
  };
  const wrapped = bound.map((one): Bound => {
    const measure = measureOf(one.spec.name);
    if (!measure) return one;
    return {
      ...one,
      handler: async (call) => {
        const measured = await measure(call as AnyCall, ask);
        if (!measured) return one.handler(call);
        const { params, query, body, user } = call as AnyCall;
        const judged = await judgeCommand(rt, { ...measured, route: one.spec.name, params: params as Record<string, unknown>, query: query as Record<string, unknown>, body, user });
        return judged.kind === 'free' ? one.handler(call) : refuse(problem('needs_approval', { who: ROLE_WORDS[judged.doc.needs] ?? judged.doc.needs, id: judged.doc._id }));
      },
    };
  });
  return [...wrapped, ...inbox(rt, inner)];
}

function approvalRow(d: CommandDoc) {
  const title = COMMANDS.find((c) => c.value === d.command) ?? { zh: d.command, en: d.command };
  const size = { zh: [d.amountFen > 0 ? `${yuanText(fenFromInteger(d.amountFen))} 元` : '', d.quantity > 0 ? `${d.quantity} 件` : ''].filter(Boolean).join('，'), en: [d.amountFen > 0 ? `${yuanText(fenFromInteger(d.amountFen))} yuan` : '', d.quantity > 0 ? `${d.quantity} pieces` : ''].filter(Boolean).join(', ') };
  return {
    id: d._id, command: d.command, words: { zh: `${d.askedName} 要${title.zh}${size.zh ? `（${size.zh}）` : ''}`, en: `${d.askedName} wants to ${title.en}${size.en ? ` (${size.en})` : ''}` }, state: d.state === 'running' || d.state === 'free' ? ('waiting' as const) : d.state, askedBy: d.askedName, role: d.role, needs: d.needs,
    amountFen: d.amountFen, quantity: d.quantity, version: d.version, row: d.row, askedAt: d.at.toISOString(), decidedBy: d.decidedBy, ...(d.decidedAt ? { decidedAt: d.decidedAt.toISOString() } : {}), note: d.note, revision: d.revision, changedAt: d.changedAt.toISOString(),
  };
}

const inbox = (rt: Runtime, inner: ReadonlyMap<string, Bound>): Bound[] => [
  bind(ruleRoutes.listApprovals, ({ query }) => feed(Commands, { ...query, filter: { state: query.state ?? { $ne: 'free' } }, now: rt.clock.now() }, (docs: CommandDoc[]) => docs.map(approvalRow))),
  bind(ruleRoutes.approve, async ({ params, user, requestId, lang }) => {
    const claimed = await claim(rt, params.id, user);
    return claimed.ok ? settle(rt, claimed.value, await runAgain(inner, claimed.value, requestId, lang)) : claimed;
  }),
  bind(ruleRoutes.refuseApproval, async ({ params, body, user }) => {
    const claimed = await claim(rt, params.id, user);
    return claimed.ok ? settle(rt, claimed.value, { state: 'refused', note: body.note }) : claimed;
  }),
];

/** A run that was cut off by a kill may be taken again after this. */
const STALE_MS = 60_000;
/** Two people say yes at once: one of them takes it. */
async function claim(rt: Runtime, id: string, user: Session): Promise<Result<CommandDoc, Problem>> {
  const doc = await Commands.findById(id).lean<CommandDoc>();
  if (!doc || doc.state === 'free') return refuse(problem('not_found', { noun: 'approval', id }));
  if (user.role !== 'owner' && user.role !== doc.needs) return refuse(problem('no_right', { right: ROLE_WORDS[doc.needs] ?? doc.needs }));
  const now = rt.clock.now();
  const taken = await Commands.findOneAndUpdate(
    { _id: id, $or: [{ state: 'waiting' }, { state: 'running', decidedAt: { $lt: new Date(now.getTime() - STALE_MS) } }] },
    { $set: { state: 'running', decidedBy: user.name, decidedAt: now, changedAt: now }, $inc: { revision: 1 } }, { returnDocument: 'after' },
  ).lean<CommandDoc>();
  return taken ? ok(taken) : refuse(problem('command_refused', { zh: '已经有人处理了。', en: 'Somebody has dealt with it already.' }));
}

type Settled = { readonly state: 'done' | 'refused' | 'failed'; readonly note: string };
async function runAgain(inner: ReadonlyMap<string, Bound>, doc: CommandDoc, requestId: string, lang: 'zh' | 'en'): Promise<Settled> {
  const one = inner.get(doc.route);
  const asker = await sessionOfUser(doc.askedBy);
  const right = one?.spec.right;
  if (!one || !asker || (right && right !== 'public' && right !== 'signed-in' && !may(asker, right))) return { state: 'failed', note: lang === 'zh' ? '提出的人没有这个权限了' : 'whoever asked has lost the right' };
  const answer = await one.handler({ params: doc.params, query: doc.query, body: doc.body, user: asker, requestId, lang, files: [] } as never);
  if (answer.ok) return { state: 'done', note: '' };
  return { state: 'failed', note: [problemText(answer.refusal, lang), ...answer.refusal.errors.slice(0, 3).map((e) => e.message[lang])].join(' ').slice(0, 500) };
}

async function settle(rt: Runtime, doc: CommandDoc, { state, note }: Settled) {
  const now = rt.clock.now();
  const after = await Commands.findOneAndUpdate({ _id: doc._id }, { $set: { state, note, changedAt: now }, $inc: { revision: 1 } }, { returnDocument: 'after' }).lean<CommandDoc>();
  return ok(approvalRow(after ?? { ...doc, state, note }));
}
