import { importRoutes } from '../contract/imports.ts';
import { NEEDED } from '../channels/files/index.ts';
import { problem } from '../contract/problems.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { saveMap } from './column-maps.ts';
import { importFiles } from './import-files.ts';

export const importBound = (rt: Runtime): Bound[] => [
  bind(importRoutes.importFiles, async ({ query, files, user }) => {
    const done = await importFiles(rt, files, query.preview === 'true', user.userId, user.rights, (query.shop ?? '').split(',').filter(Boolean));
    return done.ok ? ok({ preview: query.preview === 'true', files: done.value }) : done;
  }),
  bind(importRoutes.saveColumnMap, async ({ body, user }) => {
    const missing = NEEDED.filter((f) => !body.columns[f]);
    const strange = Object.values(body.columns).filter((c) => c !== undefined && !body.headers.includes(c));
    if (missing.length > 0 || strange.length > 0) return refuse(problem('command_refused', { zh: `列对应不完整。缺：${missing.join('、') || '无'}；文件里没有的列：${strange.join('、') || '无'}。`, en: `The map is not whole. Missing: ${missing.join(', ') || 'none'}; columns that the file does not have: ${strange.join(', ') || 'none'}.` }));
    const columns = Object.fromEntries(Object.entries(body.columns).flatMap(([k, v]) => (v ? [[k, v]] : [])));
    await saveMap(body.headers, { channel: body.channel, format: body.format, columns, by: user.userId, at: rt.clock.now() });
    return ok({ saved: true });
  }),
];
