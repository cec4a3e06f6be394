import { stopSharedStore } from './shared-store.ts';

/** Loaded by mocha before all files: what tests share is stopped when all are over. */
export const mochaHooks = { afterAll: stopSharedStore };
