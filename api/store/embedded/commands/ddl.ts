/** Collections and indexes: made, listed, changed, dropped. */
import { Binary, Int32, Long } from 'bson';
import { ID_INDEX, type Collection, type Index } from '../catalog.ts';
import type { Engine } from '../engine.ts';
import { badValue, MongoError, typeMismatch } from '../errors.ts';
import { compileStages, namedStages } from '../aggregate.ts';
import { derivedOptions, isDerived, notOnView, resolved } from '../derived.ts';
import { compileFilter } from '../match.ts';
import { fullCollation } from '../collation.ts';
import { checkValidation } from '../validation.ts';
import { encode, equal, isDoc, isNumber, toDouble, truthy, type Doc, type Value } from '../values.ts';
import { View } from '../view.ts';
import { RawBatch, type Command } from './read.ts';

/** Options of a collection that are not there: each is refused by its name. */
const REFUSED = ['capped', 'timeseries', 'encryptedFields', 'expireAfterSeconds'];
const KEPT = ['validator', 'validationLevel', 'validationAction', 'changeStreamPreAndPostImages', 'collation', 'storageEngine', 'indexOptionDefaults', 'clusteredIndex'];
const INDEX_OPTIONS = new Set([
  'key', 'name', 'unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds', 'background', 'v', 'hidden', 'collation', 'ns', 'comment', 'commitQuorum', 'storageEngine', 'prepareUnique', 'dropDups',
  'weights', 'default_language', 'language_override', 'textIndexVersion', '2dsphereIndexVersion', 'bits', 'min', 'max', 'wildcardProjection', 'bucketSize',
]);

const nsOf = (db: string, name: Value): string => {
  if (typeof name !== 'string') throw new MongoError(73, 'InvalidNamespace', `collection name has invalid type ${typeof name}`);
  return `${db}.${name}`;
};
export function collectionOf(engine: Engine, db: string, name: Value): Collection {
  const found = engine.catalog.get(nsOf(db, name));
  if (!found) throw new MongoError(26, 'NamespaceNotFound', `ns does not exist: ${nsOf(db, name)}`);
  return found;
}
const notInTransaction = (command: Doc, name: string): void => {
  if (command['autocommit'] === false) throw new MongoError(263, 'OperationNotSupportedInTransaction', `Cannot run '${name}' in a multi-document transaction.`);
};
const listed = async (engine: Engine, ns: string, rows: readonly Doc[], command: Doc): Promise<Doc> => {
  const size = isDoc(command['cursor']) && isNumber(command['cursor']['batchSize']) ? toDouble(command['cursor']['batchSize']) : Infinity;
  const batch = await engine.cursors.first(ns, { rows: rows.map((r) => encode(r)).values() }, size, false);
  return { cursor: { id: batch.id, ns, firstBatch: new RawBatch(batch.rows) }, ok: 1 };
};

const listCollections: Command = (engine, command, db) => {
  const test = compileFilter((command['filter'] as Doc | undefined) ?? {});
  const full = engine.catalog.list(db).map((c) => ({
    name: c.name, type: isDerived(c) ? 'view' : 'collection', options: shownOptions(c),
    ...(isDerived(c) ? { info: { readOnly: true } } : { info: { readOnly: false, uuid: new Binary(c.uuid, 4) }, ...(c.options['clusteredIndex'] ? {} : { idIndex: { v: new Int32(2), key: { _id: new Int32(1) }, name: ID_INDEX } }) }),
  }));
  const rows = full.filter((row) => test(row));
  return listed(engine, `${db}.$cmd.listCollections`, truthy(command['nameOnly']) ? rows.map(({ name, type }) => ({ name, type })) : rows, command);
};
const shownOptions = (c: Collection): Doc => (isDoc(c.options) ? c.options : {});

