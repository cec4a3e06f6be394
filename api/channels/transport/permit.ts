import type { ChannelContext } from '../channel.ts';

/** Asks a platform once a seller for its messages. Without topics the app's own are taken, and asking again changes nothing. */
export function oncePermitted(): (context: ChannelContext, ask: () => Promise<unknown>) => Promise<void> {
  /** By gateway too: a stand-in knows nothing of what another was asked. */
  const permitted = new Set<string>();
  return async ({ gateway, credentials }, ask) => {
    const key = `${gateway} ${credentials.appKey} ${credentials.platformShopId ?? (credentials.refreshToken || credentials.accessToken)}`;
    if (permitted.has(key)) return;
    await ask();
    permitted.add(key);
  };
}
