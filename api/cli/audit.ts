/**
 * `npm run audit`: rebuilds every projection from its ledger, prints what differs, and ends with 1 when anything does.
 * `-- --store`: proves each index of the store against its documents instead.
 */
import { auditChecks } from '../runtime/pillars.ts';
import { provedIndexes } from '../store/connection.ts';
import { openCompany } from './open.ts';

const { rt, close } = await openCompany();
let differences = 0;
function say(name: string, what: string, wrong: readonly string[]): void {
  differences += wrong.length;
  console.log(`${wrong.length === 0 ? 'ok  ' : 'DIFF'} ${name}: ${what}, ${wrong.length} different`);
  for (const one of wrong.slice(0, 20)) console.log(`       ${one}`);
}
if (process.argv.includes('--store')) {
  for await (const { collection, documents, indexes, errors } of provedIndexes()) say(collection, `${documents} documents under ${indexes} indexes`, errors);
} else {
  for (const check of auditChecks) {
    const found = await check.run(rt);
    say(check.name, `${found.checked} checked`, found.differences);
  }
}
await close();
process.exitCode = differences === 0 ? 0 : 1;
