import { customersSheet } from './customers.ts';
import { orderReviewSheet } from './order-review.ts';
import { ordersSheet, parcelsSheet } from './orders.ts';
import type { Sheet } from './sheet.ts';
import { skusSheet, stockSheet } from './stock.ts';

/** All sheets by name; each pillar adds its own line. */
export const SHEETS: readonly Sheet[] = [
  ordersSheet, parcelsSheet, orderReviewSheet,
  stockSheet, skusSheet,
  customersSheet,
];

export const sheetByName = (name: string): Sheet | undefined => SHEETS.find((s) => s.name === name);
