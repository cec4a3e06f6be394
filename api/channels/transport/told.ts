import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelRefusal } from '../channel.ts';

/** The value of the work, or the platform's refusal as a value. */
export async function told<T>(work: () => Promise<T>): Promise<Result<T, ChannelRefusal>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof ChannelFault) return refuse(error.refusal);
    throw error;
  }
}
