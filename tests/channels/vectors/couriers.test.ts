import assert from 'node:assert/strict';
import { dataDigest } from '../../../api/channels/cainiao/sign.ts';
import { pushSign, querySign } from '../../../api/channels/kuaidi100/sign.ts';
import { digest } from '../../../api/channels/sf/sign.ts';

describe('signature vectors: couriers', () => {
  const [msgData, timestamp, checkword] = ['{"language":"zh-CN","orderId":"QIAO-20200618-004"}', '12312334453453', 'fjcg5PGKaNpPSHFAZ4QsCOkV71R3zVci'];
  it('SF, as its signing guide’s worked example (developSupport/976720); SM3 as public clients have it for the same sample', () => {
    assert.equal(digest(msgData, timestamp, checkword), 'IIKJtuLVzoFTu4kHI8M8vA==');
    assert.equal(digest(msgData, timestamp, checkword, 'sm3'), 'b05d21124eb6aedb3c6c99b1a37f9fc9a23a9898cb6a4b5df00d4402bda9081f');
    // The guide prints the standard value for the simple mode too, which its own rule does not give; this is what the rule gives.
    assert.equal(digest(msgData, timestamp, checkword, 'simple'), 'OwYXm3XG9fjHK7A+/t7Ckw==');
  });
  it('SF encodes as java.net.URLEncoder, and not as a browser does: space, and ! \' ( ) ~', () => {
    // MD5 of `%E4%B8%AD+*%7E%2B%21%27%28%291test`.
    assert.equal(digest('中 *~+!\'()', '1', 'test'), 'l5PofK1H036ib1S+mjPfiA==');
  });
  it('Cainiao, over the sample of its signing page: base64 of the bytes, not of their hex', () => {
    assert.equal(dataDigest('{"testkey":"testkey","testdata":"testdata"}', '8026ny111111111111'), 'ZLOV/XD2b0EmB/fzigfxGg==');
  });
  it('Kuaidi100: upper-case hex of param, key, customer; of a push, of param and salt', () => {
    assert.equal(querySign('{"com":"yuantong","num":"12345678"}', 'KEY', 'CUSTOMER'), '21D971A789B5067A9E338FE48E94B6FB');
    assert.equal(pushSign('{"status":"polling"}', 'salt'), 'E3A53447F84B9D616FB644F645B4F524');
  });
});
