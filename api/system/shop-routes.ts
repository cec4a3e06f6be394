/** HTTP edge of how shops are authorised and how platforms reach us. */
import type { IncomingCall } from '../channels/channel.ts';
import { shopRoutes } from '../contract/shops.ts';
import { problemText } from '../contract/problems.ts';
import { ok } from '../contract/values/result.ts';
import { bind, type Bound, type FileAnswer } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { beginAuthorisation, CALLBACK_PATH, enterKeys, finishAuthorisation, hearMessage } from '../shops/index.ts';
import { shopRow } from './shop-row.ts';

const textAnswer = (status: number, type: string, text: string): FileAnswer => ({ status, type, filename: 'answer', bytes: new TextEncoder().encode(text) });
const safe = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (done: boolean, zh: string, en: string): FileAnswer => textAnswer(done ? 200 : 422, 'text/html; charset=utf-8', `<!doctype html><meta charset="utf-8"><title>Suanpan</title><body style="font:16px/1.6 system-ui;margin:4rem auto;max-width:36rem"><p>${safe(zh)}</p><p>${safe(en)}</p></body>`);

export const shopLifeBound = (rt: Runtime): Bound[] => {
  const hear = async (shopId: string, call: IncomingCall): Promise<FileAnswer> => {
    const heard = await hearMessage(rt, shopId, call);
    return heard.ok ? textAnswer(heard.value.answer.status, heard.value.answer.type, heard.value.answer.body) : textAnswer(heard.refusal.platformCode === 'no_shop' ? 404 : 403, 'text/plain', heard.refusal.platformCode);
  };
  return [
    bind(shopRoutes.authoriseShop, async ({ params, body }) => {
      const made = await beginAuthorisation(rt, params.id, body.redirectUri ?? `${rt.config.httpsCert ? 'https' : 'http'}://localhost:${rt.config.port}${CALLBACK_PATH}`);
      return made.ok ? ok({ ...made.value, until: made.value.until.toISOString() }) : made;
    }),
    bind(shopRoutes.enterCode, async ({ body }) => {
      const done = await finishAuthorisation(rt, body);
      return done.ok ? ok(shopRow(done.value)) : done;
    }),
    bind(shopRoutes.authorisedPage, async ({ raw }) => {
      const { state = '', code = '' } = raw.query;
      const done = await finishAuthorisation(rt, { state, code });
      return ok(done.ok ? page(true, `“${done.value.name}”已授权，可以关闭此页。`, `“${done.value.name}” is authorised. This page can be closed.`) : page(false, problemText(done.refusal, 'zh'), problemText(done.refusal, 'en')));
    }),
    bind(shopRoutes.enterKeys, async ({ params, body }) => {
      const { expiresAt, ...keys } = body;
      const done = await enterKeys(rt, params.id, { ...keys, ...(expiresAt ? { expiresAt: new Date(expiresAt) } : {}) } as Parameters<typeof enterKeys>[2]);
      return done.ok ? ok(shopRow(done.value)) : done;
    }),
    bind(shopRoutes.hearMessage, async ({ params, raw }) => ok(await hear(params.id, raw))),
    bind(shopRoutes.tryMessages, async ({ params, raw }) => ok(await hear(params.id, raw))),
  ];
};
