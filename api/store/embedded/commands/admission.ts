/** What a command may ask beside its own fields: a declared API version, and a snapshot outside a transaction. Source: the manual, "Stable API" and "Read Concern snapshot". */
import { MongoError } from '../errors.ts';
import { isDoc, type Doc } from '../values.ts';

const STABLE = new Set([
  'abortTransaction', 'aggregate', 'authenticate', 'bulkWrite', 'collMod', 'commitTransaction', 'count', 'create', 'createIndexes', 'delete', 'drop', 'dropDatabase', 'dropIndexes', 'endSessions', 'explain', 'find', 'findAndModify', 'findandmodify', 'getMore', 'hello', 'insert',
  'killCursors', 'listCollections', 'listDatabases', 'listIndexes', 'ping', 'refreshSessions', 'saslContinue', 'saslStart', 'update',
]);
const UNSTABLE_STAGES = new Set(['$currentOp', '$indexStats', '$listLocalSessions', '$listSessions', '$planCacheStats', '$search']);
const SNAPSHOT_READS = new Set(['find', 'aggregate', 'distinct']);
const strictly = (message: string): MongoError => new MongoError(323, 'APIStrictError', `Provided apiStrict:true, but ${message}`);

export function refuseUnfit(command: Doc, name: string): void {
  const version = command['apiVersion'];
  if (version === undefined && (command['apiStrict'] !== undefined || command['apiDeprecationErrors'] !== undefined)) throw new MongoError(4886600, 'Location4886600', 'Provided apiStrict and/or apiDeprecationErrors without passing apiVersion');
  if (version !== undefined && version !== '1') throw new MongoError(322, 'APIVersionError', 'API version must be "1"');
  if (command['apiStrict'] === true) {
    if (!STABLE.has(name)) throw strictly(`the command ${name} is not in API Version 1`);
    const stages = Array.isArray(command['pipeline']) ? (command['pipeline'] as unknown[]) : [];
    const stage = stages.flatMap((s) => (isDoc(s) ? Object.keys(s) : [])).find((s) => UNSTABLE_STAGES.has(s));
    if (stage) throw strictly(`stage ${stage} is not in API Version 1`);
  }
  const concern = command['readConcern'];
  if (command['autocommit'] !== false && isDoc(concern) && concern['level'] === 'snapshot' && !SNAPSHOT_READS.has(name)) throw new MongoError(72, 'InvalidOptions', `Command ${name} does not support { readConcern: { level: "snapshot" } }`);
}