const indexShown = (i: Index, c: Collection): Doc => {
  if (i.name === ID_INDEX && isDoc(c.options['clusteredIndex'])) return { ...c.options['clusteredIndex'], clustered: true };
  const rest = Object.fromEntries(Object.entries(i.options).filter(([k]) => !['id', 'multikey', 'idMultikey', 'unique', 'sparse', 'v', 'key', 'name', 'ns'].includes(k)));
  return { v: new Int32(2), key: i.key, name: i.name, ...(i.unique && i.name !== ID_INDEX ? { unique: true } : {}), ...(i.sparse ? { sparse: true } : {}), ...(i.fields.some((f) => f.kind === '2dsphere') ? { '2dsphereIndexVersion': new Int32(3) } : {}), ...(i.name === ID_INDEX && c.options['collation'] ? { collation: c.options['collation'] } : {}), ...rest };
};
const listIndexes: Command = (engine, command, db) => {
  const collection = collectionOf(engine, db, command['listIndexes']);
  if (isDerived(collection)) throw notOnView(collection.ns, 'it has no indexes');
  return listed(engine, collection.ns, collection.indexes.map((i) => indexShown(i, collection)), command);
};

function checkedSpecs(command: Doc): Doc[] {
  const specs = command['indexes'];
  if (!Array.isArray(specs) || specs.length === 0) throw badValue('Must specify at least one index to create');
  for (const spec of specs as Doc[]) {
    if (!isDoc(spec)) throw typeMismatch('The elements of the \'indexes\' array must be objects');
    if (!isDoc(spec['key'])) throw new MongoError(9, 'FailedToParse', "The 'key' field is a required property of an index specification");
    if (typeof spec['name'] !== 'string') throw new MongoError(9, 'FailedToParse', "The 'name' field is a required property of an index specification");
    const unknown = Object.keys(spec).find((k) => !INDEX_OPTIONS.has(k));
    if (unknown) throw new MongoError(197, 'InvalidIndexSpecificationOption', `The field '${unknown}' is not valid for an index specification`);
    if (truthy(spec['hidden']) && equal(spec['key'], { _id: 1 })) throw badValue("can't hide _id index");
    checkExpiry(spec);
    if (truthy(spec['sparse']) && spec['partialFilterExpression'] !== undefined) throw new MongoError(67, 'CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options');
  }
  return specs as Doc[];
}
function checkExpiry(spec: Doc): void {
  const seconds = spec['expireAfterSeconds'];
  if (seconds === undefined) return;
  if (!isNumber(seconds) || toDouble(seconds) < 0 || toDouble(seconds) > 2 ** 31 - 1) throw new MongoError(67, 'CannotCreateIndex', `TTL index 'expireAfterSeconds' option must be within an acceptable range, try a lower number. Index spec: ${JSON.stringify(spec)}`);
  if (Object.keys(spec['key'] as Doc).length > 1) throw new MongoError(67, 'CannotCreateIndex', 'TTL indexes are single-field indexes, compound indexes do not support TTL.');
}

const createIndexes: Command = async (engine, command, db, call) => {
  const ns = nsOf(db, command['createIndexes']);
  const specs = checkedSpecs(command);
  if (command['autocommit'] === false) return createInTransaction(engine, command, ns, specs);
  const existed = engine.catalog.get(ns);
  if (isDerived(existed)) throw notOnView(ns, 'it cannot have indexes');
  if (!existed) {
    const view = new View(engine.ground);
    const made = engine.addIndexes(view, engine.open(view, ns), specs);
    view.commit();
    return { numIndexesBefore: new Int32(1), numIndexesAfter: new Int32(made.indexes.length), createdCollectionAutomatically: true, ok: 1 };
  }
  const before = existed.indexes.length;
  await engine.createIndexes(ns, specs, () => call.op.check());
  const after = engine.catalog.get(ns)?.indexes.length ?? before;
  return { numIndexesBefore: new Int32(before), numIndexesAfter: new Int32(after), createdCollectionAutomatically: false, ...(after === before ? { note: 'all indexes already exist' } : {}), ok: 1 };
};
/** In a transaction only a collection that is new or empty may get indexes. Source: the manual, "Operations That Affect the Database Catalog". */
function createInTransaction(engine: Engine, command: Doc, ns: string, specs: readonly Doc[]): Doc {
  const view = engine.sessions.viewFor(command);
  const there = view.collection(ns);
  if (there && !view.isPrivate(there)) {
    if (engine.addedBy(there, specs).length === 0) return { numIndexesBefore: new Int32(there.indexes.length), numIndexesAfter: new Int32(there.indexes.length), createdCollectionAutomatically: false, note: 'all indexes already exist', ok: 1 };
    throw new MongoError(263, 'OperationNotSupportedInTransaction', `Cannot create new indexes on existing collection ${ns} in a multi-document transaction.`);
  }
  const collection = there ?? engine.open(view, ns);
  if (there && !engine.isEmpty(view, there)) throw new MongoError(263, 'OperationNotSupportedInTransaction', `Cannot create new indexes on non-empty collection ${ns} in a multi-document transaction.`);
  const made = engine.addIndexes(view, collection, specs);
  return { numIndexesBefore: new Int32(collection.indexes.length), numIndexesAfter: new Int32(made.indexes.length), createdCollectionAutomatically: !there, ok: 1 };
}

