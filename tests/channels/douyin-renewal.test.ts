import assert from 'node:assert/strict';
import { ChannelFault } from '../../api/channels/channel.ts';
import { douyin } from '../../api/channels/douyin/index.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { HOUR, Shop } from './conformance/harness.ts';

describe('the renewal of a Douyin shop’s tokens', () => {
  let sandbox: TestSandbox;
  before(async () => { sandbox = await startTestSandbox(); });
  after(() => sandbox.stop());
  const lastHour = (): [Date, Date] => [new Date(Date.now() - HOUR), new Date(Date.now() + 1000)];

  it('whose answer was lost gives the same pair again', async () => {
    const shop = new Shop(douyin, sandbox);
    const order = await shop.place();
    await shop.ask('expire-tokens');
    // The renewal itself is cut off after it was done; the shop's old refresh token is all that we have.
    await shop.ask('unfriendly', { cutAfterNext: 2 });
    await assert.rejects(shop.pull(...lastHour(), shop.context({ expiresAt: new Date(0) })), (e) => e instanceof ChannelFault && e.refusal.code === 'retry');
    await shop.calm();
    const orders = await shop.pull(...lastHour(), shop.context({ expiresAt: new Date(0), platformShopId: '' }));
    assert.deepEqual(orders.map((o) => o.platformOrderId), [order.tid]);
  });

  it('with a refresh token that is worth nothing goes by the shop’s number, as an app of the seller’s own may', async () => {
    const shop = new Shop(douyin, sandbox);
    const order = await shop.place();
    await shop.ask('expire-tokens');
    const orders = await shop.pull(...lastHour(), shop.context({ refreshToken: 'dd-refresh-lost' }));
    assert.ok(orders.some((o) => o.platformOrderId === order.tid));
    assert.equal(shop.saved.length, 1);
  });

  it('is refused where the seller took the authorisation back', async () => {
    const shop = new Shop(douyin, sandbox);
    await shop.ask('revoke-tokens');
    await assert.rejects(shop.pull(...lastHour(), shop.context()), (e) => e instanceof ChannelFault && e.refusal.code === 'pause_shop');
    assert.deepEqual(shop.saved, []);
  });
});
