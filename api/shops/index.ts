export { channelContextFor, paymentContextFor } from './credentials.ts';
export { closeNotice, raiseNotice } from './notices.ts';
export { Notices, Shops, type ShopDoc, type WindowDoc } from './store/shops.ts';
export { finishWindow, freeWindows, giveBackWindow, keepWindow, sweepWindows, takeWindow } from './windows.ts';
export { connectShop, fileShop } from './workflows/connect-shop.ts';