const dropIndexes: Command = (engine, command, db) => {
  notInTransaction(command, 'dropIndexes');
  const collection = collectionOf(engine, db, command['dropIndexes'] ?? command['deleteIndexes']);
  const wanted = command['index'];
  const gone: Index[] = [];
  for (const one of Array.isArray(wanted) ? (wanted as Value[]) : [wanted]) {
    if (one === '*') { gone.push(...collection.indexes.filter((i) => i.name !== ID_INDEX)); continue; }
    const hit = collection.indexes.find((i) => i.name === one || (isDoc(one) && equal(i.key, one)));
    if (!hit) throw new MongoError(27, 'IndexNotFound', isDoc(one) ? `can't find index with key: ${JSON.stringify(one)}` : `index not found with name [${String(one)}]`);
    if (hit.name === ID_INDEX) throw new MongoError(72, 'InvalidOptions', 'cannot drop _id index');
    gone.push(hit);
  }
  if (gone.length > 0) engine.dropIndexes(collection, gone);
  return { nIndexesWas: new Int32(collection.indexes.length), ok: 1 };
};

/** Documents lie in the order of their ids in every collection of this store: a clustered one only says so. */
function clustered(spec: Value): Doc {
  if (!isDoc(spec) || !isDoc(spec['key'])) throw new MongoError(40414, 'IDLFailedToParse', "BSON field 'create.clusteredIndex.key' is missing but a required field");
  if (!equal(spec['key'], { _id: 1 })) throw new MongoError(197, 'InvalidIndexSpecificationOption', 'The clusteredIndex option is only supported for key: {_id: 1}');
  if (!truthy(spec['unique'])) throw new MongoError(5979700, 'Location5979700', 'The clusteredIndex option requires unique: true to be specified');
  return { v: new Int32(2), key: { _id: new Int32(1) }, name: spec['name'] ?? ID_INDEX, unique: true };
}
const isSet = (v: Value): boolean => v !== undefined && v !== false && v !== null && !(isDoc(v) && Object.keys(v).length === 0);
function checkOptions(command: Doc): Doc {
  const refused = REFUSED.find((o) => isSet(command[o]));
  if (refused) throw new MongoError(303, 'NotImplemented', `create with ${refused} is not supported by this store`);
  const options: Doc = {};
  for (const o of KEPT) if (isSet(command[o])) options[o] = command[o];
  if ('clusteredIndex' in options) options['clusteredIndex'] = clustered(options['clusteredIndex']);
  if ('collation' in options) Object.assign(options, { collation: fullCollation(options['collation']) });
  checkValidation(options);
  return options;
}
const create: Command = (engine, command, db) => {
  const ns = nsOf(db, command['create']);
  const options = { ...checkOptions(command), ...(command['viewOn'] === undefined ? {} : derivedOptions(command)) };
  if (command['viewOn'] === undefined && command['pipeline'] !== undefined) throw new MongoError(72, 'InvalidOptions', "'pipeline' requires 'viewOn' to also be specified");
  const view = engine.sessions.viewFor(command);
  const there = view.collection(ns);
  if (there) {
    if (equal(there.options, options)) return { ok: 1 };
    throw new MongoError(48, 'NamespaceExists', `namespace ${ns} already exists, but with different options: ${JSON.stringify(there.options)}`);
  }
  engine.open(view, ns, options);
  if (isDerived(view.collection(ns))) checkDerived(view, db, command);
  if (!view.inTransaction) view.commit();
  return { ok: 1 };
};
/** A view may not stand on itself, and its stages must be right. */
function checkDerived(view: View, db: string, command: Doc): void {
  const { stages } = resolved(view, db, String(command['create'] ?? command['collMod']));
  compileStages(namedStages(stages), { view, catalog: view, db, variables: {}, examined: { keys: 0, docs: 0 } });
}
const drop: Command = (engine, command, db) => {
  notInTransaction(command, 'drop');
  const ns = nsOf(db, command['drop']);
  const collection = engine.catalog.get(ns);
  if (!collection) return { ok: 1 };
  const view = new View(engine.ground);
  engine.dropCollection(view, collection);
  view.commit();
  engine.clean();
  return { nIndexesWas: new Int32(collection.indexes.length), ns, ok: 1 };
};
const dropDatabase: Command = (engine, command, db) => {
  notInTransaction(command, 'dropDatabase');
  const all = engine.catalog.list(db);
  if (all.length === 0) return { ok: 1 };
  const view = new View(engine.ground);
  for (const collection of all) engine.dropCollection(view, collection);
  view.record({ op: 'dropDatabase', ns: `${db}.`, uuid: undefined });
  view.commit();
  engine.clean();
  return { dropped: db, ok: 1 };
};

