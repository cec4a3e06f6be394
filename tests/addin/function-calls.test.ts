import assert from 'node:assert/strict';
import { FunctionCalls } from '../../addin/functions/batch.ts';
import type { Client } from '../../addin/client.ts';
import type { SpreadsheetPort, StreamCell } from '../../addin/excel/port.ts';

type Run = (...args: unknown[]) => Promise<unknown>;
const SEQUENCE = { stock: '1', catalog: '1', orders: '1', books: '1', purchasing: '1', fields: '1', day: '2026-11-25' };

describe('custom functions keep what they know', () => {
  let asked: { name: string; args: unknown[] }[][];
  let sequence: Record<string, string>;
  let fails: boolean;
  let again: string[][];
  let functions: Map<string, Run>;
  let calls: FunctionCalls;
  let streams: Map<string, (args: unknown[], cell: StreamCell) => void>;
  beforeEach(() => {
    [asked, again, sequence, fails, functions, streams] = [[], [], { ...SEQUENCE }, false, new Map(), new Map()];
    const port = { lang: 'en', associateFunction: (id: string, run: Run) => void functions.set(id, run), associateStream: (id: string, run: (args: unknown[], cell: StreamCell) => void) => void streams.set(id, run), recalculate: (names: string[]) => { again.push(names); return Promise.resolve(); }, functionError: (_kind: string, words: string) => new Error(words) };
    const client = { call: (name: string, input: { body?: { calls: { name: string; args: unknown[] }[] } }) => {
      if (fails) return Promise.reject(new Error('offline'));
      if (name === 'functionSequence') return Promise.resolve({ ...sequence });
      asked.push(input.body!.calls);
      return Promise.resolve({ results: input.body!.calls.map((c) => ({ value: `${c.name} ${sequence['stock']} ${sequence['books']}` })), sequence: { ...sequence } });
    } };
    calls = new FunctionCalls(port as unknown as SpreadsheetPort, client as unknown as Client);
  });
  const run = (name: string, ...args: unknown[]): Promise<unknown> => functions.get(name)!(...args);

  it('ten thousand cells are two requests, the same cell again is none', async () => {
    await Promise.all(Array.from({ length: 10_000 }, (_, i) => run('STOCK', `S${i}`)));
    assert.deepEqual(asked.map((a) => a.length), [5000, 5000]);
    assert.equal(await run('STOCK', 'S7'), 'STOCK 1 1');
    assert.equal(asked.length, 2);
  });
  it('when a part has moved, only what reads it is worked out anew', async () => {
    await Promise.all([run('STOCK', 'A'), run('PROFIT', '', '2026-11')]);
    await calls.look();
    assert.deepEqual(again, []);
    sequence['stock'] = '2';
    await calls.look();
    assert.deepEqual(again, [['STOCK']]);
    assert.deepEqual(await Promise.all([run('STOCK', 'A'), run('PROFIT', '', '2026-11')]), ['STOCK 2 1', 'PROFIT 1 1']);
    assert.deepEqual(asked.map((a) => a.map((c) => c.name)), [['STOCK', 'PROFIT'], ['STOCK']]);
  });
  it('an answer that comes with a moved sequence has the older ones worked out anew', async () => {
    await run('PROFIT', '', '2026-10');
    sequence['books'] = '9';
    await run('PROFIT', '', '2026-11');
    assert.deepEqual(again, [['PROFIT']]);
    assert.equal(await run('PROFIT', '', '2026-10'), 'PROFIT 1 9');
  });
  it('cells that stream are told what moved, in one request, until they are gone', async () => {
    const told: string[] = [];
    const gone: (() => void)[] = [];
    const stream = (id: string, ...args: unknown[]): void => streams.get(id)!(args, { set: (v) => void told.push(`${String(args[0])} ${v instanceof Error ? v.message : String(v)}`), whenGone: (listen) => void gone.push(listen) });
    for (const sku of ['A', 'B', 'A']) stream('STOCKLIVE', sku);
    stream('ORDERSLIVE', '挂起');
    const settled = async (n: number): Promise<void> => { while (told.length < n) await new Promise((r) => { setTimeout(r, 1); }); };
    await settled(4);
    assert.deepEqual(asked.map((a) => a.length), [3], 'the same cell twice is asked once');
    sequence['stock'] = '2';
    told.length = 0;
    await calls.look();
    await settled(3);
    assert.deepEqual(told.sort(), ['A STOCK 2 1', 'A STOCK 2 1', 'B STOCK 2 1']);
    assert.deepEqual(asked.map((a) => a.length), [3, 2]);
    assert.deepEqual(again, [], 'no calculation of the whole for cells that are told');
    for (const end of gone) end();
    sequence['stock'] = '3';
    told.length = 0;
    await calls.look();
    assert.equal(asked.length, 2);
    assert.equal(calls.streaming, false);
  });
  it('a failure is told and not kept', async () => {
    fails = true;
    await assert.rejects(run('STOCK', 'A'), /offline/);
    fails = false;
    assert.equal(await run('STOCK', 'A'), 'STOCK 1 1');
  });
  it('with no formula of ours nothing is asked', async () => {
    fails = true;
    await calls.look();
  });
});
