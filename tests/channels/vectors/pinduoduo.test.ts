import assert from 'node:assert/strict';
import { searchIndex } from '../../../api/channels/pinduoduo/cipher.ts';
import { expectedSign } from '../../../api/channels/pinduoduo/sandbox/gate.ts';
import { sign } from '../../../api/channels/pinduoduo/sign.ts';

/** From the unit tests of a public client (whalesky-labs/pdd-sdk-php, read 2026-11), recomputed. */
const params = { client_id: 'test-client', data_type: 'JSON', logistics_id: '9', order_sn: '240101-1', order_state: '1', timestamp: '1720000000', type: 'pdd.erp.order.sync', version: 'V1', waybill_no: 'SF123' };
const SIGN = 'CC0F30530BBAC3FD67608391D61E370C';

describe('Pinduoduo: published signatures and ciphertexts', () => {
  it('signs as the public client does, and so does the stand-in by its own code', () => {
    assert.equal(sign(params, 'test-secret'), SIGN);
    assert.equal(sign({ ...params, sign: 'old' }, 'test-secret'), SIGN);
    assert.equal(expectedSign(new URLSearchParams({ ...params, sign: SIGN }), 'test-secret'), SIGN);
    assert.notEqual(sign({ ...params, waybill_no: 'SF124' }, 'test-secret'), SIGN);
  });

  it('reads the index of ciphertexts that have one, by the form of the public client', () => {
    assert.equal(searchIndex('~AgAAAA==~aW5kZXg=~1~~'), 'aW5kZXg=');
    assert.equal(searchIndex('$aW5kZXg=$AgAAAA==$1$$'), 'aW5kZXg=');
    assert.equal(searchIndex('#aW5kZXg=#AgAAAA==#1##'), 'aW5kZXg=');
    for (const without of ['~AgAAAA==~1~', '$138$AgAAAA==$1$', '', '张三', '~~']) assert.equal(searchIndex(without), '');
  });
});
