import { z } from 'zod';
import { notFound } from '../../chat/input.ts';
import type { ModelInfo } from '../../chat/models.ts';
import { PortalError } from '../../errors.ts';
import type { Api, RestParts, RouteGroup } from '../api.ts';
import { goneSignal } from '../event-stream.ts';
import { completionShape, modelShape, openAiProblem } from './answer.ts';
import { answerAtOnce, answerInPieces, askModel } from './completion.ts';
import { completionRequest, toCompletionInput } from './request.ts';
import { askSession } from './session.ts';

const tags = ['openai'];

/** OpenAI's shapes at `/v1`, so that clients which exist already work unchanged. Addresses are relative to `/v1`. */
export const registerOpenAi: RouteGroup = (api: Api, parts: RestParts): void => {
  const { caller } = parts;

  api.post(
    '/chat/completions',
    {
      schema: {
        tags,
        operationId: 'createChatCompletion',
        summary: 'Answers a conversation that its client keeps',
        description:
          'Nothing is stored, and a client that goes away stops the answer. With the header `X-Session-Id` the last message and its ' +
          'answer are kept in that session, whose own messages are the history, and the answer goes on when the client goes away.',
        headers: z.object({ 'x-session-id': z.string().optional() }),
        body: completionRequest,
        response: {
          200: {
            description: 'The answer; with `stream` as `chat.completion.chunk` events that end with `[DONE]`',
            content: {
              'application/json': { schema: completionShape },
              'text/event-stream': { schema: z.string() },
            },
          },
          ...openAiProblem,
        },
      },
    },
    async (request, reply) => {
      const from = await caller(request);
      const input = toCompletionInput(request.body);
      const sessionId = request.headers['x-session-id'];
      const ask = sessionId === undefined ? askModel : askSession(sessionId);
      const leaving = goneSignal(reply, parts.closing);
      if (request.body.stream !== true) return reply.send(await answerAtOnce(ask(from, input), leaving));
      parts.streams.count(from.viewer, reply.raw);
      const withUsage = request.body.stream_options?.include_usage === true;
      return answerInPieces(reply, ask(from, input), leaving, withUsage);
    },
  );

  api.get(
    '/models',
    {
      schema: {
        tags,
        operationId: 'listOpenAiModels',
        summary: 'The models that can answer',
        response: { 200: z.object({ object: z.literal('list'), data: z.array(modelShape) }), ...openAiProblem },
      },
    },
    async (request) => {
      const { rules } = await caller(request);
      const models = await rules.models.list();
      return { object: 'list' as const, data: models.filter(({ problem }) => problem === null).map(shapeModel) };
    },
  );

  api.get(
    '/models/:id',
    {
      schema: {
        tags,
        operationId: 'readOpenAiModel',
        summary: 'One of them',
        params: z.object({ id: z.string() }),
        response: { 200: modelShape, ...openAiProblem },
      },
    },
    async (request) => {
      const { rules } = await caller(request);
      const model = await rules.models.find(request.params.id);
      if (model === null || model.problem !== null) throw notFound('model');
      return shapeModel(model);
    },
  );

  api.post(
    '/embeddings',
    {
      schema: {
        tags,
        operationId: 'createEmbedding',
        summary: 'Not answered: this portal has no embedding model',
        body: z.object({ model: z.string().nullish(), input: z.unknown() }),
        response: { ...openAiProblem },
      },
    },
    async (request) => {
      await caller(request);
      throw new PortalError('model_unavailable', 'This portal has no embedding model.');
    },
  );
};

function shapeModel({ name, modifiedAt }: ModelInfo): z.infer<typeof modelShape> {
  return { id: name, object: 'model', created: Math.floor(modifiedAt.getTime() / 1000), owned_by: 'local' };
}
