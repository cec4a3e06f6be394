import type { ChannelContext, CourierChannel, CourierContext, PaymentChannel, PaymentContext, ShopChannel } from '../channels/channel.ts';
import type { Transact } from '../store/transact.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { NewId } from './ids.ts';
import type { Log } from './log.ts';
import type { Secrets } from './secrets.ts';

/** The connectors, found by name; `undefined` where the registry has none. */
export type Channels = {
  readonly shop: (channel: string) => ShopChannel | undefined;
  readonly payment: (channel: string) => PaymentChannel | undefined;
  readonly courier: (channel: string) => CourierChannel | undefined;
  /** Our codes of all couriers that a platform may know. */
  readonly courierCodes: readonly string[];
  /** What a connector may use for this shop: credentials opened, tokens saved back, notices raised. */
  readonly contextFor: (shopId: string) => Promise<ChannelContext>;
  readonly paymentContextFor: (accountId: string) => Promise<PaymentContext>;
  readonly courierContextFor: (accountId: string) => Promise<CourierContext>;
};

/** What every workflow is handed. Nothing in it decides anything. */
export type Runtime = {
  readonly config: Config;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly transact: Transact;
  /** Asks for a job to run soon (after a commit), instead of at its next tick. */
  readonly wake: (job: string) => void;
  readonly channels: Channels;
};
