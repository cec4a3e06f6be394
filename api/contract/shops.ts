import * as z from 'zod';
import { idParams, instant, route } from './route.ts';
import { ShopRow } from './system.ts';

export const AuthoriseInput = z.object({
  redirectUri: z.url().optional().describe('where the platform sends the browser back to, as entered at its console; default: this service on localhost'),
});
export const KeysInput = z.object({
  appKey: z.string().min(1).max(200).optional(), appSecret: z.string().min(1).max(200).optional(), accessToken: z.string().min(1).max(2000).optional(), refreshToken: z.string().max(2000).optional(), expiresAt: instant.optional().describe('end of the access token'),
  relayKey: z.string().regex(/^[A-Za-z0-9_-]{43,200}$/).optional().describe('key of the relay that the shop’s gateway names'),
  platformShopId: z.string().min(1).max(60).optional().describe('the shop’s or seller’s number at the platform, where none is known yet (JD: 商家编号)'),
  gateway: z.union([z.literal(''), z.url()]).optional().describe('the shop’s address from now on: its platform’s other gateway, a relay; empty: the platform’s own'),
  pushToken: z.string().max(64).optional().describe('token of the platform’s messages, as entered at its console'), pushAesKey: z.string().max(64).optional().describe('EncodingAESKey of the platform’s messages'),
  account: z.record(z.string().max(40), z.string().max(10_000)).optional().describe('fields of a payment or courier account, or what a shop’s platform asks for beyond keys and tokens; what is not named stays'),
});
const both = { params: idParams, response: z.string() };

/** How shops are let in by their platforms, and how platforms reach us. */
export const shopRoutes = {
  authoriseShop: route({
    name: 'authoriseShop', method: 'POST', path: '/api/v1/shops/:id/authorise', summary: { zh: '生成授权链接（半小时内有效，用一次）', en: 'Make an authorisation link (half an hour, once)' }, right: 'settings:write',
    params: idParams, body: AuthoriseInput, response: z.object({ url: z.string(), state: z.string(), redirectUri: z.string(), until: instant }), problems: ['not_found', 'unsupported', 'command_refused'],
  }),
  enterCode: route({
    name: 'enterCode', method: 'POST', path: '/api/v1/shops/authorised', summary: { zh: '手工交回授权码', en: 'Hand the code over by hand' }, right: 'settings:write',
    body: z.object({ state: z.string().min(1).max(200), code: z.string().min(1).max(2000) }), response: ShopRow, problems: ['command_refused', 'channel_refused', 'unsupported'],
  }),
  authorisedPage: route({ name: 'authorisedPage', method: 'GET', path: '/api/v1/shops/authorised', summary: { zh: '平台授权后回到这里', en: 'Where the platform sends the browser back' }, right: 'public', kind: 'raw', response: z.string() }),
  enterKeys: route({
    name: 'enterKeys', method: 'PUT', path: '/api/v1/shops/:id/keys', summary: { zh: '更换密钥或令牌，店铺恢复', en: 'Replace keys or tokens; the shop goes on' }, right: 'settings:write',
    params: idParams, body: KeysInput, response: ShopRow, problems: ['not_found', 'command_refused'],
  }),
  hearMessage: route({ name: 'hearMessage', method: 'POST', path: '/api/v1/shops/:id/messages', summary: { zh: '平台消息推送的地址（只作提醒）', en: 'Where a platform brings its messages (hints only)' }, right: 'public', kind: 'raw', ...both }),
  tryMessages: route({ name: 'tryMessages', method: 'GET', path: '/api/v1/shops/:id/messages', summary: { zh: '平台验证消息地址', en: 'The platform tries the address of messages' }, right: 'public', kind: 'raw', ...both }),
};
