/** The pillars, joined: each adds its routes, the sheets that it can publish, and what the audit proves of it. */
import { customersSheetCommands } from '../customers/index.ts';
import { customersBound } from '../customers/routes.ts';
import { checkInventory, checkJournal, checkProfit, checkStatements, statementsSheetCommands } from '../finance/index.ts';
import { financeBound } from '../finance/routes.ts';
import { functionsBound } from '../functions/routes.ts';
import type { Bound } from '../http/bind.ts';
import { importBound } from '../imports/routes.ts';
import { checkCustomers, ordersSheetCommands } from '../orders/index.ts';
import { ordersBound } from '../orders/routes.ts';
import { printingBound } from '../printing/routes.ts';
import { printTemplatesSheetCommands } from '../printing/template-sheet.ts';
import { dropshipBound } from '../purchasing/dropship-routes.ts';
import { dropshipsSheetCommands, purchaseOrdersSheetCommands, suggestionsSheetCommands, suppliersSheetCommands, supplySheetCommands } from '../purchasing/index.ts';
import { purchasingBound } from '../purchasing/routes.ts';
import { ruleSheets } from '../rules/index.ts';
import { ruleBound } from '../rules/routes.ts';
import { withOwnLists } from '../sheets/own-lists.ts';
import { ownBound } from '../sheets/own-routes.ts';
import { withOwn } from '../sheets/own-sheets.ts';
import type { SheetCommands } from '../sheets/commands.ts';
import { checkCosts, checkLots, listingsSheetCommands, rebuildPositions, skusSheetCommands, stockSheetCommands, stocktakeSheetCommands } from '../stock/index.ts';
import { stockCountBound } from '../stock/routes-count.ts';
import { stockWorkBound } from '../stock/routes-work.ts';
import { stockBound } from '../stock/routes.ts';
import { whyBound } from '../why/routes.ts';
import type { Runtime } from './runtime.ts';

const pillarRoutes = (rt: Runtime): Bound[] => [...ruleBound(rt), ...stockBound(rt), ...stockWorkBound(rt), ...stockCountBound(rt), ...customersBound(rt), ...ordersBound(rt), ...purchasingBound(rt), ...dropshipBound(rt), ...printingBound(rt), ...financeBound(rt), ...functionsBound(rt), ...importBound(rt)];
export const pillarBound = (rt: Runtime): Bound[] => { const bound = withOwnLists([...ownBound(rt), ...pillarRoutes(rt)]); return [...bound, ...whyBound(rt, bound)]; };
export const pillarSheets: readonly SheetCommands[] = withOwn([...ruleSheets, stockSheetCommands, skusSheetCommands, listingsSheetCommands, stocktakeSheetCommands, customersSheetCommands, ordersSheetCommands, suggestionsSheetCommands, purchaseOrdersSheetCommands, dropshipsSheetCommands, supplySheetCommands, suppliersSheetCommands, printTemplatesSheetCommands, statementsSheetCommands]);

/** What `npm run audit` proves: a projection rebuilt from its ledger, and each difference in words. */
export type AuditCheck = { readonly name: string; readonly run: (rt: Runtime) => Promise<{ readonly checked: number; readonly differences: readonly string[] }> };
export const auditChecks: readonly AuditCheck[] = [
  { name: 'stock positions', run: () => rebuildPositions() },
  { name: 'stock costs', run: () => checkCosts() },
  { name: 'bins, batches, serials', run: () => checkLots() },
  { name: 'customers', run: () => checkCustomers() },
  { name: 'journal', run: () => checkJournal() },
  { name: 'profit', run: () => checkProfit() },
  { name: 'inventory in the books', run: (rt) => checkInventory(rt) },
  { name: 'payment accounts', run: () => checkStatements() },
];
