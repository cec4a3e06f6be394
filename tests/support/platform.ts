import type { ChannelContext, ChannelNotice, Credentials, IncomingOrder, ShopChannel } from '../../api/channels/channel.ts';
import { startTestSandbox, type TestSandbox } from './sandbox.ts';

export type AtPlatform = {
  readonly sandbox: TestSandbox;
  /** What the connector told and kept since the test began. */
  readonly notices: ChannelNotice[];
  readonly saved: Credentials[];
  /** The credentials that the next context has. */
  kept: Credentials | undefined;
  readonly context: (over?: Partial<Credentials>, now?: () => Date) => ChannelContext;
  readonly pull: (from: Date, to: Date, c?: ChannelContext) => Promise<IncomingOrder[]>;
  readonly rude: (how: Record<string, unknown>) => Promise<unknown>;
  readonly deed: <T>(name: string, body: Record<string, unknown>) => Promise<T>;
};

/** One connector before its own stand-in, for the whole of a `describe`: the stand-in is friendly again before each test. */
export function atPlatform(channel: ShopChannel, args: readonly string[]): AtPlatform {
  let sandbox: TestSandbox | undefined;
  const running = (): TestSandbox => {
    if (!sandbox) throw new Error('the stand-ins run only inside the tests');
    return sandbox;
  };
  const context: AtPlatform['context'] = (over = {}, now = () => new Date()) => {
    const { gateway, ...keys } = running().keysOf(channel.channel);
    let credentials: Credentials = { ...(at.kept ?? keys), ...over };
    return {
      get credentials() { return credentials; }, gateway, now,
      saveCredentials: async (fresh) => { at.saved.push(fresh); credentials = fresh; at.kept = fresh; }, notice: async (n) => { at.notices.push(n); },
    };
  };
  const at: AtPlatform = {
    get sandbox() { return running(); }, notices: [], saved: [], kept: undefined, context,
    pull: async (from, to, c = context()) => {
      const all: IncomingOrder[] = [];
      for await (const batch of channel.pullOrders(c, { from, to })) all.push(...batch);
      return all;
    },
    rude: (how) => running().ask('unfriendly', { channel: channel.channel, ...how }),
    deed: (name, body) => running().ask(name, { channel: channel.channel, ...body }),
  };
  before(async () => { sandbox = await startTestSandbox(args); });
  after(() => sandbox?.stop());
  beforeEach(async () => {
    at.notices.length = 0;
    at.saved.length = 0;
    await at.rude({});
  });
  return at;
}
