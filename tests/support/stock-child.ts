/** A second process on one store: reserves and ships one piece at a time until nothing is left, and says how many it got. */
import mongoose from 'mongoose';
import { compose } from '../../api/runtime/compose.ts';
import { readConfig } from '../../api/runtime/config.ts';
import { makeLog } from '../../api/runtime/log.ts';
import { issueShipment, reserve } from '../../api/stock/index.ts';

const [uri, database, dataDir, skuCode, name, asks] = process.argv.slice(2) as [string, string, string, string, string, string];
const { rt } = compose(readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }), { log: makeLog('silent') });
await mongoose.connect(uri, { dbName: database, maxPoolSize: 16 });
process.stdout.write('ready\n');
await new Promise<void>((resolve) => process.stdin.once('data', () => resolve()));
const got = await Promise.all(Array.from({ length: Number(asks) }, async (_, i) => {
  const parcelId = `pcl_${name}_${i}`;
  const held = await rt.transact((session) => reserve(rt, session, { parcelId, warehouseCode: 'HZ', lines: [{ skuCode, quantity: 1 }] }));
  if (!held.ok) return 0;
  if (i % 2 === 0) await rt.transact((session) => issueShipment(rt, session, { parcelId, at: rt.clock.now(), by: name }));
  return 1;
}));
process.stdout.write(`got ${got.reduce<number>((n, g) => n + g, 0)}\n`);
await mongoose.disconnect();
process.exit(0);
