import { z } from 'zod';
import { notFound } from '../../chat/input.ts';
import type { ModelInfo } from '../../chat/models.ts';
import type { Caller } from '../../http/graphql.ts';
import type { Api, RestParts, RouteGroup } from '../api.ts';
import { goneSignal } from '../event-stream.ts';
import { completionShape, modelShape, openAiProblem } from './answer.ts';
import { answerAtOnce, answerInPieces, askModel, portalStops } from './completion.ts';
import { embeddingRequest, embeddingShape, toEmbeddings } from './embeddings.ts';
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
        summary: 'The models that can answer, and the one for embeddings',
        response: { 200: z.object({ object: z.literal('list'), data: z.array(modelShape) }), ...openAiProblem },
      },
    },
    async (request) => {
      const { rules } = await caller(request);
      return { object: 'list' as const, data: (await offered(rules)).map(shapeModel) };
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
      const model = (await offered(rules)).find(({ name }) => name === request.params.id);
      if (model === undefined) throw notFound('model');
      return shapeModel(model);
    },
  );

  api.post(
    '/embeddings',
    {
      schema: {
        tags,
        operationId: 'createEmbedding',
        summary: 'What texts mean, as vectors of length 1',
        description:
          'By the model that EMBEDDING_MODEL names; without one it is 503. Nothing is stored but the count of tokens.',
        body: embeddingRequest,
        response: { 200: embeddingShape, ...openAiProblem },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      const { model = null, input, encoding_format } = request.body;
      const leaving = goneSignal(reply, parts.closing);
      try {
        const embedded = await rules.embeddings.embed(viewer, { model, texts: [input].flat() }, leaving);
        return toEmbeddings(embedded, encoding_format ?? 'float');
      } catch (error) {
        throw leaving.aborted ? portalStops() : error;
      }
    },
  );
};

async function offered({ models, embeddings }: Caller['rules']): Promise<ModelInfo[]> {
  const [all, embedder] = await Promise.all([models.list(), embeddings.model()]);
  return all.filter(({ name, problem }) => problem === null || name === embedder?.name);
}

function shapeModel({ name, modifiedAt, remote }: ModelInfo): z.infer<typeof modelShape> {
  const created = Math.floor((modifiedAt?.getTime() ?? 0) / 1000);
  return { id: name, object: 'model', created, owned_by: remote?.server ?? 'local' };
}
