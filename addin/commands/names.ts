/** The ribbon's commands: the same ids in the manifest, in `Office.actions`, and in the workbench's ribbon. */
export const ACTIONS = ['openHome', 'openOrders', 'openStock', 'openSuggestions', 'openProfit', 'openDashboard', 'refreshSheet', 'publishDrafts', 'discardDrafts', 'whySelected'] as const;
export type Action = (typeof ACTIONS)[number];
