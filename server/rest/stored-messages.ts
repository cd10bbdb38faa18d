import { z } from 'zod';
import { limits, optionalText, requiredText } from '../chat/input.ts';
import type { Api, RestParts } from './api.ts';
import { idempotencyKey, idParams, keyHeader, keyOf } from './input.ts';
import { messageShape, messageStatus, shapeMessage } from './message-shape.ts';
import { problems } from './problems.ts';

const tags = ['own model'];

const errorMessage = requiredText(limits.systemPrompt).nullish().meta({ description: 'Of a message that failed.' });

/** For clients that bring their own model: messages are stored as they say, and answered by nobody. */
export function registerStoredMessages(api: Api, { caller }: RestParts): void {
  api.post(
    '/sessions/:id/messages',
    {
      schema: {
        tags,
        operationId: 'storeMessage',
        summary: 'Stores a message; no model of the portal answers it',
        description: 'A pending answer can be taken over by the portal’s model: POST /sessions/{id}/resume.',
        params: idParams,
        headers: keyHeader,
        body: z
          .object({
            role: z.enum(['user', 'assistant']),
            content: optionalText(limits.storedContent),
            context: z.unknown().optional().meta({ description: 'Retrieval context: at most 256 KiB of JSON.' }),
            status: messageStatus.nullish().meta({ description: '`complete` where it is left out.' }),
            error_message: errorMessage,
            parent_id: z
              .string()
              .nullish()
              .meta({ description: 'What it follows; where it is left out, the end of the active branch.' }),
            idempotency_key: idempotencyKey,
          })
          .meta({ examples: [{ role: 'user', content: 'Why is the sky blue?', context: { file: 'sky.md' } }] }),
        response: { 201: messageShape, ...problems('invalid_input', 'not_found', 'conflict') },
      },
    },
    async (request, reply) => {
      const from = await caller(request);
      const { role, content, context, status, error_message, parent_id } = request.body;
      const message = await from.rules.storedMessages.store(from.viewer, request.params.id, {
        role,
        content,
        context,
        status,
        errorMessage: error_message,
        parentId: parent_id,
        idempotencyKey: keyOf(request),
      });
      return reply.status(201).send(await shapeMessage(from, message));
    },
  );

  api.patch(
    '/messages/:id',
    {
      schema: {
        tags,
        operationId: 'reportProgress',
        summary: 'Tells how far a client’s own model is',
        description:
          'pending → in_progress → complete, stopped or failed; back from failed or stopped to in_progress only. Conflict where ' +
          'the portal’s own model holds the reply.',
        params: idParams,
        body: z
          .object({
            content: optionalText(limits.storedContent).nullish().meta({ description: 'The whole text.' }),
            partial_content: optionalText(limits.storedContent).nullish().meta({ description: 'The text so far.' }),
            status: messageStatus.nullish(),
            error_message: errorMessage,
          })
          .meta({ examples: [{ partial_content: 'Because' }] }),
        response: { 200: messageShape, ...problems('invalid_input', 'not_found', 'conflict') },
      },
    },
    async (request) => {
      const from = await caller(request);
      const { content, partial_content, status, error_message } = request.body;
      const message = await from.rules.storedMessages.report(from.viewer, request.params.id, {
        content,
        partialContent: partial_content,
        status,
        errorMessage: error_message,
      });
      return shapeMessage(from, message);
    },
  );
}
