import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import { createAdmission } from '../admission.ts';
import {
  type Engine,
  EngineError,
  type EngineEvent,
  type EngineStatus,
  type EngineUsage,
  type GenerateRequest,
  type LoadedModel,
  type ModelFile,
} from '../engine.ts';
import { createChildCalls } from './child-calls.ts';
import { createEventQueue } from './event-queue.ts';
import { conversationKey, removeStates } from './state-folder.ts';
import { createSupervisor } from './supervisor.ts';

export interface LlamaEngine extends Engine {
  /** The process that holds llama.cpp now; for tests that kill it. */
  childPid(): number | null;
}

export interface LlamaEngineOptions {
  config: Config['models'];
  /** The configured one: what it makes a prompt begin with is computed once for all conversations. */
  sharedSystemPrompt: string;
  logger: Logger;
}

/** For how long a stop waits for the states of conversations to be put away. */
const putAwayMs = 3_000;

/** llama.cpp in a child process: what kills or blocks it never reaches the caller's. */
export function createLlamaEngine({ config, sharedSystemPrompt, logger }: LlamaEngineOptions): LlamaEngine {
  const { threads, sequences, contextLength, gpu, states, idleTimeoutMs } = config;
  let loaded: LoadedModel | null = null;
  let loading: ModelFile | null = null;
  let problem: string | null = null;
  let idle: NodeJS.Timeout | undefined;

  const supervisor = createSupervisor({
    logger,
    onMessage: (message) => calls.receive(message),
    onCrash: (reason) => dropAll(errorOfCrash(reason)),
    isLoading: () => loading !== null,
  });
  const calls = createChildCalls({ send: (message) => supervisor.send(message) });
  const admission = createAdmission({
    swap,
    onQuiet() {
      clearTimeout(idle);
      if (idleTimeoutMs === null || loaded === null) return;
      idle = setTimeout(() => {
        logger.info({ model_id: loaded?.name }, 'nobody uses the model; it is let go');
        admission.empty().catch((error: unknown) => logger.debug({ err: error }, 'the model was not let go'));
      }, idleTimeoutMs);
      idle.unref();
    },
    onStir: () => clearTimeout(idle),
  });

  async function swap(model: ModelFile | null): Promise<LoadedModel | null> {
    await supervisor.whenReady();
    loaded = null;
    loading = model;
    try {
      if (model === null) {
        await calls.unload();
        await supervisor.recycle();
        // Only a conversation that was to be forgotten may have waited for the child that is gone.
        calls.failAll(new EngineError('stopped', 'The model was let go.'));
      } else {
        const started = performance.now();
        loaded = await calls.load(model, { threads, sequences, contextLength, gpu, states, sharedSystemPrompt });
        logger.info({ ...loaded, ms: Math.round(performance.now() - started) }, 'model loaded');
      }
      problem = null;
      supervisor.trust();
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      loading = null;
    }
    return loaded;
  }

  function errorOfCrash(reason: string): (model: ModelFile | null) => EngineError {
    const culprit = loading;
    problem = culprit === null ? `The model process ${reason}.` : `llama.cpp failed on ${culprit.name}: it ${reason}.`;
    const message = problem;
    return (model) =>
      new EngineError(culprit !== null && model?.path === culprit.path ? 'cannot_load' : 'crashed', message);
  }

  function dropAll(errorFor: (model: ModelFile | null) => EngineError): void {
    const culprit = loading;
    loaded = null;
    loading = null;
    admission.reset(errorFor);
    calls.failAll(errorFor(culprit));
  }

  function ensureStarted(): void {
    if (supervisor.state() === 'stopped') throw new EngineError('stopped', 'The engine is not running.');
  }

  /** Asks the child something while the model is the loaded one. */
  async function askModel<Answer>(
    model: ModelFile,
    question: () => Promise<Answer>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    ensureStarted();
    const place = await admission.enter(model, 'question', signal);
    try {
      return await question();
    } finally {
      place.leave();
    }
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<EngineEvent, void> {
    ensureStarted();
    const place = await admission.enter(request.model, 'reply', signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (place === null || signal.aborted) {
      place?.leave();
      yield { type: 'end', finishReason: 'cancelled', usage: noUsage };
      return;
    }
    const queue = createEventQueue<EngineEvent>();
    const { model: _, ...rest } = request;
    const call = calls.generate(rest, queue.push);
    // The sequence is free when the child says so, not when the reader turns away.
    void call.done.then(
      () => queue.close(),
      (error: unknown) => queue.close(error),
    );
    void call.done.catch(() => undefined).finally(place.leave);
    signal.addEventListener('abort', call.cancel, { once: true });
    try {
      yield* queue;
    } finally {
      signal.removeEventListener('abort', call.cancel);
      call.cancel();
    }
  }

  return {
    start: () => supervisor.start(),
    async stop() {
      clearTimeout(idle);
      const holdsStates = supervisor.state() === 'ready' && loaded !== null;
      await supervisor.stop(async () => {
        dropAll(() => new EngineError('stopped', 'The engine was stopped.'));
        if (!holdsStates) return;
        const saved = calls.unload().catch(() => undefined);
        await Promise.race([saved, delay(putAwayMs)]);
      });
    },
    status(): EngineStatus {
      const state = supervisor.state();
      return { state: state === 'ready' && loading !== null ? 'loading' : state, loaded, problem };
    },
    async load(model, signal) {
      ensureStarted();
      const place = await admission.enter(model, 'question', signal);
      place.leave();
      return place.model;
    },
    async unload() {
      ensureStarted();
      await admission.empty();
    },
    async forget(conversation) {
      try {
        if (supervisor.state() === 'ready') await calls.forget(conversation);
      } catch (error) {
        // Its memory is gone with the child; what is on disk is removed below.
        logger.debug({ err: error }, 'the child could not forget a conversation');
      }
      try {
        removeStates(states.dir, conversationKey(conversation));
      } catch (error) {
        logger.warn({ err: error }, 'the saved state of a deleted conversation could not be removed');
      }
    },
    countPromptTokens: (model, messages, signal) => askModel(model, () => calls.count(messages), signal),
    tokenize: (model, text, signal) => askModel(model, () => calls.tokenize(text), signal),
    generate,
    childPid: () => supervisor.pid(),
  };
}

const noUsage: EngineUsage = {
  promptTokens: 0,
  reusedTokens: 0,
  completionTokens: 0,
  timeToFirstTokenMs: null,
  tokensPerSecond: null,
};
