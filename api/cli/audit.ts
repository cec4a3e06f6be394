/** `npm run audit`: rebuilds every projection from its ledger, prints what differs, and ends with 1 when anything does. */
import { auditChecks } from '../runtime/pillars.ts';
import { openCompany } from './open.ts';

const { rt, close } = await openCompany();
let differences = 0;
for (const check of auditChecks) {
  const found = await check.run(rt);
  differences += found.differences.length;
  console.log(`${found.differences.length === 0 ? 'ok  ' : 'DIFF'} ${check.name}: ${found.checked} checked, ${found.differences.length} different`);
  for (const one of found.differences.slice(0, 20)) console.log(`       ${one}`);
}
await close();
process.exitCode = differences === 0 ? 0 : 1;
