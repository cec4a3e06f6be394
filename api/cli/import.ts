/** `npm run import -- [--preview] FILE…`: the same as dropping the files in the pane; a folder stands for the files in it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { problemText } from '../contract/problems.ts';
import { importFiles } from '../imports/import-files.ts';
import { openCompany } from './open.ts';

const args = process.argv.slice(2);
const preview = args.includes('--preview');
const paths = args.filter((a) => !a.startsWith('--')).flatMap((path) => (statSync(path).isDirectory() ? readdirSync(path).filter((n) => /\.(csv|xlsx|zip)$/i.test(n)).map((n) => join(path, n)) : [path]));
if (paths.length === 0) {
  console.error('usage: npm run import -- [--preview] FILE…');
  process.exit(2);
}
const { rt, close } = await openCompany({ create: true });
const done = await importFiles(rt, paths.map((path) => ({ name: basename(path), bytes: new Uint8Array(readFileSync(path)) })), preview);
if (done.ok) {
  for (const f of done.value) {
    console.log(`${f.name}  ${f.format}  new ${f.counts.new}  changed ${f.counts.changed}  same ${f.counts.same}  bad ${f.counts.bad}`);
    for (const b of f.bad) console.log(`  ${b.words.zh} · ${b.words.en}`);
  }
} else {
  console.error(`${problemText(done.refusal, 'zh')}  ·  ${problemText(done.refusal, 'en')}`);
  for (const e of done.refusal.errors) console.error(`  ${e.message.zh} · ${e.message.en}`);
}
await close();
process.exitCode = done.ok ? 0 : 1;
