import { z } from 'zod';
import { notFound } from '../chat/input.ts';
import type { Api, RestParts } from './api.ts';
import { idParams, optionalBody } from './input.ts';
import { messageShape, shapeMessage } from './message-shape.ts';
import { problems } from './problems.ts';
import { id } from './words.ts';

const tags = ['messages'];
const rating = z.enum(['up', 'down']).nullable();

/** What was said: reading it, rating it, keeping it at hand. */
export function registerMessages(api: Api, { caller }: RestParts): void {
  api.get(
    '/messages/:id',
    {
      schema: {
        tags,
        operationId: 'readMessage',
        summary: 'Reads a message',
        params: idParams,
        response: { 200: messageShape, ...problems('not_found') },
      },
    },
    async (request) => {
      const from = await caller(request);
      const message = await from.rules.messages.find(from.viewer, request.params.id);
      if (message === null) throw notFound('message');
      return shapeMessage(from, message);
    },
  );

  api.post(
    '/messages/:id/rate',
    {
      schema: {
        tags,
        operationId: 'rateMessage',
        summary: 'Rates an answer; null takes the rating back',
        params: idParams,
        body: z.object({ rating }),
        response: {
          200: z.object({ message_id: id(), rating }),
          ...problems('invalid_input', 'not_rateable', 'not_found'),
        },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      const rated = await rules.messages.rate(viewer, request.params.id, request.body.rating);
      return { message_id: rated.id, rating: request.body.rating };
    },
  );

  api.post(
    '/messages/:id/pin',
    {
      schema: {
        tags,
        operationId: 'pinMessage',
        summary: 'Pins a message or no longer; without a body it toggles',
        params: idParams,
        body: optionalBody({ pinned: z.boolean().nullish() }),
        response: {
          200: z.object({ message_id: id(), pinned: z.boolean() }),
          ...problems('invalid_input', 'not_found'),
        },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      const message = await rules.messages.pin(viewer, request.params.id, request.body?.pinned ?? null);
      return { message_id: message.id, pinned: message.pinned };
    },
  );
}
