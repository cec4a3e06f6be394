import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson, messageSign, sign } from '../../../api/channels/douyin/sign.ts';

/** A public client's contract vector, which the vendor's Go and PHP code reproduce. */
describe('signature vectors: Douyin', () => {
  const paramJson = canonicalJson({ z: 1.0, nested: { 汉: '<&', a: true }, a: [3, { b: 2, a: 1 }] });
  it('canonical JSON: keys by byte order at every level, nothing escaped', () => {
    assert.equal(paramJson, '{"a":[3,{"a":1,"b":2}],"nested":{"a":true,"汉":"<&"},"z":1}');
    assert.equal(canonicalJson({}), '{}');
    assert.equal(canonicalJson({ sku_id: 1_720_000_000_000_131_002n, path: 'a/b' }), '{"path":"a/b","sku_id":1720000000000131002}');
  });
  it('hmac-sha256 between the secret', () => {
    assert.equal(sign({ appKey: '1234567890123456789', appSecret: 'contract-app-secret', method: 'order.searchList', paramJson, timestamp: '1667899926' }), 'cfb0c61c20926f758e13f4bd3d59a0de0e22f3c6059f1045cae36e6cea2bd417');
  });
  it('reads back as what was put in, whatever the order of its keys', () => fc.assert(fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()))), (value) => {
    const turned = Object.fromEntries(Object.entries(value).reverse());
    assert.equal(canonicalJson(turned), canonicalJson(value));
    assert.deepEqual({ ...(JSON.parse(canonicalJson(value)) as object) }, { ...value });
  }), { numRuns: 200 }));
  it('the platform’s own messages: MD5 of key, body and secret', () => {
    // RFC 1321, appendix A.5: the digest of "abc".
    assert.equal(messageSign('a', 'c', 'b'), '900150983cd24fb0d6963f7d28e17f72');
  });
});
