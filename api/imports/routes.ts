import { importRoutes } from '../contract/imports.ts';
import { ok } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { importFiles } from './import-files.ts';

export const importBound = (rt: Runtime): Bound[] => [
  bind(importRoutes.importFiles, async ({ query, files, user }) => {
    const done = await importFiles(rt, files, query.preview === 'true', user.userId);
    return done.ok ? ok({ preview: query.preview === 'true', files: done.value }) : done;
  }),
];
