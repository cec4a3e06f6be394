/** A field that a command does not have is refused by its name, never left out. Source: mongodb/mongo r7.0, the commands' .idl files. */
import { MongoError } from '../errors.ts';
import { isDoc, type Doc } from '../values.ts';

const GENERIC = [
  '$db', 'lsid', 'txnNumber', 'autocommit', 'startTransaction', '$clusterTime', 'readConcern', 'writeConcern', '$readPreference', 'maxTimeMS', 'maxTimeMSOpOnly', 'comment', 'apiVersion', 'apiStrict', 'apiDeprecationErrors', '$audit', '$client', '$configServerState',
  'allowImplicitCollectionCreation', '$oplogQueryData', '$queryOptions', 'shardVersion', 'databaseVersion', 'stmtId', 'stmtIds', 'coordinator', 'recoveryToken', 'mayBypassWriteBlocking', 'rawData',
];
const WRITE = ['ordered', 'bypassDocumentValidation', 'isTimeseriesNamespace', 'collectionUUID', 'encryptionInformation'];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  insert: ['documents', ...WRITE], update: ['updates', 'let', ...WRITE], delete: ['deletes', 'let', ...WRITE],
  find: ['filter', 'projection', 'sort', 'hint', 'skip', 'limit', 'batchSize', 'singleBatch', 'max', 'min', 'returnKey', 'showRecordId', 'tailable', 'oplogReplay', 'noCursorTimeout', 'awaitData', 'allowPartialResults', 'allowDiskUse', 'collation', 'let', 'term'],
  findAndModify: ['query', 'sort', 'remove', 'update', 'new', 'fields', 'upsert', 'bypassDocumentValidation', 'collation', 'arrayFilters', 'hint', 'let', 'encryptionInformation'],
  aggregate: ['pipeline', 'explain', 'allowDiskUse', 'cursor', 'bypassDocumentValidation', 'collation', 'hint', 'let', 'needsMerge', 'fromMongos', 'exchange', 'isMapReduceCommand', 'collectionUUID'],
  count: ['query', 'limit', 'skip', 'hint', 'collation', 'fields', 'queryOptions', 'collectionUUID'], distinct: ['key', 'query', 'collation', 'hint'], getMore: ['collection', 'batchSize', 'term', 'lastKnownCommittedOpTime'], killCursors: ['cursors'],
};
const STATEMENT: Readonly<Record<string, { readonly list: string; readonly fields: readonly string[] }>> = {
  update: { list: 'updates', fields: ['q', 'u', 'c', 'arrayFilters', 'hint', 'multi', 'upsert', 'upsertSupplied', 'collation', 'sampleId', 'allowShardKeyUpdatesWithoutFullShardKeyInQuery'] },
  delete: { list: 'deletes', fields: ['q', 'limit', 'hint', 'collation', 'sampleId'] },
};
const unknown = (path: string): MongoError => new MongoError(40415, 'Location40415', `BSON field '${path}' is an unknown field.`);
const KNOWN = new Map(Object.entries(FIELDS).map(([name, own]) => [name, new Set([name, ...own, ...GENERIC])]));
const ALIASES: Readonly<Record<string, string>> = { findandmodify: 'findAndModify' };

export function refuseUnknownFields(command: Doc, given: string): void {
  const name = ALIASES[given] ?? given;
  const known = KNOWN.get(name);
  if (!known) return;
  for (const key of Object.keys(command)) if (!known.has(key) && key !== given) throw unknown(`${name}.${key}`);
  const statement = STATEMENT[name];
  const list = statement && command[statement.list];
  if (!statement || !Array.isArray(list)) return;
  for (const one of list as unknown[]) if (isDoc(one)) for (const key of Object.keys(one)) if (!statement.fields.includes(key)) throw unknown(`${name}.${statement.list}.${key}`);
}
