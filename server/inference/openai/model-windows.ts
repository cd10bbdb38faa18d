import type { LoadedModel } from '../engine.ts';
import type { Capacity, ListedModel } from './dialect.ts';
import { type RemoteServer, unlessAborted } from './remote-server.ts';
import { ServerError } from './server-error.ts';
import { unknownModel } from './untrusted.ts';

/** How much the models of a server hold. */
export interface ModelWindows {
  /** Rejects with a ServerError where the server cannot be reached, and with the signal's reason. */
  of(model: string, signal: AbortSignal): Promise<Pick<LoadedModel, 'contextLength' | 'sequences'>>;
}

/** Where neither the server nor the settings say. */
const cautiousContext = 4096;

/** Asks a server what its models hold, each time that its list is new. */
export function createModelWindows(server: RemoteServer, mostSequences: number): ModelWindows {
  /** An entry of a new list is another object. */
  const asked = new WeakMap<ListedModel, Promise<Capacity>>();
  const { contextLength } = server.config;

  async function ask(model: ListedModel): Promise<Capacity> {
    const { dialect } = await server.known(server.life);
    return dialect.capacity(server.client, model, server.life).catch((error: unknown) => {
      // Behind a proxy only `/v1` may be reached.
      if (error instanceof ServerError && !error.broken) return { contextLength: model.contextLength, sequences: null };
      throw error;
    });
  }

  return {
    async of(id, signal) {
      const { models } = await server.known(signal);
      const model = models.find((listed) => listed.id === id) ?? unknownModel(id);
      const asking = asked.get(model) ?? ask(model);
      asked.set(model, asking);
      asking.catch(() => asked.delete(model));
      const told = await unlessAborted(asking, signal);
      return {
        contextLength: contextLength ?? told.contextLength ?? cautiousContext,
        sequences: Math.min(mostSequences, told.sequences ?? mostSequences),
      };
    },
  };
}
