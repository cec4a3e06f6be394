import { gated } from '../approvals/gate.ts';
import { courierChannels, paymentChannels, shopChannels } from '../channels/registry.ts';
import { COURIERS } from '../channels/transport/couriers.ts';
import type { CourierChannel, PaymentChannel, ShopChannel } from '../channels/channel.ts';
import type { Bound } from '../http/bind.ts';
import type { SheetCommands } from '../sheets/commands.ts';
import { channelContextFor, courierContextFor, paymentContextFor } from '../shops/index.ts';
import { transact } from '../store/transact.ts';
import { systemBound, type SystemParts } from '../system/routes.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Config } from './config.ts';
import { idMaker } from './ids.ts';
import { makeLog, type Log } from './log.ts';
import type { Runtime } from './runtime.ts';
import { loadKey, makeSecrets } from './secrets.ts';
import { pillarBound, pillarSheets } from './pillars.ts';

export type Composed = { readonly rt: Runtime; readonly setWake: (wake: (job: string) => void) => void };

/** Joins configuration, clock, keys, store and connectors into what every workflow is handed. */
export function compose(config: Config, given: { clock?: Clock; log?: Log } = {}): Composed {
  const clock = given.clock ?? systemClock;
  let wake: (job: string) => void = () => undefined;
  const rt: Runtime = {
    config, clock, newId: idMaker(clock), log: given.log ?? makeLog(config.logLevel), secrets: makeSecrets(loadKey(config.key, config.dataDir)), transact,
    wake: (job) => wake(job),
    channels: {
      shop: (name): ShopChannel | undefined => shopChannels[name], payment: (name): PaymentChannel | undefined => paymentChannels[name],
      courier: (name): CourierChannel | undefined => courierChannels[name], courierCodes: COURIERS.map((c) => c.ours), courierContextFor: (accountId) => courierContextFor(rt, accountId),
      contextFor: (shopId) => channelContextFor(rt, shopId), paymentContextFor: (accountId) => paymentContextFor(rt, accountId),
    },
  };
  return { rt, setWake: (next) => { wake = next; } };
}

export const sheetCommands: readonly SheetCommands[] = pillarSheets;
export const everyRoute = (rt: Runtime, parts: Omit<SystemParts, 'sheetCommands'>): Bound[] =>
  gated(rt, [...systemBound(rt, { ...parts, sheetCommands }), ...pillarBound(rt)]);
