/** The workbench's host without a page: for unit tests, benches and replays. Bundled before it runs (see tests/support). */
import { LifecycleService, LifecycleStages } from '@univerjs/core';
import { makeOffice, type OfficeHost, type OfficeOptions } from './office.ts';
import { UniverGrid } from './univer-grid.ts';
import { core, startUniver, type Kept } from './univer-plugins.ts';

export { KINDS } from './host/object.ts';
export { recorder, type Line } from './host/record.ts';
export { linesOf, replay, type Replayed } from './replay.ts';
export type Headless = OfficeHost & { readonly grid: UniverGrid; readonly stop: () => void };
export function startHeadless(options: Partial<Omit<OfficeOptions, 'grid'>> & { readonly snapshot?: unknown } = {}): Headless {
  const univer = startUniver({ lang: 'zh', locale: {}, plugins: [...core.engine, ...core.sheets], snapshot: options.snapshot, firstSheet: 'Sheet1' });
  // Nothing draws here, so nothing would say that the sheets are drawn: formulas wait for that.
  const life = univer.__getInjector().get(LifecycleService);
  for (const stage of [LifecycleStages.Rendered, LifecycleStages.Steady]) if (life.stage < stage) life.stage = stage;
  const conditionals = (options.snapshot as Kept | undefined)?.conditionals;
  const grid = new UniverGrid(univer, conditionals ? { conditionals } : {});
  return { ...makeOffice({ lang: 'zh', saved: () => undefined, ...options, grid }), grid, stop: () => grid.stop() };
}
