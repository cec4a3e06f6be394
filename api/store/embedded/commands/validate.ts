import { Int32, Long } from 'bson';
import { checking } from '../check.ts';
import { finished } from '../rows.ts';
import { collectionOf } from './ddl.ts';
import type { Command } from './read.ts';

/** Proves each index of a collection against its documents. */
export const validate: Command = async (engine, command, db, call) => {
  const collection = collectionOf(engine, db, command['validate']);
  const found = await finished(checking(engine.storage, collection), () => call.op.check());
  return {
    ns: collection.ns, nInvalidDocuments: Long.fromNumber(found.unreadable), nrecords: Long.fromNumber(found.documents), nIndexes: new Int32(collection.indexes.length),
    keysPerIndex: Object.fromEntries(found.indexes.map((i) => [i.name, Long.fromNumber(i.keys)])), indexDetails: Object.fromEntries(found.indexes.map((i) => [i.name, { valid: i.differences === 0 }])),
    valid: found.errors.length === 0, repaired: false, warnings: [], errors: found.errors, extraIndexEntries: [], missingIndexEntries: [], corruptRecords: [], ok: 1,
  };
};
