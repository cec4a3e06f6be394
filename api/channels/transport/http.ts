/** One HTTP exchange with a platform: bounded in time and size, and silent about secrets when it fails. */
export type Reply = { readonly status: number; readonly text: string; readonly bytes: Uint8Array; readonly headers: Headers };
export type Ask = { readonly url: string; readonly method?: 'GET' | 'POST'; readonly form?: Readonly<Record<string, string>>; readonly headers?: Readonly<Record<string, string>>; readonly body?: string; readonly timeoutMs?: number; readonly signal?: AbortSignal | undefined };

const TIMEOUT_MS = 20_000;
/** A connection that failed, timed out or was cut off: nothing is known of what the platform did. */
export class ConnectionFault extends Error {
  constructor(url: string, cause: unknown) {
    super(`no answer from ${new URL(url).host}: ${cause instanceof Error ? cause.message : String(cause)}`);
    this.name = 'ConnectionFault';
  }
}

export async function exchange(ask: Ask): Promise<Reply> {
  const timeout = AbortSignal.timeout(ask.timeoutMs ?? TIMEOUT_MS);
  const body = ask.form ? new URLSearchParams(ask.form).toString() : ask.body;
  try {
    const response = await fetch(ask.url, {
      method: ask.method ?? (body === undefined ? 'GET' : 'POST'), signal: ask.signal ? AbortSignal.any([timeout, ask.signal]) : timeout,
      headers: { ...(ask.form ? { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' } : {}), ...ask.headers }, ...(body === undefined ? {} : { body }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, bytes, text: new TextDecoder().decode(bytes), headers: response.headers };
  } catch (error) {
    throw new ConnectionFault(ask.url, error);
  }
}
