import { REFUNDS, STATES, type OrderTable } from './orders.ts';

/** Orders that no platform has (sold by phone, at a fair, to a friend of the house), one row a line; an empty state is to be shipped. */
export const ownOrders: OrderTable = {
  format: '自有订单', channel: 'own', lacks: [], states: [[/^$|to ship/i, 'to_ship'], ...STATES], refunds: REFUNDS,
  columns: {
    orderId: ['自有单号', 'own order'], status: ['状态', 'state'], placedAt: ['下单时间', 'placed at'], paid: ['实付', 'paid'], freight: ['运费', 'freight'], merchantCode: ['货品编码', 'SKU'], title: ['货品名称', 'name of goods'], price: ['单价', 'price'], quantity: ['数量', 'quantity'], buyer: ['买家', 'buyer'], sellerMemo: ['备注', 'note'],
    receiverName: ['收件人', 'receiver'], receiverPhone: ['电话', 'phone'], province: ['省', 'province'], city: ['市', 'city'], district: ['区县', 'district'], address: ['地址', 'address'],
  },
};
