import assert from 'node:assert/strict';
import { openCover, signatureOf } from '../../../api/channels/wechat-shop/push.ts';

/** The worked example of the official sample code for covered messages (WXBizMsgCrypt; developer.work.weixin.qq.com, document 90968). */
const token = 'QDG6eK';
const keys = { token, aesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C', appId: 'wx5823bf96d3bd56c7' };
const ENCRYPT = 'RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==';

describe('WeChat: the published example of a covered message', () => {
  it('has the published signature', () => {
    assert.equal(signatureOf(token, '1409659813', '1372623149', ENCRYPT), '477715d11cdb4164915debcba66cb864d751f3e6');
  });
  it('opens to the published message, and only for its own app id and key', () => {
    assert.match(openCover(ENCRYPT, keys) ?? '', /<ToUserName><!\[CDATA\[wx5823bf96d3bd56c7\]\]><\/ToUserName>[\s\S]*<MsgId>4561255354251345929<\/MsgId>/);
    assert.equal(openCover(ENCRYPT, { ...keys, appId: 'wx0000000000000000' }), undefined);
    assert.equal(openCover(ENCRYPT, { ...keys, aesKey: 'a'.repeat(43) }), undefined);
    assert.equal(openCover('nonsense', keys), undefined);
  });
});
