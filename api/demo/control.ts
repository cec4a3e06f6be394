import type { Runtime } from '../runtime/runtime.ts';
import { loadDemo, type DemoProgress } from './load-demo.ts';

export type DemoState = { state: 'none' | 'loading' | 'ready' | 'failed'; step: { zh: string; en: string }; done: number; total: number; error?: string };
export type DemoControl = { readonly state: () => DemoState; readonly load: () => DemoState; readonly finished: () => Promise<DemoState>; readonly stop: () => Promise<void>; readonly onProgress: (listen: (s: DemoState) => void) => void };
/** Starts the stand-ins of the platforms, or answers where they run already. */
export type Sandbox = { readonly start: () => Promise<{ readonly url: string }>; readonly known: () => boolean };

/** The sandbox company: loaded once, in the background, with its progress to be asked for. */
export function makeDemo(rt: Runtime, sandbox: Sandbox, jobs: { runNow(name: string): Promise<unknown> }, days: number): DemoControl {
  let current: DemoState = { state: 'none', step: { zh: '没有载入', en: 'not loaded' }, done: 0, total: 0 };
  let work: Promise<void> = Promise.resolve();
  const listeners: ((s: DemoState) => void)[] = [];
  const set = (next: DemoState): void => {
    current = next;
    for (const listen of listeners) listen(next);
  };
  const progress: DemoProgress = (step, done, total) => set({ state: 'loading', step, done, total });
  const load = (): DemoState => {
    if (current.state === 'loading' || current.state === 'ready') return current;
    set({ state: 'loading', step: { zh: '启动平台替身', en: 'starting the stand-ins' }, done: 0, total: 0 });
    work = (async () => {
      try {
        const { url } = await sandbox.start();
        await loadDemo(rt, url, jobs, progress, days);
        set({ state: 'ready', step: { zh: '沙箱公司已就绪', en: 'the sandbox company is ready' }, done: 1, total: 1 });
      } catch (error) {
        rt.log.error({ err: error }, 'sandbox company not loaded');
        set({ ...current, state: 'failed', error: error instanceof Error ? error.message : String(error) });
      }
    })();
    return current;
  };
  return {
    state: () => current, load, onProgress: (listen) => void listeners.push(listen),
    finished: async () => { await work; return current; },
    stop: async () => { await work; },
  };
}
