import * as z from 'zod';
import { both, route } from './route.ts';

export const FUNCTION_NAMES = ['STOCK', 'SALES', 'PROFIT', 'ORDERS', 'COST', 'ASOF', 'SELLTHROUGH', 'TURNOVERDAYS', 'LIST', 'PRICE', 'MARGIN', 'RECEIVABLE', 'PAYABLE', 'FORECAST', 'SUGGEST', 'LASTCOST', 'FEE', 'WHATIF', 'FIELD'] as const;
const Argument = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);
export const FunctionCall = z.object({ name: z.enum(FUNCTION_NAMES), args: z.array(Argument).max(6) });
const Value = z.union([z.number(), z.string()]);
/** One value, or rows of values that spill. */
export const FunctionResult = z.union([z.object({ value: z.union([Value, z.array(z.array(Value))]) }), z.object({ error: both.extend({ code: z.string() }) })]);
/** Which part of the books a function reads: its value may change when the part's sequence has, and at no other time. */
export const PARTS = ['stock', 'catalog', 'orders', 'books', 'purchasing', 'fields', 'day'] as const;
export type Part = (typeof PARTS)[number];
export const READS: Readonly<Record<(typeof FUNCTION_NAMES)[number], readonly Part[]>> = {
  STOCK: ['stock', 'catalog', 'day'], SALES: ['orders', 'catalog'], PROFIT: ['books'], ORDERS: ['orders'], COST: ['catalog'], ASOF: ['stock', 'catalog'], SELLTHROUGH: ['stock', 'orders', 'day'], TURNOVERDAYS: ['stock', 'orders', 'day'], LIST: ['catalog'],
  PRICE: ['catalog'], MARGIN: ['books'], RECEIVABLE: ['books'], PAYABLE: ['books', 'purchasing'], FORECAST: ['orders', 'catalog', 'day'], SUGGEST: ['purchasing'], LASTCOST: ['stock', 'catalog'], FEE: ['books'], WHATIF: ['books'], FIELD: ['fields', 'catalog', 'orders', 'purchasing'],
};
export const Sequence = z.object({ stock: z.string(), catalog: z.string(), orders: z.string(), books: z.string(), purchasing: z.string(), fields: z.string(), day: z.string() });
export type Sequence = z.output<typeof Sequence>;
export const functionRoutes = {
  functionSequence: route({ name: 'functionSequence', method: 'GET', path: '/api/v1/functions/sequence', summary: { zh: '账到哪一笔了：没有变，函数的值就没有变', en: 'How far the books are: where nothing moved, no function has another value' }, right: 'signed-in', response: Sequence }),
  callFunctions: route({
    name: 'callFunctions', method: 'POST', path: '/api/v1/functions', summary: { zh: '一次算出一批自定义函数', en: 'Work out a batch of custom functions' }, right: 'signed-in',
    body: z.object({ calls: z.array(FunctionCall).min(1).max(5000) }), response: z.object({ results: z.array(FunctionResult), sequence: Sequence }),
  }),
};
