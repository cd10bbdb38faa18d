import type { Engine, ModelFile } from './engine.ts';

/** Two engines as one: models of servers go to `remote`, files to `local`. Its status is that of `local`, which has one. */
export function createCompositeEngine({ local, remote }: { local: Engine; remote: Engine }): Engine {
  const engineOf = (model: ModelFile) => (model.remote ? remote : local);
  return {
    start() {
      local.start();
      remote.start();
    },
    async stop() {
      await Promise.all([local.stop(), remote.stop()]);
    },
    status: () => local.status(),
    load: (model, signal) => engineOf(model).load(model, signal),
    unload: (signal) => local.unload(signal),
    async forget(conversation) {
      await Promise.all([local.forget(conversation), remote.forget(conversation)]);
    },
    countPromptTokens: (model, messages, signal) => engineOf(model).countPromptTokens(model, messages, signal),
    tokenize: (model, text, signal) => engineOf(model).tokenize(model, text, signal),
    generate: (request, signal) => engineOf(request.model).generate(request, signal),
    embed: (model, texts, signal) => engineOf(model).embed(model, texts, signal),
  };
}
