/** Every decision table of the product: its words in one place, from which sheets, checks and documents are made. */
import { HOLDS } from '../holds.ts';
import { FLAGS, ORDER_FIELDS, some } from './order-fields.ts';
import { choice, field, note, outcome, type TableKind } from './vocabulary.ts';

export { CHANNELS, FLAGS, ORDER_FIELDS, ORDER_STATUS, SKU_FLAGS } from './order-fields.ts';
export { OPERATORS, type Field, type FieldType, type Outcome, type TableKind, type Unit } from './vocabulary.ts';

export const ROLES = [
  choice('owner', '店主', 'owner'), choice('reviewer', '审单', 'reviewer'), choice('warehouse', '仓库', 'warehouse'), choice('buyer', '采购', 'buyer'), choice('finance', '财务', 'finance'), choice('service', '客服', 'service'),
];
/** What can wait for a yes. Each is measured where it is asked for (api/approvals). */
export const COMMANDS = [
  choice('release-order', '放行订单', 'release an order'), choice('publish-rules', '发布规则', 'publish rules'), choice('ship', '发货', 'ship parcels'), choice('adjust-stock', '改库存', 'change stock'),
  choice('order-goods', '下采购单', 'order goods'), choice('change-orders', '改订单', 'change orders'), choice('change-customers', '改客户', 'change customers'), choice('classify-statement', '归类账单', 'classify a statement line'),
];
export const YES_NO = [choice('yes', '是', 'yes'), choice('no', '否', 'no')];
export const REFUND_STATES = [choice('requested', '已申请', 'requested'), choice('returning', '退货中', 'returning'), choice('refused', '已拒绝', 'refused'), choice('refunded', '已退款', 'refunded'), choice('closed', '已关闭', 'closed')];
const roles = (key: string, zh: string, en: string) => field(key, 'choice', zh, en, ['审单,客服', 'reviewer,service', '审单', '店主'], { choices: ROLES });

