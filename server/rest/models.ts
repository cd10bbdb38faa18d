import { z } from 'zod';
import { notFound } from '../chat/input.ts';
import type { ModelInfo } from '../chat/models.ts';
import type { Api, RestParts } from './api.ts';
import { problems } from './problems.ts';
import { count, time } from './words.ts';

const tags = ['models'];

const modelShape = z
  .object({
    name: z.string(),
    provider: z.string().meta({
      description:
        'What runs it: `llama.cpp` here, or a server that is `vllm`, `llama-server`, `ollama` or `openai` (any other).',
    }),
    loaded: z.boolean().meta({ description: 'True while it is in memory.' }),
    is_default: z.boolean().meta({ description: 'True for the model of sessions that chose none.' }),
    size_bytes: count().nullable(),
    parameters: z.string().nullable(),
    quantization: z.string().nullable(),
    context_length: count().nullable(),
    memory_estimate_bytes: z
      .number()
      .nullable()
      .meta({ description: 'What loading it with the present settings takes.' }),
    problem: z.string().nullable().meta({ description: 'Why it cannot be used, where it cannot.' }),
  })
  .meta({ id: 'Model', description: 'A model that could answer.' });

const wholeModel = modelShape
  .extend({
    notice: z.string().nullable().meta({ description: 'What a person should know before using it.' }),
    threads: count().nullable().meta({ description: 'Threads that it computes with, while it is loaded.' }),
    modified_at: time().nullable(),
    header: z
      .object({
        name: z.string().nullable().meta({ description: 'What the model calls itself.' }),
        architecture: z.string(),
        parameter_count: count(),
        vocabulary_size: count(),
        kv_bytes_per_token: z
          .number()
          .meta({ description: 'Memory that a token of context takes, in half precision.' }),
        chat_template: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'What its file says; null where it cannot be read.' }),
  })
  .meta({ id: 'WholeModel', description: 'A model and what its file says.' });

const nameParams = z.object({ name: z.string().meta({ description: 'Its name in the list.' }) });

/** The models in the models folder and behind servers. */
export function registerModels(api: Api, { caller }: RestParts): void {
  api.get(
    '/models',
    {
      schema: {
        tags,
        operationId: 'listModels',
        summary: 'Lists the models, those that cannot be used included',
        response: { 200: z.array(modelShape), ...problems() },
      },
    },
    async (request) => (await (await caller(request)).rules.models.list()).map(shapeModel),
  );

  api.get(
    '/models/:name',
    {
      schema: {
        tags,
        operationId: 'readModel',
        summary: 'Reads one model, and what its file says',
        params: nameParams,
        response: { 200: wholeModel, ...problems('not_found') },
      },
    },
    async (request) => {
      const model = await (await caller(request)).rules.models.find(request.params.name);
      if (model === null) throw notFound('model');
      return shapeWhole(model);
    },
  );

  for (const [action, summary] of [
    ['load', 'Makes a model the loaded one, after the replies that run with another; for administrators'],
    ['unload', 'Lets a model go, after the replies that run with it; for administrators'],
  ] as const) {
    api.post(
      `/models/:name/${action}`,
      {
        schema: {
          tags,
          operationId: `${action}Model`,
          summary,
          params: nameParams,
          response: { 200: modelShape, ...problems('forbidden', 'not_found', 'model_unavailable') },
        },
      },
      async (request) => {
        const { viewer, rules } = await caller(request);
        return shapeModel(await rules.models[action](viewer, request.params.name));
      },
    );
  }

  api.post(
    '/models/cache/clear',
    {
      schema: {
        tags,
        operationId: 'clearModelCache',
        summary: 'Forgets what was read of the models, so that it is read anew',
        response: {
          200: z.object({ cleared: count().meta({ description: 'Models that were forgotten.' }) }),
          ...problems(),
        },
      },
    },
    async (request) => ({ cleared: (await caller(request)).rules.models.forget() }),
  );
}

function shapeModel(model: ModelInfo): z.infer<typeof modelShape> {
  return {
    name: model.name,
    provider: model.provider,
    loaded: model.loaded,
    is_default: model.isDefault,
    size_bytes: model.sizeBytes,
    parameters: model.parameters,
    quantization: model.quantization,
    context_length: model.contextLength,
    memory_estimate_bytes: model.memoryEstimateBytes,
    problem: model.problem,
  };
}

function shapeWhole(model: ModelInfo): z.infer<typeof wholeModel> {
  const { header, notice, threads, modifiedAt } = model;
  return {
    ...shapeModel(model),
    notice,
    threads,
    modified_at: modifiedAt?.toISOString() ?? null,
    header: header && {
      name: header.name,
      architecture: header.architecture,
      parameter_count: header.parameterCount,
      vocabulary_size: header.vocabularySize,
      kv_bytes_per_token: header.kvBytesPerToken,
      chat_template: header.chatTemplate,
    },
  };
}
