import { startSharedStore, stopSharedStore } from './shared-store.ts';

/** Run once in mocha's main process, before and after all files: the workers that run the files share one store. */
export const mochaGlobalSetup = startSharedStore;
export const mochaGlobalTeardown = stopSharedStore;
