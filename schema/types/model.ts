import type { ModelInfo } from '../../server/chat/models.ts';
import { builder } from '../builder.ts';

export const Model = builder.objectRef<ModelInfo>('Model').implement({
  description: 'A model that could answer.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description:
        'Its name in the catalogue: the file name without `.gguf`; of a model behind a server, `server/model`.',
    }),
    provider: t.exposeString('provider', {
      description:
        'Where it runs: `llama.cpp` is this process; `vllm`, `llama-server`, `ollama` and `openai` (any other) are OpenAI-compatible ' +
        'servers.',
    }),
    loaded: t.exposeBoolean('loaded', { description: 'True while it is in memory; of a server, where that says so.' }),
    isDefault: t.exposeBoolean('isDefault', { description: 'True for the model of sessions that chose none.' }),
    sizeBytes: t.exposeFloat('sizeBytes', { nullable: true, description: 'Size of the file.' }),
    parameters: t.exposeString('parameters', {
      nullable: true,
      description: 'How many weights it has, in short: `1.5B`.',
    }),
    quantization: t.exposeString('quantization', {
      nullable: true,
      description: 'How its weights are stored: `Q4_K_M`.',
    }),
    contextLength: t.exposeInt('contextLength', {
      nullable: true,
      description: 'Tokens that it was made to hold; of a server, that it holds there.',
    }),
    threads: t.exposeInt('threads', {
      nullable: true,
      description: 'Threads that it computes with, while it is loaded.',
    }),
    memoryEstimateBytes: t.exposeFloat('memoryEstimateBytes', {
      nullable: true,
      description: 'What loading it with the present settings takes.',
    }),
    problem: t.exposeString('problem', { nullable: true, description: 'Why it cannot be used, where it cannot.' }),
    notice: t.exposeString('notice', {
      nullable: true,
      description: 'What a person should know before using it, where there is something to know.',
    }),
  }),
});

builder.queryFields((t) => ({
  models: t.field({
    type: [Model],
    description:
      'Every model in the models folder and behind the configured servers, those that cannot be used included.',
    resolve: (_root, _args, { rules }) => rules.models.list(),
  }),
  model: t.field({
    type: Model,
    nullable: true,
    description: 'One model by its name; null where there is none.',
    args: { name: t.arg.string({ required: true, description: 'Its name in the catalogue.' }) },
    resolve: (_root, { name }, { rules }) => rules.models.find(name),
  }),
}));

builder.mutationFields((t) => ({
  loadModel: t.field({
    type: Model,
    description:
      'Makes this model the loaded one and returns once it is; replies that run with another are finished first. A ' +
      'server decides itself what it loads: of its models it is only looked whether they can be reached. For ' +
      'administrators; in single-user mode, for everybody. NOT_FOUND where there is no such model, MODEL_UNAVAILABLE with the ' +
      'reason where it cannot be loaded.',
    args: { name: t.arg.string({ required: true, description: 'Its name in the catalogue.' }) },
    resolve: (_root, { name }, { viewer, rules }) => rules.models.load(viewer, name),
  }),
  unloadModel: t.field({
    type: Model,
    description:
      'Gives back the memory that this model takes and returns once it is free; replies that run with it are finished first. ' +
      'The next message loads it again. For administrators; in single-user mode, for everybody. NOT_FOUND where there is no ' +
      'such model.',
    args: { name: t.arg.string({ required: true, description: 'Its name in the catalogue.' }) },
    resolve: (_root, { name }, { viewer, rules }) => rules.models.unload(viewer, name),
  }),
}));
