import { createParser } from 'eventsource-parser';
import { ServerError } from './server-error.ts';

/** No event of this protocol comes near it. */
export const longestEvent = 1 << 20;

/**
 * The `data` of each server-sent event (WHATWG HTML, 9.2) of a body, as it arrives. Throws a ServerError where an event is longer than
 * `longestEvent` UTF-16 units. Bytes that are no UTF-8 become U+FFFD.
 */
export async function* readEvents(server: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  let events: string[] = [];
  let tooLong = false;
  const parser = createParser({
    maxBufferSize: longestEvent,
    onEvent: ({ data }) => events.push(data),
    onError: ({ type }) => {
      tooLong ||= type === 'max-buffer-size-exceeded';
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    const arrived = events;
    events = [];
    yield* arrived;
    if (tooLong) {
      throw new ServerError('unavailable', `The server ${server} sent an event without an end.`, { broken: true });
    }
  }
}
