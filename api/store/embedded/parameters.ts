/** What can be set while the server runs, only with `--test-commands`. Names and defaults are MongoDB's. */
import { Int32 } from 'bson';
import { badValue, MongoError } from './errors.ts';
import { isNumber, toDouble, truthy, type Doc, type Value } from './values.ts';

export class Parameters {
  /** How often documents past their time are looked for. */
  ttlMonitorSleepSecs = 60;
  ttlMonitorEnabled = true;
  transactionLifetimeLimitSeconds = 60;
  /** Commands that take longer are written to the log, in ms (MongoDB: `slowms` of the profiler). */
  slowms = 100;

  shown(): Doc {
    return { ttlMonitorSleepSecs: new Int32(this.ttlMonitorSleepSecs), ttlMonitorEnabled: this.ttlMonitorEnabled, transactionLifetimeLimitSeconds: new Int32(this.transactionLifetimeLimitSeconds), slowms: new Int32(this.slowms) };
  }
  /** Sets one; answers what it was. */
  set(name: string, value: Value): Value {
    const was = this.shown()[name];
    switch (name) {
      case 'ttlMonitorEnabled': this.ttlMonitorEnabled = truthy(value); return was;
      case 'ttlMonitorSleepSecs': this.ttlMonitorSleepSecs = whole(name, value); return was;
      case 'transactionLifetimeLimitSeconds': this.transactionLifetimeLimitSeconds = whole(name, value); return was;
      case 'slowms': this.slowms = whole(name, value); return was;
      default: throw new MongoError(72, 'InvalidOptions', `attempted to set unrecognized parameter [${name}], use help:true to see options`);
    }
  }
}
function whole(name: string, value: Value): number {
  if (!isNumber(value) || !Number.isInteger(toDouble(value)) || toDouble(value) < 1) throw badValue(`${name} must be a whole number above 0`);
  return toDouble(value);
}
