/** The ribbon's commands: the same ids in the manifest, in `Office.actions`, and in the workbench's ribbon. */
export const ACTIONS = [
  'openHome', 'openOrders', 'openStock', 'openSuggestions', 'openProfit', 'openDashboard', 'openCustomers', 'openReconciliation', 'openRules', 'openActivity', 'openSettings',
  'refreshSheet', 'publishDrafts', 'discardDrafts', 'whySelected', 'tryRules', 'publishRules', 'printSlips',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Keys of commands, with the pane closed too. Excel keeps F1 and most of Ctrl with a letter for itself; discarding is nothing for a slip of the finger. */
export const SHORTCUTS: readonly { readonly action: Action; readonly zh: string; readonly en: string; readonly key: string }[] = [
  { action: 'openHome', zh: '打开今天', en: 'Open Today', key: 'Ctrl+Alt+H' }, { action: 'refreshSheet', zh: '刷新', en: 'Refresh', key: 'Ctrl+Alt+R' }, { action: 'publishDrafts', zh: '发布', en: 'Publish', key: 'Ctrl+Alt+P' },
  { action: 'whySelected', zh: '为什么', en: 'Why', key: 'Ctrl+Alt+Y' }, { action: 'tryRules', zh: '试算规则', en: 'Try rules', key: 'Ctrl+Alt+T' }, { action: 'printSlips', zh: '打印发货单', en: 'Print slips', key: 'Ctrl+Alt+L' },
];
/** What Excel reads at the manifest's `ExtendedOverrides` (KeyboardShortcuts 1.1): every action was associated with its command. */
export const SHORTCUT_FILE = {
  actions: SHORTCUTS.map((s) => ({ id: s.action, type: 'ExecuteFunction', name: `${s.zh} · ${s.en}` })),
  shortcuts: SHORTCUTS.map((s) => ({ action: s.action, key: { default: s.key, mac: s.key.replace('Ctrl', 'Command') } })),
} as const;
