import { createHash, randomBytes } from 'node:crypto';
import mongoose, { Schema } from 'mongoose';
import type { Runtime } from '../runtime/runtime.ts';
import { RIGHTS, type Role, type Session } from './roles.ts';

type UserDoc = { _id: string; name: string; role: Role; tokenHashes: string[]; disabled: boolean; createdAt: Date };
const schema = new Schema<UserDoc>({
  _id: { type: String, required: true }, name: { type: String, required: true }, role: { type: String, required: true },
  tokenHashes: { type: [String], required: true }, disabled: { type: Boolean, default: false }, createdAt: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false });
schema.index({ tokenHashes: 1 }, { unique: true, sparse: true });
export const Users = mongoose.model('user', schema, 'users');

const OWNER_ID = 'usr_owner';
/** Tokens are random and long, so a plain SHA-256 is enough; only the hash is kept. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
export const newToken = (): string => `spn_${randomBytes(24).toString('base64url')}`;

/**
 * Makes the owner when there is none. Answers the token only when it was made now, so that it is printed once; a token
 * from the environment always opens the owner's door.
 */
export async function ensureOwner(rt: Runtime, given: string): Promise<string | undefined> {
  const owner = await Users.findById(OWNER_ID).lean();
  if (given) {
    const change = owner ? { $addToSet: { tokenHashes: hashOf(given) } } : { $set: fresh(rt, given) };
    await Users.updateOne({ _id: OWNER_ID }, change, { upsert: true });
    return owner ? undefined : given;
  }
  if (owner) return undefined;
  const token = newToken();
  await Users.updateOne({ _id: OWNER_ID }, { $set: fresh(rt, token) }, { upsert: true });
  return token;
}

const fresh = (rt: Runtime, token: string): Omit<UserDoc, '_id'> =>
  ({ name: '店主 Owner', role: 'owner', tokenHashes: [hashOf(token)], disabled: false, createdAt: rt.clock.now() });

/** A further token of the owner, for a command on this machine that can read the data folder. */
export async function addOwnerToken(): Promise<string> {
  const token = newToken();
  await Users.updateOne({ _id: OWNER_ID }, { $addToSet: { tokenHashes: hashOf(token) } });
  return token;
}

/** Whoever asked for something that was approved later: with the rights of now, or undefined when they may not sign in any more. */
export async function sessionOfUser(userId: string): Promise<Session | undefined> {
  const user = await Users.findOne({ _id: userId, disabled: false }).lean();
  return user ? { userId: user._id, name: user.name, role: user.role, rights: new Set(RIGHTS[user.role]) } : undefined;
}

const known = new Map<string, { session: Session; until: number }>();
const KEEP_MS = 5_000;

export async function sessionOf(rt: Runtime, token: string): Promise<Session | undefined> {
  const hash = hashOf(token);
  const now = rt.clock.now().getTime();
  const kept = known.get(hash);
  if (kept && kept.until > now) return kept.session;
  const user = await Users.findOne({ tokenHashes: hash, disabled: false }).lean();
  if (!user) return undefined;
  const session: Session = { userId: user._id, name: user.name, role: user.role, rights: new Set(RIGHTS[user.role]) };
  if (known.size > 1000) known.clear();
  known.set(hash, { session, until: now + KEEP_MS });
  return session;
}

/** Who may sign in, as what. Few, and changed by commands on the machine: all of them again when something is different. */
export async function listUsers(since: string | undefined) {
  const users = await Users.find({}, { tokenHashes: 0 }).sort({ createdAt: 1, _id: 1 }).lean();
  const rows = users.map((u) => ({ id: u._id, name: u.name, role: u.role, createdAt: u.createdAt.toISOString(), disabled: u.disabled, revision: 1, changedAt: u.createdAt.toISOString() }));
  const cursor = hashOf(JSON.stringify(rows));
  return { rows: since === cursor ? [] : rows, cursor, more: false };
}

/** What people are called, for those who read who did something; what is no person's id stays as it is. */
export async function personNames(): Promise<(id: string) => string> {
  const names = new Map((await Users.find({}, { name: 1 }).lean()).map((u) => [u._id, u.name]));
  return (id) => names.get(id) ?? id;
}
