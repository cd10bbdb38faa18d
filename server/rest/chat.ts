import { z } from 'zod';
import { invalidInput, limits, optionalText, requiredText } from '../chat/input.ts';
import { PortalError } from '../errors.ts';
import type { Caller } from '../http/graphql.ts';
import type { Api, RestParts } from './api.ts';
import { type ServerEvent, sendEvents } from './event-stream.ts';
import { idempotencyKey, idParams, keyHeader, keyOf, namedBy } from './input.ts';
import { messageShape, messageStatus, receiptShape, shapeMessage } from './message-shape.ts';
import { problems } from './problems.ts';
import { readEnd, replyEvents, replyStreamAnswer } from './reply-events.ts';
import { id } from './words.ts';

const tags = ['chat'];

const common = {
  context: z.unknown().optional().meta({ description: 'Retrieval context for the model: at most 256 KiB of JSON.' }),
  cache: z.enum(['use', 'refresh', 'bypass']).nullish().meta({ description: 'What the answer cache may do.' }),
  idempotency_key: idempotencyKey,
};

const refusals = [
  'invalid_input',
  'conflict',
  'model_unavailable',
  'overloaded',
  'rate_limited',
  'timeout',
  'internal',
] as const;

/** Asking a model, all at once or as it writes; leaving, coming back, stopping, going on. */
export function registerChat(api: Api, parts: RestParts): void {
  const { caller, closing } = parts;

  api.post(
    '/chat',
    {
      schema: {
        tags,
        operationId: 'chat',
        summary: 'Asks, and answers once the reply has ended',
        description: 'A client that goes away stops nothing. A reply that fails has the status of its code.',
        headers: keyHeader,
        body: z.object({ session_id: z.string(), prompt: requiredText(limits.prompt), ...common }),
        response: {
          200: z.object({
            message_id: id(),
            content: z.string(),
            cached: z.boolean(),
            similarity: z.number().optional().meta({ description: 'Of a cached answer: how alike the prompts are.' }),
            status: messageStatus,
            receipt: receiptShape.nullable(),
          }),
          ...problems(...refusals),
        },
      },
    },
    async (request) => {
      const from = await caller(request);
      const { session_id: sessionId, prompt: content, context, cache } = request.body;
      const { reply } = await namedBy(
        'session_id',
        from.rules.replies.send(from.viewer, {
          sessionId,
          content,
          context,
          cache,
          idempotencyKey: keyOf(request),
        }),
      );
      await from.rules.replyStream.untilEnd(from.viewer, reply.id, closing);
      if (closing.aborted) throw goesOnLater(reply.id);
      const { message, failure } = await readEnd(from, reply.id);
      if (failure !== null) throw failure;
      const { message_id, content: text, cached, status, receipt } = message;
      const { cacheSimilarity } = reply.cached
        ? reply
        : ((await from.rules.messages.find(from.viewer, reply.id)) ?? reply);
      return {
        message_id,
        content: text,
        cached,
        ...(cacheSimilarity !== null && { similarity: cacheSimilarity }),
        status,
        receipt,
      };
    },
  );

  api.post(
    '/chat/stream',
    {
      schema: {
        tags,
        operationId: 'chatStream',
        summary: 'Asks, and answers as the reply is written',
        description:
          'Before the events of the reply: `conversation_created` {session_id} where none was named, and `message_created` ' +
          '{message_id, role} for the question and for the answer, with `id: 0`. Model and temperature hold for this reply, the ' +
          'system prompt becomes the session’s. A client that goes away stops nothing: see GET /messages/{id}/stream.',
        headers: keyHeader,
        body: z
          .object({
            message: requiredText(limits.prompt),
            session_id: z.string().nullish(),
            model_name: requiredText(limits.title).nullish(),
            temperature: z.number().min(0).max(2).nullish(),
            system_prompt: optionalText(limits.systemPrompt).nullish(),
            ...common,
          })
          .meta({ examples: [{ message: 'Why is the sky blue?', temperature: 0.5 }] }),
        response: { 200: replyStreamAnswer, ...problems(...refusals) },
      },
    },
    async (request, reply) => {
      const from = await caller(request);
      const { message, session_id, model_name, temperature, system_prompt, context, cache } = request.body;
      const sent = await namedBy(
        'session_id',
        from.rules.conversations.send(from.viewer, {
          sessionId: session_id ?? null,
          systemPrompt: system_prompt,
          content: message,
          context,
          cache,
          model: model_name,
          generation: { temperature },
          idempotencyKey: keyOf(request),
        }),
      );
      return sendEvents(reply, parts, from.viewer, (signal) => opening(from, sent, signal));
    },
  );

  api.post(
    '/sessions/:id/resume',
    {
      schema: {
        tags,
        operationId: 'resumeSession',
        summary: 'Lets the last reply of a conversation go on from the text that it has',
        params: idParams,
        response: {
          200: messageShape,
          ...problems('not_found', 'conflict', 'nothing_to_resume', 'model_unavailable', 'overloaded'),
        },
      },
    },
    async (request) => {
      const from = await caller(request);
      return shapeMessage(from, await from.rules.replies.resumeLast(from.viewer, request.params.id));
    },
  );

  api.post(
    '/messages/:id/stop',
    {
      schema: {
        tags,
        operationId: 'stopReply',
        summary: 'Ends a reply where it is; one that has ended stays as it is',
        params: idParams,
        response: { 200: messageShape, ...problems('not_found') },
      },
    },
    async (request) => {
      const from = await caller(request);
      return shapeMessage(from, await from.rules.replies.stop(from.viewer, request.params.id));
    },
  );

  api.get(
    '/messages/:id/stream',
    {
      exposeHeadRoute: false,
      schema: {
        tags,
        operationId: 'followReply',
        summary: 'Follows a reply from where one left it',
        description: 'The cursor is the last `seq` that was seen: `Last-Event-ID`, else `after`, else the beginning.',
        params: idParams,
        headers: z.object({ 'last-event-id': z.string().optional() }),
        querystring: z.object({ after: cursor().optional() }),
        response: {
          200: replyStreamAnswer,
          204: z.null().meta({ description: 'It has ended, and nothing follows.' }),
          ...problems('invalid_input', 'not_found', 'rate_limited'),
        },
      },
    },
    async (request, reply) => {
      const from = await caller(request);
      const after = lastSeen(request.headers['last-event-id']) ?? request.query.after ?? 0;
      const { id: messageId } = request.params;
      if (!(await from.rules.replyStream.hasMore(from.viewer, messageId, after))) return reply.status(204).send(null);
      return sendEvents(reply, parts, from.viewer, (signal) => replyEvents(from, messageId, after, signal));
    },
  );
}

type Sent = Awaited<ReturnType<Caller['rules']['conversations']['send']>>;

async function* opening(from: Caller, sent: Sent, signal: AbortSignal): AsyncGenerator<ServerEvent, void> {
  const { message, reply } = sent;
  if (sent.begun) yield { id: 0, event: 'conversation_created', data: { session_id: message.sessionId } };
  for (const { id: messageId, role } of [message, reply]) {
    yield { id: 0, event: 'message_created', data: { message_id: messageId, role } };
  }
  yield* replyEvents(from, reply.id, 0, signal);
}

function cursor() {
  return z.coerce.number().int().min(0).max(2_147_483_647);
}

/** Browsers send the header by themselves; an empty one says nothing. Throws `invalid_input`. */
function lastSeen(header: string | undefined): number | null {
  if (header === undefined || header.trim() === '') return null;
  const parsed = cursor().safeParse(header);
  if (parsed.success) return parsed.data;
  throw invalidInput([{ path: 'Last-Event-ID', message: 'must be the id of an event' }]);
}

function goesOnLater(messageId: string): PortalError {
  return new PortalError('dependency_unavailable', 'The portal is stopping; the reply goes on when it is back.', {
    retryAfterSeconds: 5,
    messageId,
  });
}
