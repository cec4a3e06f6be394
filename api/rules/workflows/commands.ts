/**
 * Asks the approval table about a command. In: who asks for what, its amount and quantity. Out: free, or kept as it was asked
 * for until somebody says yes. What went through is noted too (without its body): a draft of the table is tried on it.
 */
import type { Runtime } from '../../runtime/runtime.ts';
import { Commands, type CommandDoc } from '../store/commands.ts';
import { loadTable } from './tables.ts';

export type Asked = { readonly command: string; readonly route: string; readonly params: Record<string, unknown>; readonly query: Record<string, unknown>; readonly body: unknown; readonly user: { readonly userId: string; readonly name: string; readonly role: string }; readonly amountFen: number; readonly quantity: number };

export async function judgeCommand(rt: Runtime, asked: Asked): Promise<{ readonly kind: 'free' } | { readonly kind: 'waits'; readonly doc: CommandDoc }> {
  const { user, command, amountFen, quantity } = asked;
  const table = await loadTable('approval');
  const hit = table.decide({ command, role: user.role, amount: amountFen, quantity })[0];
  const needs = hit?.outcome['needs'] || 'nobody';
  const free = needs === 'nobody' || user.role === 'owner' || user.role === needs;
  const now = rt.clock.now();
  const doc: CommandDoc = {
    _id: rt.newId('command'), command, route: asked.route, params: free ? {} : asked.params, query: free ? {} : asked.query, body: free ? null : asked.body, askedBy: user.userId, askedName: user.name, role: user.role, amountFen, quantity, needs, version: table.version, row: hit?.row ?? '',
    state: free ? 'free' : 'waiting', at: now, decidedBy: '', decidedAt: null, note: '', revision: 1, changedAt: now,
  };
  await Commands.create([doc]);
  return free ? { kind: 'free' } : { kind: 'waits', doc };
}
export const askedCommands = (from: Date, to: Date): Promise<CommandDoc[]> => Commands.find({ at: { $gte: from, $lt: to } }, { body: 0 }).sort({ at: 1 }).limit(100_000).lean<CommandDoc[]>();
