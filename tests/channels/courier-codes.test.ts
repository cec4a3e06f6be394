import assert from 'node:assert/strict';
import { courierAt, courierFrom, courierNamed, COURIER_PLATFORMS, COURIERS, couriersAt } from '../../api/channels/transport/couriers.ts';
import { courierChannels } from '../../api/channels/registry.ts';

describe('one table of couriers', () => {
  it('every code of every platform leads back to the courier that it came from, and to no other', () => {
    for (const platform of COURIER_PLATFORMS) {
      const codes = couriersAt(platform).map((ours) => courierAt(platform, ours)!);
      assert.equal(new Set(codes).size, codes.length, `${platform}: a code twice`);
      for (const ours of couriersAt(platform)) {
        assert.equal(courierFrom(platform, courierAt(platform, ours)!), ours, `${platform} ${ours}`);
        assert.equal(courierNamed(platform, courierAt(platform, ours)!, ''), ours, `${platform} ${ours}`);
      }
    }
    assert.equal(new Set(COURIERS.map((c) => c.ours)).size, COURIERS.length);
  });
  it('the couriers of the rules are known on every platform that has no list of its own to ask', () => {
    for (const ours of ['SF', 'ZTO', 'YTO', 'YUNDA', 'STO', 'EMS']) for (const platform of COURIER_PLATFORMS.filter((p) => p !== 'sf')) assert.ok(courierAt(platform, ours), `${platform} ${ours}`);
    // JD's list of the seller names J&T; its number is in no public list.
    for (const platform of COURIER_PLATFORMS.filter((p) => p !== 'sf' && p !== 'jd')) assert.ok(courierAt(platform, 'JT'), platform);
  });
  it('every courier that a connector speaks for has its code there, and can be followed', () => {
    for (const c of Object.values(courierChannels)) for (const ours of c.couriers) assert.ok(courierAt(c.channel as 'sf', ours), `${c.channel} ${ours}`);
    for (const c of COURIERS) assert.ok(courierAt('kuaidi100', c.ours), c.ours);
  });
  it('an entry of a list is known by its name where its code says nothing; a name alike in part is another courier', () => {
    assert.deepEqual([courierNamed('pinduoduo', '115', '中通快递'), courierNamed('jd', '773574', '极兔速递'), courierNamed('wechat-shop', 'YD', '韵达速递'), courierNamed('jd', '465', '邮政EMS')], ['ZTO', 'JT', 'YUNDA', 'EMS']);
    assert.deepEqual([courierNamed('taobao', 'ZTOKY', '中通快运'), courierNamed('taobao', 'SFKY', '顺丰快运'), courierNamed('jd', '999', 'XX')], [undefined, undefined, undefined]);
    for (const c of COURIERS) assert.equal(courierNamed('taobao', 'none', c.zh), c.ours, c.zh);
  });
});