const renameCollection: Command = (engine, command) => {
  notInTransaction(command, 'renameCollection');
  const [from, to] = [String(command['renameCollection']), String(command['to'])];
  const source = engine.catalog.get(from);
  if (!source) throw new MongoError(26, 'NamespaceNotFound', `Source collection ${from} does not exist`);
  if (isDerived(source)) throw notOnView(from, 'it cannot be renamed');
  if (from === to) throw new MongoError(20, 'IllegalOperation', "Can't rename a collection to itself");
  const view = new View(engine.ground);
  const target = engine.catalog.get(to);
  if (target && !truthy(command['dropTarget'])) throw new MongoError(48, 'NamespaceExists', 'target namespace exists');
  engine.rename(view, source, to, target);
  view.commit();
  engine.clean();
  return { ok: 1 };
};

const MODIFIABLE = ['validator', 'validationLevel', 'validationAction', 'changeStreamPreAndPostImages'];
const ENVELOPE = new Set(['collMod', 'index', '$db', 'lsid', '$clusterTime', 'writeConcern', 'comment', 'maxTimeMS', '$readPreference', 'apiVersion', 'apiStrict', 'apiDeprecationErrors', 'txnNumber', ...MODIFIABLE]);
const collMod: Command = (engine, command, db) => {
  notInTransaction(command, 'collMod');
  const collection = collectionOf(engine, db, command['collMod']);
  if (isDerived(collection)) return modifyDerived(engine, db, collection, command);
  const other = Object.keys(command).find((k) => !ENVELOPE.has(k));
  if (other) throw new MongoError(303, 'NotImplemented', `collMod with ${other} is not supported by this store`);
  const options = { ...collection.options, ...checkOptions(Object.fromEntries(MODIFIABLE.filter((o) => o in command).map((o) => [o, command[o]]))) };
  if (isDoc(command['validator']) && Object.keys(command['validator']).length === 0) delete options['validator'];
  const change = command['index'];
  if (!isDoc(change)) {
    engine.modify(collection, { options });
    return { ok: 1 };
  }
  const index = collection.indexes.find((i) => (change['name'] === undefined ? isDoc(change['keyPattern']) && equal(i.key, change['keyPattern']) : i.name === change['name']));
  if (!index) throw new MongoError(27, 'IndexNotFound', `cannot find index ${JSON.stringify(change['name'] ?? change['keyPattern'])} for ns ${collection.ns}`);
  const { next, told } = changedIndex(index, change);
  engine.modify(collection, { options, indexes: collection.indexes.map((i) => (i === index ? next : i)) });
  return { ...told, ok: 1 };
};
/** An index with another time to live, or hidden, or shown; and what of it changed. */
function changedIndex(index: Index, change: Doc): { readonly next: Index; readonly told: Doc } {
  const other = Object.keys(change).find((k) => !['name', 'keyPattern', 'expireAfterSeconds', 'hidden'].includes(k));
  if (other) throw new MongoError(303, 'NotImplemented', `collMod of an index with ${other} is not supported by this store`);
  const { expireAfterSeconds: seconds, hidden } = change;
  if (seconds === undefined && hidden === undefined) throw new MongoError(72, 'InvalidOptions', 'no expireAfterSeconds, hidden, unique, or prepareUnique field');
  if (seconds !== undefined && !isNumber(seconds)) throw new MongoError(14, 'TypeMismatch', 'expireAfterSeconds must be a number');
  if (hidden !== undefined && index.name === ID_INDEX) throw badValue("can't hide _id index");
  const told: Doc = {};
  let next = index;
  if (isNumber(seconds)) {
    checkExpiry({ ...index.options, key: index.key, expireAfterSeconds: seconds });
    if (index.expireAfterSeconds !== undefined) told['expireAfterSeconds_old'] = Long.fromNumber(index.expireAfterSeconds);
    told['expireAfterSeconds_new'] = Long.fromNumber(toDouble(seconds));
    next = { ...next, expireAfterSeconds: toDouble(seconds), options: { ...next.options, expireAfterSeconds: seconds } };
  }
  if (hidden !== undefined && truthy(hidden) !== index.hidden) {
    Object.assign(told, { hidden_old: index.hidden, hidden_new: truthy(hidden) });
    const { hidden: _was, ...options } = next.options;
    next = { ...next, hidden: truthy(hidden), options: truthy(hidden) ? { ...options, hidden: true } : options };
  }
  return { next, told };
}

