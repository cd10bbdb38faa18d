import { Repeater } from '@repeaterjs/repeater';

/**
 * The source as an iterator that a stranger may end at any moment. A plain async generator that waits would queue
 * `return()` until its wait ends; here `return()` aborts the source's signal at once.
 */
export function untilReturn<Item>(source: (signal: AbortSignal) => AsyncIterable<Item>): Repeater<Item> {
  return new Repeater(async (push, stop) => {
    const controller = new AbortController();
    stop.then(() => controller.abort());
    for await (const item of source(controller.signal)) {
      await push(item);
      if (controller.signal.aborted) return;
    }
    stop();
  });
}
