/** `configureFailPoint`, only with `--test-commands`: what drivers' own tests use to see errors. Source: mongodb/mongo, "The failCommand Fail Point". */
import { Int32 } from 'bson';
import { badValue, MongoError } from './errors.ts';
import { isDoc, isNumber, toDouble, truthy, type Doc, type Value } from './values.ts';

type Mode = { kind: 'off' } | { kind: 'always' } | { kind: 'times'; left: number } | { kind: 'skip'; left: number };
type FailPoint = { mode: Mode; readonly data: Doc; entered: number };
/** What a command meets: wait first, then a closed connection, an error, or a write concern error beside its own answer. */
export type Hit = { readonly blockMs: number; readonly close: boolean; readonly error: MongoError | undefined; readonly labels: readonly string[] | undefined; readonly writeConcernError: Doc | undefined };

const KNOWN = ['failCommand', 'failGetMoreAfterCursorCheckout', 'onPrimaryTransactionalWrite', 'pauseBeforeFlush'];
const number = (v: Value): number => (isNumber(v) ? toDouble(v) : 0);
const strings = (v: Value): readonly string[] | undefined => (Array.isArray(v) ? (v as string[]) : undefined);

export class FailPoints {
  private readonly points = new Map<string, FailPoint>();

  configure(command: Doc): Doc {
    const name = String(command['configureFailPoint']);
    if (!KNOWN.includes(name)) throw new MongoError(11, 'FailPointSetFailed', `${name} not found`);
    const mode = modeOf(command['mode']);
    const before = this.points.get(name)?.entered ?? 0;
    if (mode.kind === 'off') this.points.delete(name);
    else this.points.set(name, { mode, data: isDoc(command['data']) ? command['data'] : {}, entered: before });
    return { count: new Int32(before), ok: 1 };
  }

  /** Does failCommand hit this command of this client? */
  command(name: string, appName: string | undefined): Hit | undefined {
    const point = this.points.get('failCommand');
    if (!point || name === 'configureFailPoint') return undefined;
    const { data } = point;
    if (!strings(data['failCommands'])?.includes(name)) return undefined;
    if (typeof data['appName'] === 'string' && data['appName'] !== appName) return undefined;
    if (!this.enter('failCommand', point)) return undefined;
    const labels = strings(data['errorLabels']);
    const close = truthy(data['closeConnection']);
    const code = number(data['errorCode']);
    return {
      blockMs: truthy(data['blockConnection']) ? number(data['blockTimeMS']) : 0, close, labels,
      error: data['errorCode'] === undefined || close ? undefined : new MongoError(code, CODE_NAMES[code] ?? `Location${code}`, "Failing command via 'failCommand' failpoint", labels ?? []),
      writeConcernError: isDoc(data['writeConcernError']) ? data['writeConcernError'] : undefined,
    };
  }

  /** A retryable write is about to be committed: refuse it, or lose the connection after it. */
  retryableWrite(call: { closeAfter: boolean }): void {
    const point = this.points.get('onPrimaryTransactionalWrite');
    if (!point || !this.enter('onPrimaryTransactionalWrite', point)) return;
    if (point.data['closeConnection'] === undefined || truthy(point.data['closeConnection'])) call.closeAfter = true;
    const code = point.data['failBeforeCommitExceptionCode'];
    if (code !== undefined) throw new MongoError(number(code), CODE_NAMES[number(code)] ?? `Location${number(code)}`, 'Failing write due to failpoint');
  }

  /** A getMore has found its cursor. */
  cursorCheckedOut(): void {
    const point = this.points.get('failGetMoreAfterCursorCheckout');
    if (!point || !this.enter('failGetMoreAfterCursorCheckout', point)) return;
    const code = number(point.data['errorCode']);
    throw new MongoError(code, CODE_NAMES[code] ?? `Location${code}`, "Hit the 'failGetMoreAfterCursorCheckout' failpoint");
  }

  /** Own fail point, not MongoDB's: while it is on, no batch goes to the disk. */
  async flushAllowed(): Promise<void> {
    while (this.points.has('pauseBeforeFlush')) await new Promise((resolve) => { setTimeout(resolve, 5); });
  }

  private enter(name: string, point: FailPoint): boolean {
    if (point.mode.kind === 'skip' && point.mode.left > 0) {
      point.mode.left -= 1;
      return false;
    }
    point.entered += 1;
    if (point.mode.kind === 'times') {
      point.mode.left -= 1;
      if (point.mode.left <= 0) this.points.delete(name);
    }
    return true;
  }
}

function modeOf(mode: Value): Mode {
  if (mode === 'off') return { kind: 'off' };
  if (mode === 'alwaysOn') return { kind: 'always' };
  if (isDoc(mode) && 'times' in mode) return number(mode['times']) > 0 ? { kind: 'times', left: number(mode['times']) } : { kind: 'off' };
  if (isDoc(mode) && 'skip' in mode) return { kind: 'skip', left: number(mode['skip']) };
  throw badValue(`unknown mode of a fail point: ${JSON.stringify(mode)}`);
}

/** Names of codes that tests set; from mongodb/mongo, error_codes.yml. */
const CODE_NAMES: Readonly<Record<number, string>> = {
  1: 'InternalError', 2: 'BadValue', 6: 'HostUnreachable', 7: 'HostNotFound', 8: 'UnknownError', 10: 'CannotMutateObject', 11: 'FailPointSetFailed', 13: 'Unauthorized', 14: 'TypeMismatch', 18: 'AuthenticationFailed', 20: 'IllegalOperation', 24: 'LockTimeout', 26: 'NamespaceNotFound',
  43: 'CursorNotFound', 50: 'MaxTimeMSExpired', 59: 'CommandNotFound', 63: 'StaleShardVersion', 64: 'WriteConcernFailed', 79: 'UnknownReplWriteConcern', 89: 'NetworkTimeout', 91: 'ShutdownInProgress', 100: 'CannotSatisfyWriteConcern', 112: 'WriteConflict', 133: 'FailedToSatisfyReadPreference',
  134: 'ReadConcernMajorityNotAvailableYet', 136: 'CappedPositionLost', 150: 'StaleEpoch', 189: 'PrimarySteppedDown', 222: 'CloseChangeStream', 234: 'RetryChangeStream', 237: 'CursorKilled', 246: 'SnapshotUnavailable', 251: 'NoSuchTransaction', 262: 'ExceededTimeLimit', 280: 'ChangeStreamFatalError', 286: 'ChangeStreamHistoryLost',
  9001: 'SocketException', 10107: 'NotWritablePrimary', 11600: 'InterruptedAtShutdown', 11601: 'Interrupted', 11602: 'InterruptedDueToReplStateChange', 13388: 'StaleConfig', 13435: 'NotPrimaryNoSecondaryOk', 13436: 'NotPrimaryOrSecondary', 462: 'IngressRequestRateLimitExceeded',
};
