import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildHeadless } from '../../addin/build.ts';
import type * as Module from '../../addin/workbench/headless.ts';
import { ROOT } from '../house/source.ts';

type Module = typeof Module;
let loaded: Promise<Module> | undefined;
/** The workbench's host in Node. */
export const headlessModule = (): Promise<Module> => (loaded ??= buildHeadless(join(ROOT, 'dist/headless')).then((file) => import(pathToFileURL(file).href) as Promise<Module>));
export async function headless(options: Parameters<Module['startHeadless']>[0] = {}): Promise<Module.Headless> {
  return (await headlessModule()).startHeadless(options);
}
export const hostKinds = async (): Promise<Module['KINDS']> => (await headlessModule()).KINDS;
