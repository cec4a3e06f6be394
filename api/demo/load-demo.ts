import type { Both } from '../contract/route.ts';
import type { Runtime } from '../runtime/runtime.ts';

export type DemoProgress = (step: Both, done: number, total: number) => void;

export async function loadDemo(_rt: Runtime, _sandboxUrl: string, _jobs: { runNow(name: string): Promise<unknown> }, _progress: DemoProgress): Promise<void> {
  throw new Error('the sandbox company has no data yet');
}
