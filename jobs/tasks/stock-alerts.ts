import { findAlerts } from '../../api/stock/index.ts';
import type { JobTask } from '../job.ts';

export const stockAlertsTask: JobTask = { name: 'stock-alerts', title: { zh: '查库存提醒并通知', en: 'Find stock alerts and tell them' }, every: '5m', run: (rt) => findAlerts(rt) };
