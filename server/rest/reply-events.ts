import { z } from 'zod';
import { failureOf } from '../chat/reply-failure.ts';
import { PortalError } from '../errors.ts';
import { toPortalError } from '../http/errors.ts';
import type { Caller } from '../http/graphql.ts';
import { currentRequestId, noteOnRequest } from '../request-scope.ts';
import type { ServerEvent } from './event-stream.ts';
import { shapeMessage } from './message-shape.ts';

/** What `text/event-stream` answers with, in the description. */
export const replyStreamAnswer = {
  description:
    'The life of the reply: `queued` {seq, position, eta_ms}, `prefill` {seq, done, total, reused}, `token` {seq, offset, text}, ' +
    'and last `done` {message_id, status, token_count, cached, receipt} or, where it failed, `error` {code, message, message_id}. ' +
    'Each has `id: <seq>`. Cut what you hold to `offset` UTF-16 units, then append `text`. A comment comes every 15 s of silence.',
  content: { 'text/event-stream': { schema: z.string() } },
};

/** The events of one reply after the cursor, as `text/event-stream` tells them; an error ends them as an event. */
export async function* replyEvents(
  from: Caller,
  messageId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent, void> {
  const { viewer, rules } = from;
  try {
    for await (const event of rules.replyStream.follow(viewer, messageId, after, signal)) {
      const { seq } = event;
      switch (event.type) {
        case 'queued':
          yield { id: seq, event: 'queued', data: { seq, position: event.position, eta_ms: event.etaMs } };
          break;
        case 'prefill':
          yield {
            id: seq,
            event: 'prefill',
            data: { seq, done: event.done, total: event.total, reused: event.reused },
          };
          break;
        case 'text':
          yield { id: seq, event: 'token', data: { seq, offset: event.offset, text: event.text } };
          break;
        case 'finished':
          yield { id: seq, ...(await ending(from, messageId)) };
      }
    }
  } catch (error) {
    const { code, message } = toPortalError(error, currentRequestId());
    yield { event: 'error', data: { code, message, message_id: messageId } };
  }
}

async function ending(from: Caller, messageId: string): Promise<ServerEvent> {
  const { message, failure } = await readEnd(from, messageId);
  if (failure !== null) {
    return { event: 'error', data: { code: failure.code, message: failure.message, message_id: messageId } };
  }
  const { status, cached, receipt } = message;
  return {
    event: 'done',
    data: { message_id: messageId, status, token_count: receipt?.completion_tokens ?? 0, cached, receipt },
  };
}

/** A reply that has ended, and the error of one that failed. */
export async function readEnd(from: Caller, messageId: string) {
  const { viewer, rules } = from;
  const [found, [reply]] = await Promise.all([
    rules.messages.find(viewer, messageId),
    rules.messages.receipts([messageId]),
  ]);
  if (found === null) throw new PortalError('not_found', 'The message was deleted meanwhile.');
  const message = await shapeMessage(from, found);
  noteOnRequest({ tokens: message.receipt?.completion_tokens ?? 0, ...(message.cached && { cacheHit: true }) });
  const failure = found.status === 'failed' ? failureOf(found, reply ?? null) : null;
  return { message, failure };
}
