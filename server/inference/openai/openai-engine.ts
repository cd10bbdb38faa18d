import { setTimeout as delay } from 'node:timers/promises';
import type { ServerTimeouts } from '../../config.ts';
import {
  type Engine,
  EngineError,
  type EngineEvent,
  type GenerateRequest,
  type LoadedModel,
  type ModelFile,
  noUsage,
  type PromptMessage,
} from '../engine.ts';
import { toCompletionRequest } from './completion-request.ts';
import type { Dialect } from './dialect.ts';
import { embedTexts } from './embeddings.ts';
import { createModelWindows, type ModelWindows } from './model-windows.ts';
import { createPlaces, type Places } from './places.ts';
import type { RemoteServer } from './remote-server.ts';
import { readReply } from './reply.ts';
import { ServerError } from './server-error.ts';
import { estimatePromptTokens, estimateTokens } from './token-estimate.ts';

interface Parts {
  servers: readonly RemoteServer[];
  /** Replies at once at each server, where it does not say fewer. */
  sequences: number;
  timeouts: ServerTimeouts;
}

/** Before the first token a reply is asked for anew so often, and waits so long for that altogether. */
const mostTries = 3;
const longestWaitMs = 30_000;

/** Models behind OpenAI-compatible servers; each model names its server. */
export function createOpenAiEngine({ servers, sequences, timeouts }: Parts): Engine {
  const desks = new Map(servers.map((server) => [server.config.name, openDesk(server)]));
  let life: AbortController | null = null;

  function openDesk(server: RemoteServer): Desk {
    return {
      server,
      places: createPlaces(sequences),
      windows: createModelWindows(server, sequences),
      cannotCount: false,
    };
  }

  function deskOf({ name, remote }: ModelFile): Desk {
    const desk = remote ? desks.get(remote.server) : undefined;
    if (life === null) throw new EngineError('stopped', 'The engine is not running.');
    if (desk === undefined) throw new EngineError('cannot_load', `No server is set for the model ${name}.`);
    return desk;
  }

  /** The signal of one question, and of everything. */
  function both(signal: AbortSignal | undefined): AbortSignal {
    const lifeSignal = life?.signal ?? AbortSignal.abort();
    return signal === undefined ? lifeSignal : AbortSignal.any([signal, lifeSignal]);
  }

  async function load(model: ModelFile, signal?: AbortSignal): Promise<LoadedModel> {
    const desk = deskOf(model);
    const window = await desk.windows.of(model.path, both(signal));
    desk.places.resize(window.sequences);
    return { name: model.name, ...window, threads: null };
  }

  async function countPromptTokens(
    model: ModelFile,
    messages: readonly PromptMessage[],
    signal?: AbortSignal,
  ): Promise<number> {
    const desk = deskOf(model);
    const { dialect } = await desk.server.known(both(signal));
    if (dialect.countPrompt !== null && !desk.cannotCount && desk.server.breaker.state() === 'closed') {
      try {
        return await dialect.countPrompt(desk.server.client, model.path, messages, both(signal));
      } catch (error) {
        both(signal).throwIfAborted();
        // Behind a proxy only `/v1` may be reached. A server that is busy may count the next time.
        desk.cannotCount = error instanceof ServerError && !error.broken && error.code === 'unavailable';
      }
    }
    return estimatePromptTokens(messages);
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<EngineEvent, void> {
    const desk = deskOf(request.model);
    const alive = life?.signal ?? AbortSignal.abort();
    let leave = () => {};
    try {
      const { dialect } = await desk.server.known(AbortSignal.any([signal, alive]));
      if (request.continueText && !(await goesOn(desk.server, dialect, request, AbortSignal.any([signal, alive])))) {
        throw cannotContinue(request.model);
      }
      leave = await desk.places.take(AbortSignal.any([signal, alive]));
      const body = toCompletionRequest(request, dialect);
      yield* tryUntilBegun(desk, request, body, signal, alive);
    } catch (error) {
      if (!signal.aborted || alive.aborted) throw alive.aborted ? alive.reason : error;
      yield { type: 'end', finishReason: 'cancelled', usage: noUsage };
    } finally {
      leave();
    }
  }

  /** Until the first token another try doubles nothing. */
  async function* tryUntilBegun(
    { server }: Desk,
    { messages, maxTokens }: GenerateRequest,
    body: Record<string, unknown>,
    signal: AbortSignal,
    alive: AbortSignal,
  ): AsyncGenerator<EngineEvent, void> {
    const promptTokens = estimatePromptTokens(messages);
    const options = { server: server.config.name, client: server.client, body, promptTokens, maxTokens, timeouts };
    let waitedMs = 0;
    for (let tries = 1; ; tries++) {
      const passage = await server.breaker.pass(AbortSignal.any([signal, alive]));
      let begun = false;
      try {
        for await (const event of readReply(options, signal, alive)) {
          begun ||= event.type === 'text';
          // Whoever waits for this one to tell how the server is has waited long enough.
          if (begun && server.breaker.state() === 'half-open') passage.succeeded();
          if (event.type === 'end' && event.finishReason !== 'cancelled') passage.succeeded();
          yield event;
        }
        return;
      } catch (error) {
        if (!(error instanceof ServerError) || alive.aborted) throw error;
        if (error.broken) passage.failed(error.message);
        if (error.status === 404) server.forget();
        const wait = Math.max(error.retryAfterMs ?? 0, firstWaitMs * 2 ** (tries - 1));
        if (begun || error.retryAfterMs === null || tries >= mostTries || waitedMs + wait > longestWaitMs) throw error;
        passage.left();
        waitedMs += wait;
        await delay(wait, undefined, { signal: AbortSignal.any([signal, alive]) });
      } finally {
        passage.left();
      }
    }
  }

  return {
    start() {
      if (life !== null) return;
      life = new AbortController();
      for (const server of servers) server.start();
    },
    async stop() {
      life?.abort(new EngineError('stopped', 'The engine was stopped.'));
      life = null;
      await Promise.all(servers.map((server) => server.stop()));
    },
    status: () => ({ state: life === null ? 'stopped' : 'ready', loaded: null, problem: null }),
    load,
    // What a server holds in memory is its own business, and nothing of a conversation is kept here.
    unload: async () => undefined,
    forget: async () => undefined,
    countPromptTokens,
    tokenize: async (_model, text) => ({ count: estimateTokens(text), ids: [] }),
    generate,
    async embed(model, texts, signal) {
      const { server } = deskOf(model);
      return embedTexts(server, model.path, texts, timeouts.firstTokenMs, both(signal));
    },
  };
}

/** What is kept of one server. */
interface Desk {
  server: RemoteServer;
  places: Places;
  windows: ModelWindows;
  /** It was asked, and knew no way. */
  cannotCount: boolean;
}

const firstWaitMs = 500;

/** Whether the server would go on with the answer that was begun; where that cannot be found out, it would not. */
async function goesOn(
  { client }: RemoteServer,
  { continuing, goesOn: ask }: Dialect,
  { model, messages, continueText = '' }: GenerateRequest,
  signal: AbortSignal,
): Promise<boolean> {
  if (continuing === null || ask === null) return continuing !== null;
  try {
    return await ask(client, model.path, [...messages, { role: 'assistant', content: continueText }], signal);
  } catch (error) {
    if (error instanceof ServerError && !error.broken) return false;
    throw error;
  }
}

function cannotContinue({ name, remote }: ModelFile): EngineError {
  return new EngineError(
    'unavailable',
    `The server ${remote?.server} cannot go on with an answer that was begun, so ${name} would begin it anew: ask for another one.`,
  );
}
