import { z } from 'zod';
import { both, route } from './route.ts';

export const FUNCTION_NAMES = ['STOCK', 'SALES', 'PROFIT', 'ORDERS', 'COST', 'ASOF', 'SELLTHROUGH', 'TURNOVERDAYS', 'LIST'] as const;
const Argument = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);
export const FunctionCall = z.object({ name: z.enum(FUNCTION_NAMES), args: z.array(Argument).max(6) });
const Value = z.union([z.number(), z.string()]);
/** One value, or rows of values that spill. */
export const FunctionResult = z.union([z.object({ value: z.union([Value, z.array(z.array(Value))]) }), z.object({ error: both.extend({ code: z.string() }) })]);
export const functionRoutes = {
  callFunctions: route({
    name: 'callFunctions', method: 'POST', path: '/api/v1/functions', summary: { zh: '一次算出一批自定义函数', en: 'Work out a batch of custom functions' }, right: 'signed-in',
    body: z.object({ calls: z.array(FunctionCall).min(1).max(5000) }), response: z.object({ results: z.array(FunctionResult) }),
  }),
};
