import { takeInbox } from '../../api/imports/take-inbox.ts';
import type { JobTask } from '../job.ts';

export const importInboxTask: JobTask = { name: 'import-inbox', title: { zh: '导入收件夹里的文件', en: 'Import files from the inbox' }, every: '1m', run: (rt, signal) => takeInbox(rt, signal), then: ['review-orders', 'reconcile-bills'] };
