import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sign } from '../../../api/channels/kuaishou/sign.ts';

/** The worked text of the platform's page on calls (its digest there belongs to a secret that the page does not show). */
describe('signature vectors: Kuaishou', () => {
  const PARAMS = { version: '1', method: 'open.xxx.xxx.xxx', appkey: 'ks123', access_token: 'xxx', timestamp: '1583271919000', signMethod: 'MD5', param: '{"title":"短袖", "relItemId":123456, "categoryId":12}' };
  it('sorted by name, joined as it stands, the secret behind', () => {
    const text = 'access_token=xxx&appkey=ks123&method=open.xxx.xxx.xxx&param={"title":"短袖", "relItemId":123456, "categoryId":12}&signMethod=MD5&timestamp=1583271919000&version=1&signSecret=xxxxxx';
    assert.equal(sign(PARAMS, 'xxxxxx'), createHash('md5').update(text).digest('hex'));
    assert.equal(sign(PARAMS, 'xxxxxx'), '5ed7892473f85b811891e0f1d65e10a4');
  });
  it('another secret and another value give another signature', () => {
    assert.notEqual(sign(PARAMS, 'xxxxxy'), sign(PARAMS, 'xxxxxx'));
    assert.notEqual(sign({ ...PARAMS, param: '{}' }, 'xxxxxx'), sign(PARAMS, 'xxxxxx'));
  });
});
