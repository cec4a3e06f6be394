import assert from 'node:assert/strict';
import { sign } from '../../../api/channels/taobao/sign.ts';

/** The call guide of the open platform (article 101617). */
describe('signature vectors: Taobao', () => {
  it('md5, as the guide’s worked example; empty values and the signature itself take no part', () => {
    const params = { method: 'taobao.item.seller.get', app_key: '12345678', session: 'test', timestamp: '2016-01-01 12:00:00', format: 'json', v: '2.0', sign_method: 'md5', fields: 'num_iid,title,nick,price,num', num_iid: '11223344' };
    assert.equal(sign(params, 'helloworld'), '66987CB115214E59E6EC978214934FB8');
    assert.equal(sign({ ...params, nothing: '', sign: 'X' }, 'helloworld'), '66987CB115214E59E6EC978214934FB8');
  });
});
