/** Where a language that a person chose is kept, in the workbench too. */
export const CHOSEN = 'suanpan.lang';
/** Resolves when Office is there; its display language decides ours. */
export async function officeLanguage(): Promise<'zh' | 'en'> {
  await Office.onReady();
  // Chosen in the pane: it stands above Office's own.
  const chosen = localStorage.getItem(CHOSEN);
  if (chosen) return chosen === 'en' ? 'en' : 'zh';
  return Office.context.displayLanguage?.toLowerCase().startsWith('en') ? 'en' : 'zh';
}