function modifyDerived(engine: Engine, db: string, collection: Collection, command: Doc): Doc {
  const other = Object.keys(command).find((k) => !ENVELOPE.has(k) && k !== 'viewOn' && k !== 'pipeline' || MODIFIABLE.includes(k) || k === 'index');
  if (other) throw new MongoError(72, 'InvalidOptions', `option not supported on a view: ${other}`);
  const options = derivedOptions({ ...collection.options, ...command });
  const view = new View(engine.ground);
  view.define({ ...collection, options });
  checkDerived(view, db, command);
  view.record({ op: 'modify', ns: collection.ns, uuid: collection.uuid, detail: options });
  view.commit();
  return { ok: 1 };
}

const listDatabases: Command = (engine, command) => {
  const test = compileFilter((command['filter'] as Doc | undefined) ?? {});
  const names = [...new Set(engine.catalog.list().map((c) => c.db))].sort();
  if (truthy(command['nameOnly'])) return { databases: names.map((name) => ({ name })).filter((d) => test(d)), ok: 1 };
  const databases = names.map((name) => ({ name, sizeOnDisk: Long.fromNumber(engine.storage.fileBytes()), empty: false })).filter((d) => test(d));
  return { databases, totalSize: Long.fromNumber(engine.storage.fileBytes()), totalSizeMb: Long.fromNumber(Math.round(engine.storage.fileBytes() / 2 ** 20)), ok: 1 };
};

export const DDL: Readonly<Record<string, Command>> = {
  listCollections, listIndexes, createIndexes, dropIndexes, deleteIndexes: dropIndexes, create, drop, dropDatabase, renameCollection, collMod, listDatabases,
};
