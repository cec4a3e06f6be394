/** The door of the finance pillar. */
export { statementsSheetCommands } from './sheet.ts';
export { accountBalance, lastBooked, moneyOfShop, payableTo, type ShopMoney } from './store/summary.view.ts';
export { fetchBills, storeBill, type BillCounts } from './workflows/bills.ts';
export { checkInventory, checkJournal, checkProfit, checkStatements } from './workflows/check-books.ts';
export { postJournal } from './workflows/post-journal.ts';
export { reconcileBills } from './workflows/reconcile-bills.ts';
export { financeWhy } from './store/explain.view.ts';
