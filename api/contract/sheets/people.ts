import { ROLES } from '../decision-tables/index.ts';
import { sheet } from './sheet.ts';

export const noticesSheet = sheet({
  name: 'notices', noun: 'notices', title: { zh: '异常', en: 'Exceptions' }, empty: { zh: '没有异常。', en: 'No exceptions.' },
  order: [{ field: 'closedAt' }, { field: 'at', descending: true }],
  columns: [
    { key: 'kind', field: 'kind', kind: 'text', title: { zh: '类型', en: 'Kind' }, width: 18, frozen: true },
    { key: 'subject', field: 'subject', kind: 'id', title: { zh: '对象', en: 'Subject' }, width: 28 },
    { key: 'words', field: 'words', kind: 'why', title: { zh: '说明', en: 'What' }, width: 50 },
    { key: 'count', field: 'count', kind: 'quantity', title: { zh: '次数', en: 'Times' }, width: 8 },
    { key: 'at', field: 'at', kind: 'instant', title: { zh: '最近一次', en: 'Last seen' }, width: 16 },
    { key: 'closedAt', field: 'closedAt', kind: 'instant', title: { zh: '结束', en: 'Closed' }, width: 16 },
  ],
});
export const usersSheet = sheet({
  name: 'users', noun: 'users', title: { zh: '用户', en: 'Users' }, order: [{ field: 'name' }],
  columns: [
    { key: 'name', field: 'name', kind: 'text', title: { zh: '名字', en: 'Name' }, width: 18, frozen: true },
    { key: 'role', field: 'role', kind: 'status', title: { zh: '角色', en: 'Role' }, width: 12, choices: ROLES },
    { key: 'createdAt', field: 'createdAt', kind: 'instant', title: { zh: '开通时间', en: 'Since' }, width: 16 },
    { key: 'disabled', field: 'disabled', kind: 'tick', title: { zh: '停用', en: 'Disabled' }, width: 8 },
  ],
});
