/** Hands events from a callback to one reader, in order. */
export interface EventQueue<Event> extends AsyncIterable<Event> {
  push(event: Event): void;
  /** No more events follow; with an error, the reader gets it after those before. */
  close(error?: unknown): void;
}

export function createEventQueue<Event>(): EventQueue<Event> {
  const events: Event[] = [];
  let closed: { error?: unknown } | null = null;
  let wake = () => {};

  return {
    push(event) {
      events.push(event);
      wake();
    },
    close(error) {
      closed ??= error === undefined ? {} : { error };
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (events.length > 0) yield* events.splice(0);
        if (closed !== null) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if ('error' in closed) throw closed.error;
    },
  };
}
