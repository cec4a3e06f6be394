/** A refusal in MongoDB's own words: numeric code, code name, and labels that drivers act on. */
export class MongoError extends Error {
  readonly code: number;
  readonly codeName: string;
  readonly labels: readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(code: number, codeName: string, message: string, labels: readonly string[] = [], extra: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.codeName = codeName;
    this.labels = labels;
    this.extra = extra;
  }
}
export const badValue = (message: string): MongoError => new MongoError(2, 'BadValue', message);
export const failedToParse = (message: string): MongoError => new MongoError(9, 'FailedToParse', message);
export const typeMismatch = (message: string): MongoError => new MongoError(14, 'TypeMismatch', message);
export const writeConflict = (): MongoError =>
  new MongoError(112, 'WriteConflict', 'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.', ['TransientTransactionError']);
export const duplicateKey = (ns: string, index: string, keyPattern: Record<string, unknown>, keyValue: Record<string, unknown>, shown: string): MongoError =>
  new MongoError(11000, 'DuplicateKey', `E11000 duplicate key error collection: ${ns} index: ${index} dup key: { ${shown} }`, [], { keyPattern, keyValue });

/** A write met the intent of an open transaction: wait until it ends, then try again. */
export class IntentHeld extends Error {
  readonly ended: Promise<void>;
  constructor(ended: Promise<void>) {
    super('held by an open transaction');
    this.ended = ended;
  }
}
