import { isOwnNoun, ownFieldRoutes, sees } from '../contract/own-fields.ts';
import { SHEETS } from '../contract/sheets/index.ts';
import { ok } from '../contract/values/result.ts';
import { may } from '../access/roles.ts';
import { personNames } from '../access/users.ts';
import { ownFields } from '../fields/index.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Audit } from '../store/audit.ts';
import { changeField, makeField } from './own-change.ts';
import { ownColumnsOf } from './own-sheets.ts';

const OWN_COMMANDS = ['set-own-field', 'make-own-field', 'change-own-field', 'retire-own-field', 'restore-own-field'];
const MOST_ENTRIES = 500;

export const ownBound = (rt: Runtime): Bound[] => [
  bind(ownFieldRoutes.ownHistory, async ({ query, user }) => {
    const [fields, nameOf] = [await ownFields(), await personNames()];
    const found = await Audit.find({ noun: query.noun, rowId: query.id, command: { $in: OWN_COMMANDS } }).sort({ at: -1, _id: -1 }).limit(MOST_ENTRIES).lean();
    if (!isOwnNoun(query.noun)) {
      const field = fields.find((f) => f.id === query.id);
      const open = may(user, 'settings:read') && field !== undefined;
      return ok({ entries: open ? found.map((e) => ({ at: e.at.toISOString(), by: nameOf(e.userId), command: e.command, key: field.key, before: e.before, after: e.after })) : [] });
    }
    // Of each change, the fields that this person may see.
    const seen = new Set(fields.filter((f) => f.noun === query.noun && (sees(f, user) || (f.retired && user.role === 'owner'))).map((f) => f.key));
    const of = (all: unknown, key: string): unknown => (all as Record<string, unknown> | null)?.[key] ?? null;
    return ok({ entries: found.flatMap((e) => Object.keys((e.after ?? {}) as object).filter((key) => seen.has(key)).map((key) => ({ at: e.at.toISOString(), by: nameOf(e.userId), command: e.command, key, before: of(e.before, key), after: of(e.after, key) }))) });
  }),
  bind(ownFieldRoutes.listOwnFields, async ({ user }) => {
    const fields = await ownFields();
    const columns = Object.fromEntries(SHEETS.flatMap((s) => { const own = ownColumnsOf(s, fields, user); return own.length > 0 ? [[s.name, own.map((c) => ({ ...c }))]] : []; }));
    return ok({ fields: may(user, 'settings:read') ? fields : fields.filter((f) => sees(f, user)), columns });
  }),
  bind(ownFieldRoutes.makeOwnField, ({ body, user }) => makeField(rt, body, user)),
  bind(ownFieldRoutes.changeOwnField, ({ params, body, user }) => changeField(rt, params.id, body, user)),
];
