import { z } from 'zod';
import { both, route } from './route.ts';

const Argument = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);
export const FunctionCall = z.object({ name: z.enum(['STOCK', 'SALES', 'PROFIT']), args: z.array(Argument).max(6) });
export const FunctionResult = z.union([z.object({ value: z.number() }), z.object({ error: both.extend({ code: z.string() }) })]);
export const functionRoutes = {
  callFunctions: route({
    name: 'callFunctions', method: 'POST', path: '/api/v1/functions', summary: { zh: '一次算出一批自定义函数', en: 'Work out a batch of custom functions' }, right: 'signed-in',
    body: z.object({ calls: z.array(FunctionCall).min(1).max(5000) }), response: z.object({ results: z.array(FunctionResult) }),
  }),
};
