/** Asks for the next of a list while the one before is being used. What fails there is told when its turn comes. */
export async function* ahead<T>(list: AsyncIterable<T>): AsyncGenerator<T> {
  const source = list[Symbol.asyncIterator]();
  const next = (): Promise<IteratorResult<T>> => {
    const asked = source.next();
    asked.catch(() => undefined);
    return asked;
  };
  let waiting = next();
  try {
    for (let one = await waiting; !one.done; one = await waiting) {
      waiting = next();
      yield one.value;
    }
  } finally {
    await source.return?.();
  }
}

/** Lists that come one by one, joined until there are `least` items. Where the source fails, what came before is handed out first. */
export async function* gathered<T>(lists: AsyncIterable<readonly T[]>, least: number): AsyncGenerator<readonly T[]> {
  let open: T[] = [];
  let failed: { readonly error: unknown } | undefined;
  const source = lists[Symbol.asyncIterator]();
  try {
    for (;;) {
      const one: IteratorResult<readonly T[]> | undefined = await source.next().catch((error: unknown) => { failed = { error }; return undefined; });
      if (!one || one.done) break;
      open.push(...one.value);
      if (open.length < least) continue;
      yield open;
      open = [];
    }
    if (open.length > 0) yield open;
    if (failed) throw failed.error;
  } finally {
    await source.return?.();
  }
}
