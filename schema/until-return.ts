/**
 * The source as an iterator that a stranger may end at any moment. A plain async generator that waits would queue
 * `return()` until its wait ends; here `return()` aborts the source's signal and ends a `next()` under way at once. What the source throws
 * from then on goes nowhere: whoever has left waits for nothing, and an error that nobody takes would end the process.
 */
export function untilReturn<Item>(source: (signal: AbortSignal) => AsyncIterable<Item>): AsyncGenerator<Item, void> {
  const controller = new AbortController();
  const items = source(controller.signal)[Symbol.asyncIterator]();
  const end: IteratorReturnResult<undefined> = { value: undefined, done: true };
  let endNext: () => void = () => {};

  async function leave(): Promise<typeof end> {
    controller.abort();
    endNext();
    // One that stands at an item, and not in a wait, has not heard of it.
    items.return?.().catch(() => {});
    return end;
  }

  return {
    next: () =>
      new Promise((resolve, reject) => {
        endNext = () => resolve(end);
        if (controller.signal.aborted) endNext();
        else items.next().then(resolve, (error) => (controller.signal.aborted ? endNext() : reject(error)));
      }),
    return: leave,
    async throw(error) {
      await leave();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
