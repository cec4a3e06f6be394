/**
 * Takes the files of DATA_DIR/inbox/ in. Each goes to done/, or to refused/ with a text that says why beside it.
 * A kill between reading and moving only means that the file is read once more: twice the same changes nothing.
 */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { problemText } from '../contract/problems.ts';
import { localTimeText } from '../contract/values/time.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { importFiles } from './import-files.ts';

/** A file that changed so lately may still be being copied. */
const QUIET_MS = 3_000;
type Outcome = { readonly ok: boolean; readonly words: readonly string[] };

export async function takeInbox(rt: Runtime, signal: AbortSignal): Promise<{ done: number; refused: number }> {
  const inbox = join(rt.config.dataDir, 'inbox');
  const counts = { done: 0, refused: 0 };
  await Promise.all(['done', 'refused'].map((f) => mkdir(join(inbox, f), { recursive: true })));
  // What is refused at first may be the lines of orders that come behind: it gets a second chance.
  let waiting = (await readdir(inbox, { withFileTypes: true })).filter((f) => f.isFile() && !f.name.startsWith('.')).map((f) => f.name).sort();
  const last = new Map<string, Outcome>();
  for (const turn of [1, 2]) {
    const again: string[] = [];
    for (const name of waiting) {
      if (signal.aborted || !(await isQuiet(rt, join(inbox, name)))) continue;
      const outcome = await takeOne(rt, join(inbox, name), name);
      last.set(name, outcome);
      if (!outcome.ok && turn === 1) { again.push(name); continue; }
      await putAway(rt, inbox, name, outcome);
      counts[outcome.ok ? 'done' : 'refused'] += 1;
    }
    waiting = again;
  }
  return counts;
}

async function isQuiet(rt: Runtime, path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Math.abs(rt.clock.now().getTime() - found.mtimeMs) >= QUIET_MS;
}

async function takeOne(rt: Runtime, path: string, name: string): Promise<Outcome> {
  const files = [{ name, bytes: new Uint8Array(await readFile(path)) }];
  // Seen first: of a file with one bad row nothing is written, as in the pane.
  for (const preview of [true, false]) {
    const done = await importFiles(rt, files, preview, 'inbox');
    if (!done.ok) return { ok: false, words: [problemText(done.refusal, 'zh'), problemText(done.refusal, 'en'), ...done.refusal.errors.map((e) => `${e.message.zh} · ${e.message.en}`)] };
    const open = done.value.find((f) => f.choose);
    if (open) return { ok: false, words: [`有几个可能的店铺或账户：${open.choose!.map((c) => c.name).join('、')}。请在设置里导入并选择。 · It may be of ${open.choose!.map((c) => c.name).join(', ')}: import it in the settings and choose.`] };
    const bad = done.value.flatMap((f) => f.bad.map((b) => `${b.words.zh} · ${b.words.en}`));
    if (bad.length > 0) return { ok: false, words: bad };
  }
  return { ok: true, words: [] };
}

async function putAway(rt: Runtime, inbox: string, name: string, outcome: Outcome): Promise<void> {
  const stamp = localTimeText(rt.clock.now()).replace(/[-:]/g, '').replace(' ', '-');
  const target = join(inbox, outcome.ok ? 'done' : 'refused', `${stamp} ${name}`);
  if (!outcome.ok) await writeFile(`${target}.reason.txt`, `${outcome.words.join('\n')}\n`);
  await rename(join(inbox, name), target);
}
