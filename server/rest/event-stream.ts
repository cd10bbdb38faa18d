import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Viewer } from '../accounts/viewer.ts';
import { pause } from '../pause.ts';
import type { RestParts } from './api.ts';

/** One event of `text/event-stream`; without an id a client that comes back says the one before. */
export interface ServerEvent {
  id?: number;
  event: string;
  data: unknown;
}

/** A proxy gives up on a connection that says nothing, often after a minute. */
export const heartbeatMs = 15_000;
export const heartbeat = ': still here\n\n';
/** How long a browser waits before it comes back. */
const retryMs = 1_000;

/**
 * Answers with events as they come. The signal aborts when the client is gone or the portal ends. Throws `rate_limited`
 * before anything is sent.
 */
export function sendEvents(
  reply: FastifyReply,
  { streams, closing }: Pick<RestParts, 'streams' | 'closing'>,
  viewer: Viewer,
  events: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
): FastifyReply {
  streams.count(viewer, reply.raw);
  beginEventStream(reply);
  return reply.send(Readable.from(encodeEvents(events(goneSignal(reply, closing)))));
}

/** Aborts when the client is gone or the portal ends. */
export function goneSignal(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  closing.addEventListener('abort', leave, { once: true });
  if (closing.aborted) leave();
  reply.raw.once('close', () => {
    closing.removeEventListener('abort', leave);
    leave();
  });
  return leaving.signal;
}

/** The headers of a stream that nothing on the way is to hold back. */
export function beginEventStream(reply: FastifyReply): void {
  reply.header('content-type', 'text/event-stream; charset=utf-8');
  reply.header('cache-control', 'no-cache, no-transform');
  reply.header('x-accel-buffering', 'no');
}

/** The text of the stream: a reconnection time first, a comment whenever nothing came for `everyMs`. */
export async function* encodeEvents(
  events: AsyncIterable<ServerEvent>,
  everyMs = heartbeatMs,
): AsyncGenerator<string, void> {
  yield `retry: ${retryMs}\n\n`;
  const source = events[Symbol.asyncIterator]();
  try {
    let next = source.next();
    for (;;) {
      const quiet = new AbortController();
      const silence = pause(everyMs, quiet.signal).then(() => null);
      const result = await Promise.race([next, silence]).finally(() => quiet.abort());
      if (result === null) {
        yield heartbeat;
        continue;
      }
      if (result.done) return;
      const { id, event, data } = result.value;
      yield `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
      next = source.next();
    }
  } finally {
    await source.return?.();
  }
}
