import assert from 'node:assert/strict';
import { ApiProblem, type Client } from '../../addin/client.ts';
import type { Draft } from '../../addin/sheets/drafts.ts';
import { nameDrafts } from '../../addin/sheets/names.ts';
import { listingsSheet } from '../../api/contract/sheets/listings.ts';

const KNOWN: Readonly<Record<string, readonly string[]>> = { 白茶: ['BC-1', 'BC-2'], 明前龙井: ['LJ-100'], 'LJ-100': ['LJ-100'] };
const draft = (id: string, column: string, value: Draft['value']): Draft => ({ sheet: 'listings', id, column, revision: 1, value, before: '' });

describe('names where codes belong', () => {
  let asked: string[][];
  let offline: boolean;
  const client = { call: (_name: string, input: { body: { names: string[] } }) => {
    if (offline) return Promise.reject(new ApiProblem(0, 'offline', 'offline'));
    asked.push(input.body.names);
    return Promise.resolve({ found: input.body.names.map((n) => (KNOWN[n] ?? []).map((code) => ({ id: code, code, name: n }))) });
  } } as unknown as Client;
  beforeEach(() => { [asked, offline] = [[], false]; });

  it('one becomes its code, several are asked, none is told, and nothing that was typed is lost', async () => {
    const typed = [draft('a', 'skuCode', '明前龙井'), draft('b', 'skuCode', '白茶'), draft('c', 'skuCode', '没有'), draft('d', 'skuCode', 'LJ-100'), draft('e', 'skuCode', null), draft('f', 'mode', 'auto')];
    const named = await nameDrafts(client, 'zh', listingsSheet, typed);
    assert.deepEqual(named.drafts.map((d) => [d.id, d.value, d.problem?.code]), [['a', 'LJ-100', undefined], ['b', '白茶', 'ambiguous'], ['c', '没有', 'unknown_name'], ['d', 'LJ-100', undefined], ['e', null, undefined], ['f', 'auto', undefined]]);
    assert.deepEqual(named.drafts[1]!.problem?.may?.map((m) => m.code), ['BC-1', 'BC-2']);
    assert.deepEqual([named.changed.map((d) => d.id), named.wrong.map((d) => d.id)], [['a'], ['b', 'c']]);
    assert.deepEqual(asked, [['明前龙井', '白茶', '没有', 'LJ-100']]);
  });
  it('five thousand pasted rows of a few names ask once for each name', async () => {
    await nameDrafts(client, 'en', listingsSheet, Array.from({ length: 5_000 }, (_, i) => draft(`r${i}`, 'skuCode', i % 2 ? '白茶' : '明前龙井')));
    assert.deepEqual(asked.map((a) => a.length), [2]);
  });
  it('offline they stay as they were typed', async () => {
    offline = true;
    const typed = [draft('a', 'skuCode', '明前龙井')];
    assert.deepEqual((await nameDrafts(client, 'zh', listingsSheet, typed)).drafts, typed);
  });
});
