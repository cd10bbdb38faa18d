import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import { type Admission, createAdmission } from '../admission.ts';
import { EngineError, type EngineStatus, type LoadedModel, type ModelFile } from '../engine.ts';
import { type ChildCalls, createChildCalls } from './child-calls.ts';
import { createSupervisor } from './supervisor.ts';

/** A child process with at most one model in it, and who may use that. */
export interface ModelHolder {
  /** Begins to start the child and returns at once; one that is started stays so. */
  start(): void;
  /** Rejects all that is under way with `stopped`, and ends the child. */
  stop(): Promise<void>;
  status(): EngineStatus;
  pid(): number | null;
  /** A place at the model, which is loaded where needed. Rejects as `Admission.enter` does, and with `stopped`. */
  enter: Admission['enter'];
  /** Lets the model go once those before have left. */
  empty: Admission['empty'];
  /** What the child can be asked, with a place at the model. */
  calls: ChildCalls;
}

export interface ModelHolderOptions {
  logger: Logger;
  /** Asks the child for the model. */
  load: (calls: ChildCalls, model: ModelFile) => Promise<LoadedModel>;
  idleTimeoutMs: Config['models']['idleTimeoutMs'];
  /** For how long a stop waits for what the child puts away of its model; 0 for a model that keeps nothing. */
  putAwayMs: number;
}

export function createModelHolder({ logger, load, idleTimeoutMs, putAwayMs }: ModelHolderOptions): ModelHolder {
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
        loaded = await load(calls, model);
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

  return {
    start: () => supervisor.start(),
    async stop() {
      clearTimeout(idle);
      const holdsStates = putAwayMs > 0 && supervisor.state() === 'ready' && loaded !== null;
      await supervisor.stop(async () => {
        dropAll(() => new EngineError('stopped', 'The engine was stopped.'));
        if (!holdsStates) return;
        const saved = calls.unload().catch(() => undefined);
        await Promise.race([saved, delay(putAwayMs)]);
      });
    },
    status() {
      const state = supervisor.state();
      return { state: state === 'ready' && loading !== null ? 'loading' : state, loaded, problem };
    },
    pid: () => supervisor.pid(),
    async enter(model, kind, signal) {
      ensureStarted();
      return admission.enter(model, kind, signal);
    },
    async empty(signal) {
      ensureStarted();
      await admission.empty(signal);
    },
    calls,
  };
}
