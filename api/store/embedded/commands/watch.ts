import type { Context } from '../aggregate.ts';
import { ChangeStream, type Scope } from '../change-stream.ts';
import { collationOf } from '../collation.ts';
import { isDerived, notOnView } from '../derived.ts';
import { FIRST_BATCH } from '../cursors.ts';
import { MongoError } from '../errors.ts';
import { isDoc, truthy, type Doc } from '../values.ts';
import { View } from '../view.ts';
import { numberOf, RawBatch, variablesOf, type Command } from './read.ts';

/** An aggregate whose first stage is `$changeStream`. */
export const watch: Command = async (engine, command, db, call) => {
  const [first, ...rest] = command['pipeline'] as Doc[];
  const spec = first?.['$changeStream'];
  if (!isDoc(spec)) throw new MongoError(50808, 'Location50808', '$changeStream stage expects a document as argument');
  if (command['autocommit'] === false) throw new MongoError(263, 'OperationNotSupportedInTransaction', 'Stage not supported inside of a multi-document transaction: $changeStream');
  if (Object.keys(first!).length !== 1) throw new MongoError(40323, 'Location40323', 'A pipeline stage specification object must contain exactly one field.');
  const scope = scopeOf(command, spec, db);
  const view = new View(engine.ground);
  const context: Context = { view, catalog: view, db, variables: variablesOf(command), examined: { keys: 0, docs: 0 }, text: collationOf(command['collation']) };
  const ns = `${db}.${scope.name ?? '$cmd.aggregate'}`;
  if (isDerived(engine.catalog.get(ns))) throw notOnView(ns, '$changeStream is not supported on it');
  const stream = new ChangeStream(engine.ground, scope, spec, rest, context);
  await engine.storage.flushed();
  const cursor = command['cursor'];
  const size = isDoc(cursor) && 'batchSize' in cursor ? numberOf(cursor['batchSize'], FIRST_BATCH) : FIRST_BATCH;
  const batch = await engine.cursors.follow(ns, stream, size, call.op);
  return { cursor: { firstBatch: new RawBatch(batch.rows), postBatchResumeToken: batch.token, id: batch.id, ns }, ok: 1 };
};

function scopeOf(command: Doc, spec: Doc, db: string): Scope {
  const name = typeof command['aggregate'] === 'string' ? command['aggregate'] : undefined;
  if (truthy(spec['allChangesForCluster'])) {
    if (db !== 'admin' || name !== undefined) throw new MongoError(72, 'InvalidOptions', "A $changeStream with 'allChangesForCluster:true' may only be opened on the 'admin' database, and with no collection name");
    return { db: undefined, name: undefined };
  }
  if (['admin', 'config', 'local'].includes(db)) throw new MongoError(73, 'InvalidNamespace', `$changeStream may not be opened on the internal ${db} database`);
  if (name?.startsWith('system.')) throw new MongoError(73, 'InvalidNamespace', `$changeStream may not be opened on the internal ${db}.${name} collection`);
  return { db, name };
}
