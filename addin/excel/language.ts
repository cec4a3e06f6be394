/** Resolves when Office is there; its display language decides ours. */
export async function officeLanguage(): Promise<'zh' | 'en'> {
  await Office.onReady();
  return Office.context.displayLanguage?.toLowerCase().startsWith('en') ? 'en' : 'zh';
}
