/** Our custom functions: calls of one calculation go out together, the same call once. */
import type { FUNCTION_NAMES } from '../../api/contract/functions.ts';
import type { Client } from '../client.ts';
import type { SpreadsheetPort } from '../excel/port.ts';
import { FUNCTIONS } from './metadata.ts';

type Name = (typeof FUNCTION_NAMES)[number];
type Value = number | string | (number | string)[][];
type Argument = string | number | boolean | null;
type Waiting = { readonly name: Name; readonly args: Argument[]; readonly resolve: (value: Value) => void; readonly reject: (error: Error) => void };
const WAIT_MS = 40;
/** As many as the service takes at once: ten thousand cells are two or three requests. */
const MOST = 5_000;

/** Cells come as plain values, or as a 1 × 1 matrix where a range was given. */
const plain = (value: unknown): Argument => {
  const one: unknown = Array.isArray(value) ? (Array.isArray(value[0]) ? (value[0] as unknown[])[0] : value[0]) : value;
  return typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean' ? one : null;
};

export function associateFunctions(port: SpreadsheetPort, client: Client): void {
  let waiting: Waiting[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = async (): Promise<void> => {
    timer = undefined;
    const calls = waiting;
    waiting = [];
    for (let from = 0; from < calls.length; from += MOST) await ask(calls.slice(from, from + MOST));
  };
  const ask = async (calls: readonly Waiting[]): Promise<void> => {
    const keys = [...new Map(calls.map((c) => [JSON.stringify([c.name, c.args]), c])).entries()];
    try {
      const { results } = await client.call('callFunctions', { body: { calls: keys.map(([, c]) => ({ name: c.name, args: c.args })) } });
      const byKey = new Map(keys.map(([key], i) => [key, results[i]!]));
      for (const call of calls) {
        const result = byKey.get(JSON.stringify([call.name, call.args]))!;
        if ('value' in result) call.resolve(result.value);
        else call.reject(port.functionError('notAvailable', result.error[port.lang]));
      }
    } catch (error) {
      for (const call of calls) call.reject(port.functionError('notAvailable', error instanceof Error ? error.message : String(error)));
    }
  };
  for (const meta of FUNCTIONS) {
    port.associateFunction(meta.id, (...args) => new Promise<Value>((resolve, reject) => {
      waiting.push({ name: meta.name as Name, args: args.slice(0, meta.parameters.length).map(plain), resolve, reject });
      timer ??= setTimeout(() => void flush(), WAIT_MS);
    }));
  }
}
