export { channelContextFor, courierContextFor, paymentContextFor } from './credentials.ts';
export { pauseShop, resumeShop } from './pause.ts';
export { closeNotice, raiseNotice } from './notices.ts';
export { Notices, Shops, type ShopDoc, type WindowDoc } from './store/shops.ts';
export { finishWindow, freeWindows, giveBackWindow, keepWindow, sweepWindows, takeWindow } from './windows.ts';
export { beginAuthorisation, CALLBACK_PATH, enterKeys, finishAuthorisation } from './workflows/authorise-shop.ts';
export { hearMessage } from './workflows/hear-message.ts';
export { renewTokens } from './workflows/renew-tokens.ts';
export { connectShop, fileShop } from './workflows/connect-shop.ts';
