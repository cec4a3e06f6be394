import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sign } from '../../../api/channels/kuaishou/sign.ts';

/** The worked text of the platform's page on calls (its digest there belongs to a secret that the page does not show). */
describe('signature vectors: Kuaishou', () => {
  const PARAMS = { version: '1', method: 'open.order.detail', appkey: 'ks123', access_token: 'abc', timestamp: '1583271919000', signMethod: 'MD5', param: '{"title":"短袖", "relItemId":123456, "categoryId":12}' };
  it('sorted by name, joined as it stands, the secret behind', () => {
    const text = 'access_token=abc&appkey=ks123&method=open.order.detail&param={"title":"短袖", "relItemId":123456, "categoryId":12}&signMethod=MD5&timestamp=1583271919000&version=1&signSecret=secret-1';
    assert.equal(sign(PARAMS, 'secret-1'), createHash('md5').update(text).digest('hex'));
    assert.equal(sign(PARAMS, 'secret-1'), '744fca21b4cf2c41bcc6847a458c67a0');
  });
  it('another secret and another value give another signature', () => {
    assert.notEqual(sign(PARAMS, 'secret-2'), sign(PARAMS, 'secret-1'));
    assert.notEqual(sign({ ...PARAMS, param: '{}' }, 'secret-1'), sign(PARAMS, 'secret-1'));
  });
});