export const APPROVAL: TableKind = {
  name: 'approval', title: { zh: '审批规则', en: 'Approval' }, hit: 'first', about: { zh: '谁做什么、超过多少，要谁点头；没点头前命令在审批箱里等。', en: 'Who doing what, above how much, needs whose yes; until then the command waits in the inbox.' },
  fields: [
    field('command', 'choice', '命令', 'Command', ['发货,改库存', 'ship parcels,change stock', '发货', '放行订单'], { choices: COMMANDS }), roles('role', '谁做', 'Role'),
    field('amount', 'money', '金额', 'Amount', ['>=10000', '>=10000', '10000', '9999.99']), field('quantity', 'number', '数量', 'Quantity', ['>100', '>100', '101', '100'], { unit: 'piece' }),
  ],
  outcomes: [outcome('needs', 'choice', '要谁同意', 'Needs', 'owner', { choices: [choice('nobody', '不用', 'nobody'), ...ROLES] }), note],
};
export const ORDER_REVIEW: TableKind = {
  name: 'order-review', title: { zh: '审单规则', en: 'Order review' }, hit: 'all', about: { zh: '每条命中的规则都算：挂起、打标、送赠品、指定仓库快递；“通过”一行命中，下面的就不再看。', en: 'Every row that fits counts: hold, tag, gift, warehouse, courier; a row that says pass ends the list.' },
  fields: ORDER_FIELDS,
  outcomes: [
    outcome('hold', 'choice', '挂起原因', 'Hold reason', 'amount_unusual', { choices: [choice('pass', '通过', 'pass'), ...HOLDS] }), note,
    outcome('setCourier', 'text', '指定快递', 'Set courier', 'SF'), outcome('setWarehouse', 'text', '指定仓库', 'Set warehouse', 'HZ'), outcome('addTag', 'text', '加标签', 'Add tag', '加急'),
    outcome('addGift', 'text', '送赠品', 'Add gift', 'GIFT-1*2'), outcome('setFlag', 'choice', '改旗帜', 'Set flag', '1', { choices: FLAGS }),
  ],
};
export const HOLD_RELEASE: TableKind = {
  name: 'hold-release', title: { zh: '放行规则', en: 'Hold release' }, hit: 'first', about: { zh: '每种挂起：谁能放行，原因没了是不是自己放行，等多久提醒。', en: 'For each hold: who may release it, whether it ends by itself when its reason is gone, and when to remind.' },
  fields: [
    field('hold', 'choice', '挂起原因', 'Hold reason', ['金额异常', 'unusual amount', '金额异常', '测试单'], { choices: HOLDS }), ...some('paid', 'channel', 'shop', 'tags'),
    field('heldHours', 'number', '已挂起小时', 'Hours held', ['>24', '>24', '25', '24'], { unit: 'hour' }),
  ],
  outcomes: [
    outcome('by', 'choice', '谁能放行', 'Who may release', 'service', { choices: [choice('anyone', '能改订单的人', 'whoever may change orders'), ...ROLES] }),
    outcome('itself', 'choice', '原因没了自己放行', 'Ends by itself', 'yes', { choices: YES_NO }), note,
  ],
};
export const MERGE: TableKind = {
  name: 'merge', title: { zh: '合单规则', en: 'Merge' }, hit: 'first', about: { zh: '同一收件人的订单能不能合成一个包裹，最多隔多久、合多重。', en: 'Whether orders to one receiver share a parcel, and within which time and weight.' },
  fields: some('shop', 'channel', 'province', 'paid', 'weight', 'flags', 'tags', 'orderTags', 'cod', 'presale'),
  outcomes: [outcome('merge', 'choice', '合单', 'Merge', 'yes', { choices: YES_NO }), outcome('withinHours', 'number', '隔几小时内', 'Within hours', '24', { aside: true }), outcome('maxWeight', 'number', '最重(克)', 'Heaviest (g)', '20000', { aside: true }), note],
};
export const SPLIT: TableKind = {
  name: 'split', title: { zh: '拆单规则', en: 'Split' }, hit: 'first', about: { zh: '订单要不要拆成几个包裹，按什么拆。', en: 'Whether an order leaves in several parcels, and by what.' },
  fields: some('shop', 'channel', 'province', 'weight', 'quantity', 'lineCount', 'flags', 'categories', 'stock', 'presale'),
  outcomes: [
    outcome('split', 'choice', '拆法', 'Split', 'by_stock', { choices: [choice('never', '不拆', 'never'), choice('by_stock', '缺货的单独发', 'by stock'), choice('by_flag', '按货品标记', 'by SKU flag'), choice('by_weight', '按重量', 'by weight')] }),
    outcome('maxWeight', 'number', '每包最重(克)', 'Heaviest (g)', '20000', { aside: true }), note,
  ],
};
export const WAREHOUSE: TableKind = {
  name: 'warehouse', title: { zh: '分仓规则', en: 'Warehouse' }, hit: 'all', about: { zh: '命中的仓库按顺序试，第一个有货的发。', en: 'The warehouses of the rows that fit are tried in order; the first with the stock ships.' },
  fields: some('shop', 'channel', 'province', 'city', 'flags', 'categories', 'weight', 'paid', 'tags', 'sellerMemo'), outcomes: [outcome('warehouse', 'text', '仓库', 'Warehouse', 'HZ'), note],
};
export const COURIER: TableKind = {
  name: 'courier', title: { zh: '快递规则', en: 'Courier' }, hit: 'first', about: { zh: '第一条命中的快递。', en: 'The courier of the first row that fits.' },
  fields: some('warehouse', 'shop', 'channel', 'province', 'city', 'weight', 'paid', 'flags', 'categories', 'sellerMemo', 'buyerMessage', 'cod', 'tags'), outcomes: [outcome('courier', 'text', '快递', 'Courier', 'SF'), note],
};
export const FREIGHT: TableKind = {
  name: 'freight-price', title: { zh: '运费价格', en: 'Freight price' }, hit: 'first', about: { zh: '首重加续重，续重不足一步按一步算。', en: 'A first weight and started steps above it.' }, fields: some('courier', 'warehouse', 'province', 'city', 'weight'),
  outcomes: [outcome('firstGrams', 'number', '首重(克)', 'First weight (g)', '1000'), outcome('first', 'money', '首重价', 'First price', '3.20'), outcome('stepGrams', 'number', '续重(克)', 'Step (g)', '1000'), outcome('step', 'money', '续重价', 'Step price', '1.00'), note],
};
export const GIFT: TableKind = {
  name: 'gift', title: { zh: '赠品规则', en: 'Gift' }, hit: 'all', about: { zh: '命中的赠品跟着包裹走，价格为零。同一档组只取第一条；前几单、总件数、每位买家可以设上限。', en: 'The gifts of every row that fits go into the parcel at no price. Of one tier group the first row counts; first orders, pieces in all and per buyer can be limited.' },
  fields: some('shop', 'channel', 'paid', 'quantity', 'skus', 'categories', 'tags', 'buyerOrders', 'paidDay', 'sellerMemo', 'buyerMessage'), outcomes: [
    outcome('gift', 'text', '赠品', 'Gift', 'GIFT-1'), outcome('pieces', 'number', '几件', 'Pieces', '1', { aside: true }),
    outcome('tier', 'text', '档组', 'Tier group', '满赠', { aside: true }), outcome('firstOrders', 'number', '只给前几单', 'First orders only', '100', { aside: true }), outcome('most', 'number', '总共最多几件', 'Pieces in all', '500', { aside: true }), outcome('perBuyer', 'number', '每位买家最多几件', 'Per buyer', '1', { aside: true }),
    outcome('ifShort', 'choice', '赠品缺货', 'If the gift is short', 'wait', { choices: [choice('wait', '等赠品', 'wait'), choice('leave_out', '不送了先发', 'leave it out')], aside: true }), note,
  ],
};
export const TAG: TableKind = {
  name: 'tag', title: { zh: '标签规则', en: 'Tag' }, hit: 'all', about: { zh: '审单前先打标签，审单规则能用“订单标签”看到。', en: 'Tags are put on before review, whose rules see them as order tags.' },
  fields: some('shop', 'channel', 'paid', 'quantity', 'lineCount', 'weight', 'province', 'skus', 'categories', 'flags', 'tags', 'buyerOrders', 'buyerRefunds', 'refundShare', 'buyerMessage', 'sellerMemo', 'flag', 'paidDay', 'presale', 'cod', 'invoice'), outcomes: [outcome('tag', 'text', '标签', 'Tag', '大单'), note],
};
export const FEE: TableKind = {
  name: 'fee', title: { zh: '费率规则', en: 'Fee' }, hit: 'first', about: { zh: '平台没给佣金时，按这里估；账单到了以账单为准。', en: 'The commission to expect where the platform names none; the bill has the last word.' }, fields: some('channel', 'shop', 'categories', 'paid', 'paidDay'),
  outcomes: [outcome('rate', 'rate', '佣金比例', 'Commission rate', '0.6%'), outcome('fixed', 'money', '每单固定', 'Fixed per order', '0.50'), note],
};
export const STOCK_ALERT: TableKind = {
  name: 'stock-alert', title: { zh: '库存预警', en: 'Stock alert' }, hit: 'first', about: { zh: '什么样的库存要提醒，多急。', en: 'Which stock asks for attention, and how urgently.' },
  fields: [
    field('sku', 'text', '货品编码', 'SKU', ['LJ-*', 'LJ-*', 'LJ-100', 'BC-1']), field('category', 'text', '类目', 'Category', ['茶叶', '茶叶', '茶叶', '茶具']), ...some('warehouse', 'flags'),
    field('available', 'number', '可用', 'Available', ['<=0', '<=0', '0', '1'], { unit: 'piece' }), field('belowSafety', 'number', '低于安全库存', 'Below safety by', ['>0', '>0', '1', '0'], { unit: 'piece' }),
    field('incoming', 'number', '在途', 'Incoming', ['0', '0', '0', '5'], { unit: 'piece' }), field('locked', 'number', '锁定', 'Locked', ['>0', '>0', '1', '0'], { unit: 'piece' }), field('value', 'money', '库存金额', 'Stock value', ['>=10000', '>=10000', '10000', '9999']),
  ],
  outcomes: [outcome('alert', 'choice', '提醒', 'Alert', 'urgent', { choices: [choice('none', '不提醒', 'none'), choice('low', '偏低', 'low'), choice('out', '断货', 'out'), choice('urgent', '紧急', 'urgent'), choice('over', '积压', 'overstock')] }), note],
};
export const AFTER_SALES: TableKind = {
  name: 'after-sales', title: { zh: '售后审批', en: 'After-sales approval' }, hit: 'first', about: { zh: '哪些退款可以同意，哪些要人看，谁看。写在售后表里，由人到平台上答复。', en: 'Which refunds may be agreed to, which a person looks at, and who. Shown in the after-sales sheet; the platform is answered by a person.' },
  fields: [
    field('refund', 'money', '退款金额', 'Refund', ['<=50', '<=50', '50', '50.01']), field('refundState', 'choice', '售后状态', 'State', ['已申请', 'requested', '已申请', '已退款'], { choices: REFUND_STATES }),
    field('goodsReturn', 'flag', '要退货', 'Goods come back', ['否', 'no', '否', '是']), field('reason', 'text', '原因', 'Reason', ['*质量*', '*质量*', '质量问题', '不想要了']), field('shipped', 'flag', '已发货', 'Shipped', ['否', 'no', '否', '是']),
    ...some('shop', 'channel', 'paid', 'tags', 'buyerOrders', 'buyerRefunds', 'refundShare', 'blacklisted'),
  ],
  outcomes: [outcome('answer', 'choice', '处理', 'Answer', 'agree', { choices: [choice('agree', '同意', 'agree'), choice('ask', '要人看', 'ask a person'), choice('refuse', '拒绝', 'refuse')] }), outcome('who', 'choice', '谁看', 'Who', 'service', { choices: ROLES, aside: true }), note],
};
export const TABLES: readonly TableKind[] = [APPROVAL, ORDER_REVIEW, HOLD_RELEASE, MERGE, SPLIT, WAREHOUSE, COURIER, FREIGHT, GIFT, TAG, FEE, STOCK_ALERT, AFTER_SALES];
export const tableKind = (name: string): TableKind | undefined => TABLES.find((k) => k.name === name);
