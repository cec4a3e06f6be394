import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ChannelContext, IncomingCall } from '../../api/channels/channel.ts';
import { douyin } from '../../api/channels/douyin/index.ts';

/** Messages are signed here by hand: neither the connector's code nor the stand-in's vouches for itself. */
describe('messages that Douyin brings', () => {
  const context: ChannelContext = { credentials: { appKey: 'key', appSecret: 'secret', accessToken: '', refreshToken: '' }, gateway: '', now: () => new Date(0), saveCredentials: async () => undefined, notice: async () => undefined };
  const call = (body: string, secret = 'secret'): IncomingCall => ({ method: 'POST', path: '/', query: {}, headers: { 'app-id': 'key', 'event-sign': createHash('md5').update(`key${body}${secret}`).digest('hex') }, body });

  it('are hints of orders and after-sales, their ids digit for digit', async () => {
    const body = '[{"tag":"101","msg_id":"m1","data":"{\\"p_id\\":6920100000007919001,\\"shop_id\\":4463798}"},{"tag":"206","msg_id":"m2","data":"{\\"aftersale_id\\":7100000000000000017,\\"p_id\\":6920100000007919001}"},{"tag":"400","msg_id":"m3","data":"{}"}]';
    const heard = await douyin.hearCall(context, call(body));
    assert.ok(heard.ok);
    assert.deepEqual(heard.value.hints, [
      { key: 'm1', kind: 'order', platformId: '6920100000007919001', topic: '101' }, { key: 'm2', kind: 'refund', platformId: '7100000000000000017', topic: '206' }, { key: 'm3', kind: 'other', platformId: '', topic: '400' },
    ]);
    assert.deepEqual(heard.value.answer, { status: 200, type: 'application/json', body: '{"code":0,"msg":"success"}' });
  });
  it('are refused when another signed them, when they were changed, and when they are no JSON', async () => {
    assert.ok(!(await douyin.hearCall(context, call('[]', 'another'))).ok);
    assert.ok(!(await douyin.hearCall(context, { ...call('[]'), body: '[{}]' })).ok);
    assert.ok(!(await douyin.hearCall(context, call('no json'))).ok);
  });
});
