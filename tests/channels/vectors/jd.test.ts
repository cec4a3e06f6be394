import assert from 'node:assert/strict';
import { sign } from '../../../api/channels/jd/sign.ts';
import { signedParts, speaksSp, spGateway } from '../../../api/channels/jd/sp/client.ts';

/** open.jd.com, developer guide 2643: the example's own parameters; and a public client's fixed vectors for SP-API. */
describe('signature vectors: JD', () => {
  it('routerjson, as the guide’s worked example', () => {
    const params = {
      v: '2.0', timestamp: '2021-05-07 09:20:39.683+0800', method: 'jingdong.pop.order.search', app_key: 'yourappkey', access_token: 'yourtoken',
      '360buy_param_json': '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT","page":"1","page_size":"200","start_date":null}',
    };
    assert.equal(sign(params, 'yourappSecret'), 'D70825340F4084360B9362B60DFD7930');
  });
  it('SP-API: the three headers and the query, raw', () => {
    assert.equal(sign({ b: '2', a: '1' }, 'secret'), 'EF16F26C937CF52AE6F85DF2FD08B24A');
    const headers = { 'X-JOS-App-Key': 'offline-app', 'X-JOS-Access-Token': 'offline-token', 'X-JOS-Timestamp': '1700000000000' };
    assert.equal(sign({ ...headers, updateStartTime: '1700000000000', updateEndTime: '1700000060000', page: '1', pageSize: '2' }, 'offline-secret'), '0627BD69EEC951A95E84A3A65FEB0AA2');
    assert.equal(sign({ ...headers, afsOrderId: '1001', scopeSet: 'refundInfo,skuExtInfo' }, 'offline-secret'), '62B85BF98B8A1C9D3C68A36761E2A5BD');
  });
  it('SP-API: the map that is signed, as JD’s own SDK makes it in its test; without a body, and with an empty one, there is none', () => {
    const headers = { 'X-JOS-App-Key': 'app-key', 'X-JOS-Access-Token': 'access-token', 'X-JOS-Timestamp': '1711111111000' };
    assert.deepEqual(signedParts(headers, { product_id: '1001' }, { page: '1' }, '{"hello":"world"}'), { ...headers, page: '1', product_id: '1001', body: '{"hello":"world"}' });
    for (const none of [undefined, '', '{}']) assert.deepEqual(signedParts(headers, {}, {}, none), headers);
    // Worked out with another tool: md5 over the secret, names and values by their bytes, the secret.
    assert.equal(sign(signedParts(headers, { orderId: '1001' }, {}, '{"orderVenderRemarkDTO":{"remark":"多放一包","flagId":3}}'), 'secret'), '8779417EAF3B8D79397759512A6809C5');
  });
  it('SP-API: a gateway says by its path which of the two it is; bills find SP-API beside the old one, behind a relay too', () => {
    assert.deepEqual(['', 'https://api.jd.com/routerjson', 'https://api-cn.jd.com/rest', 'https://api-cn.jd.com/rest/'].map(speaksSp), [false, false, true, true]);
    assert.deepEqual(['', 'https://api.jd.com/routerjson', 'https://api-cn.jd.com/rest/', 'https://relay.example/relay/api.jd.com/routerjson', 'https://relay.example/relay/api-cn.jd.com/rest', 'http://127.0.0.1:9/jd/routerjson'].map(spGateway),
      ['https://api-cn.jd.com/rest', 'https://api-cn.jd.com/rest', 'https://api-cn.jd.com/rest', 'https://relay.example/relay/api-cn.jd.com/rest', 'https://relay.example/relay/api-cn.jd.com/rest', 'http://127.0.0.1:9/jd/rest']);
  });
});
