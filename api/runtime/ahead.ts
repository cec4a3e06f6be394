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
