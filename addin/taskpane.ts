import { officeLanguage } from './excel/language.ts';
import { startAddin } from './start.ts';

const lang = await officeLanguage();
document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
await startAddin(document.getElementById('pane')!, lang);
