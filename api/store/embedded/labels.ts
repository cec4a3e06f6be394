/** Error labels that drivers act on. Source: mongodb/mongo, src/mongo/db/error_labels.cpp (r7.0). */
import type { Doc } from './values.ts';

/** The category RetriableError of error_codes.yml, 7.0. */
const RETRIABLE = new Set([6, 7, 89, 91, 134, 189, 262, 317, 358, 384, 402, 9001, 10107, 11600, 11602, 13435, 13436]);
const TRANSIENT = new Set([24, 112, 246, 239, 267, 249]);
const NO_SUCH_TRANSACTION = 251;

export function labelsOf(command: Doc, name: string, code: number | undefined, writeConcernCode: number | undefined, ofStream = false): string[] {
  const ends = name === 'commitTransaction' || name === 'abortTransaction';
  const inTransaction = command['autocommit'] === false;
  const retryable = ends || (command['txnNumber'] !== undefined && !inTransaction);
  const labels: string[] = [];
  if (inTransaction && code !== undefined) {
    const transient = TRANSIENT.has(code) || (ends ? code === NO_SUCH_TRANSACTION && writeConcernCode === undefined : RETRIABLE.has(code) || code === NO_SUCH_TRANSACTION);
    if (transient) labels.push('TransientTransactionError');
  }
  if (retryable && ((code !== undefined && RETRIABLE.has(code)) || (writeConcernCode !== undefined && RETRIABLE.has(writeConcernCode)))) labels.push('RetryableWriteError');
  // A change stream can go on after these; source: the same file, isResumableChangeStreamError.
  if (code !== undefined && resumable(command, name, code, ofStream)) labels.push('ResumableChangeStreamError');
  return labels;
}

const RESUMABLE = new Set([...RETRIABLE, 43, 63, 133, 150, 234, 13388, 216]);
function resumable(command: Doc, name: string, code: number, ofStream: boolean): boolean {
  if (!RESUMABLE.has(code)) return false;
  if (name === 'getMore') return ofStream;
  const first = Array.isArray(command['pipeline']) ? (command['pipeline'] as Doc[])[0] : undefined;
  return name === 'aggregate' && first !== undefined && typeof first === 'object' && '$changeStream' in first;
}
