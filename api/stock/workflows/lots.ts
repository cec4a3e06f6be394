/** Bins and batches of a movement. */
import type { ClientSession } from 'mongoose';
import { ok, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { MovementDoc, PositionDoc } from '../store/models.ts';
import type { MovementRefusal } from './post-movement.ts';

export async function moveLots(_rt: Runtime, _session: ClientSession, _m: MovementDoc, ends: { from: PositionDoc | undefined; to: PositionDoc | undefined }): Promise<Result<{ from: boolean; to: boolean }, MovementRefusal>> {
  return ok({ from: ends.from?.tracked ?? false, to: ends.to?.tracked ?? false });
}

/** Late entries change what lies in bins and batches now. */
export async function lateLots(_rt: Runtime, _session: ClientSession, _movements: readonly MovementDoc[]): Promise<Result<void, MovementRefusal>> {
  return ok(undefined);
}
