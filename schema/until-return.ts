import { Repeater } from '@repeaterjs/repeater';

/**
 * The source as an iterator that a stranger may end at any moment. A plain async generator that waits would queue
 * `return()` until its wait ends; here `return()` aborts the source's signal at once. What the source throws from then on
 * goes nowhere: whoever has left waits for nothing, and an error that nobody takes would end the process.
 */
export function untilReturn<Item>(source: (signal: AbortSignal) => AsyncIterable<Item>): Repeater<Item> {
  return new Repeater(async (push, stop) => {
    const controller = new AbortController();
    stop.then(() => controller.abort());
    try {
      for await (const item of source(controller.signal)) {
        await push(item);
        if (controller.signal.aborted) return;
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
    stop();
  });
}
