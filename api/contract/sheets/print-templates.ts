import { sheet } from './sheet.ts';

const set = { command: 'set-template', right: 'settings:write' } as const;
export const printTemplatesSheet = sheet({
  name: 'print-templates', noun: 'print-templates', title: { zh: '单据样式', en: 'Print layout' }, order: [{ field: 'document' }, { field: 'position' }],
  columns: [
    { key: 'document', field: 'document', kind: 'choice', title: { zh: '单据', en: 'Document' }, width: 10, frozen: true, choices: [{ value: 'slip', zh: '发货单', en: 'slip' }, { value: 'label', zh: '面单', en: 'waybill' }, { value: 'pick-list', zh: '拣货单', en: 'pick list' }, { value: 'sku-label', zh: '货品标签', en: 'label of goods' }] },
    { key: 'title', field: 'title', kind: 'why', title: { zh: '字段', en: 'Field' }, width: 28 },
    { key: 'position', field: 'position', kind: 'quantity', title: { zh: '顺序', en: 'Order' }, width: 8, editable: { ...set, required: true, min: 0, max: 999 } },
    { key: 'shown', field: 'shown', kind: 'tick', title: { zh: '印', en: 'Shown' }, width: 8, editable: set },
    { key: 'zh', field: 'zh', kind: 'text', title: { zh: '文字（中文）', en: 'Words (Chinese)' }, width: 26, editable: { ...set, maxLength: 120 } },
    { key: 'en', field: 'en', kind: 'text', title: { zh: '文字（英文）', en: 'Words (English)' }, width: 26, editable: { ...set, maxLength: 120 } },
    { key: 'size', field: 'size', kind: 'quantity', title: { zh: '大小', en: 'Size' }, width: 8, editable: { ...set, min: 0, max: 80 } },
    { key: 'rule', field: 'rule', kind: 'tick', title: { zh: '下面画线', en: 'Line under it' }, width: 11, editable: set },
  ],
});
