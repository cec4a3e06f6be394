import { postJournal } from '../../api/finance/index.ts';
import type { JobTask } from '../job.ts';

export const postJournalTask: JobTask = { name: 'post-journal', title: { zh: '记账', en: 'Post the journal' }, every: '1m', run: (rt) => postJournal(rt) };
