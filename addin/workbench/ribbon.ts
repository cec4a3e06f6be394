/** The Suanpan tab: the same groups and buttons, by the same ids, as the manifest gives to Excel. */
type Button = { readonly id: string; readonly zh: string; readonly en: string };
export const RIBBON: readonly (readonly Button[])[] = [
  [{ id: 'openHome', zh: '今天', en: 'Today' }, { id: 'openOrders', zh: '订单', en: 'Orders' }, { id: 'openStock', zh: '库存', en: 'Stock' }, { id: 'openSuggestions', zh: '采购建议', en: 'Suggestions' }, { id: 'openProfit', zh: '利润', en: 'Profit' }, { id: 'openDashboard', zh: '看板', en: 'Dashboard' }],
  [{ id: 'openCustomers', zh: '客户', en: 'Customers' }, { id: 'openReconciliation', zh: '对账', en: 'Reconcile' }, { id: 'openRules', zh: '规则', en: 'Rules' }, { id: 'openActivity', zh: '动态', en: 'Activity' }, { id: 'openSettings', zh: '设置', en: 'Settings' }],
  [{ id: 'refreshSheet', zh: '刷新', en: 'Refresh' }, { id: 'publishDrafts', zh: '发布', en: 'Publish' }, { id: 'discardDrafts', zh: '放弃草稿', en: 'Discard' }, { id: 'whySelected', zh: '为什么', en: 'Why' }],
  [{ id: 'tryRules', zh: '试算规则', en: 'Try rules' }, { id: 'publishRules', zh: '发布规则', en: 'Publish rules' }, { id: 'printSlips', zh: '打印发货单', en: 'Print slips' }],
];

export function drawRibbon(root: HTMLElement, lang: 'zh' | 'en', run: (id: string) => void, files: { readonly open: (file: File) => void; readonly save: () => void; readonly language: (to: 'zh' | 'en') => void }): void {
  const make = (tag: string, className: string, words = ''): HTMLElement => Object.assign(document.createElement(tag), { className, textContent: words });
  const name = make('div', 'name');
  name.append(Object.assign(document.createElement('img'), { src: 'assets/icon-32.png', width: 22, height: 22, alt: '' }), lang === 'zh' ? '算盘' : 'Suanpan');
  root.replaceChildren(name);
  for (const buttons of RIBBON) {
    const group = make('div', 'group');
    for (const button of buttons) {
      const made = make('button', '', button[lang]) as HTMLButtonElement;
      made.type = 'button';
      made.dataset['action'] = button.id;
      made.addEventListener('click', () => run(button.id));
      group.append(made);
    }
    root.append(group);
  }
  const other = make('div', 'group lang');
  const change = make('button', '', lang === 'zh' ? 'English' : '中文') as HTMLButtonElement;
  change.type = 'button';
  change.addEventListener('click', () => files.language(lang === 'zh' ? 'en' : 'zh'));
  const pick = Object.assign(document.createElement('input'), { type: 'file', accept: '.xlsx', hidden: true });
  pick.addEventListener('change', () => { const file = pick.files?.[0]; if (file) files.open(file); pick.value = ''; });
  const button = (id: string, words: string, work: () => void): HTMLElement => { const made = Object.assign(make('button', '', words), { type: 'button' }); made.dataset['file'] = id; made.addEventListener('click', work); return made; };
  other.append(button('open', lang === 'zh' ? '打开 xlsx' : 'Open xlsx', () => pick.click()), button('save', lang === 'zh' ? '下载 xlsx' : 'Download xlsx', files.save), pick, change);
  root.append(other);
}

type Control = { readonly id: string; readonly enabled?: boolean };
type Update = { readonly tabs?: readonly { readonly groups?: readonly { readonly controls?: readonly Control[] }[]; readonly controls?: readonly Control[] }[] };
/** `Office.ribbon.requestUpdate`: buttons are enabled and disabled by their ids. */
export function enableRibbon(update: unknown): void {
  for (const tab of (update as Update).tabs ?? []) for (const control of [...(tab.controls ?? []), ...(tab.groups ?? []).flatMap((g) => g.controls ?? [])]) {
    const button = document.querySelector<HTMLButtonElement>(`#ribbon button[data-action="${CSS.escape(control.id.replace(/^Suanpan\./, ''))}"]`);
    if (button && control.enabled !== undefined) button.disabled = !control.enabled;
  }
}
