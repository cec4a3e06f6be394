import assert from 'node:assert/strict';
import { sign } from '../../../api/channels/jd/sign.ts';

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
});
