import { afterSalesSheet, orderLinesSheet } from './after-sales.ts';
import { alertsSheet } from './alerts.ts';
import { customersSheet } from './customers.ts';
import { dropshipsSheet, suppliersSheet, supplySheet } from './dropships.ts';
import { journalSheet } from './journal.ts';
import { listingsSheet } from './listings.ts';
import { batchesSheet, binsSheet, lotsSheet } from './lots.ts';
import { matchesSheet } from './matches.ts';
import { movementsSheet, warehousesSheet } from './movements.ts';
import { ordersSheet, parcelsSheet } from './orders.ts';
import { noticesSheet, usersSheet } from './people.ts';
import { printTemplatesSheet } from './print-templates.ts';
import { promisesSheet } from './promises.ts';
import { profitSheet } from './profit.ts';
import { purchaseOrdersSheet } from './purchase-orders.ts';
import { receiptsSheet } from './receipts.ts';
import { ruleSheetContracts } from './rules.ts';
import type { Sheet } from './sheet.ts';
import { statementsSheet } from './statements.ts';
import { stocktakeSheet } from './stocktake.ts';
import { skusSheet, stockSheet } from './stock.ts';
import { suggestionsSheet } from './suggestions.ts';

/** All sheets by name; each pillar adds its own line. */
export const SHEETS: readonly Sheet[] = [
  ordersSheet, orderLinesSheet, parcelsSheet, afterSalesSheet, noticesSheet, promisesSheet, ...ruleSheetContracts,
  stockSheet, skusSheet, listingsSheet, movementsSheet, stocktakeSheet, warehousesSheet, lotsSheet, batchesSheet, binsSheet, alertsSheet,
  suggestionsSheet, purchaseOrdersSheet, receiptsSheet, dropshipsSheet, supplySheet, suppliersSheet,
  statementsSheet, matchesSheet, profitSheet, journalSheet,
  customersSheet, usersSheet, printTemplatesSheet,
];

export const sheetByName = (name: string): Sheet | undefined => SHEETS.find((s) => s.name === name);
