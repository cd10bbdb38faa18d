import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../logger.ts';
import { EngineError } from '../engine.ts';
import { type ModelProcess, startModelProcess } from './model-process.ts';
import type { FromChild, ToChild } from './protocol.ts';

export interface Supervisor {
  start(): void;
  /** Nothing is started from here on; the child ends after the farewell, which may still speak to it. */
  stop(farewell: () => Promise<void>): Promise<void>;
  /** Puts a fresh child in the place of one that does nothing: only the end of a process gives all its memory back. */
  recycle(): Promise<void>;
  /** Resolves when the child can be spoken to, after a restart where one is under way. */
  whenReady(): Promise<void>;
  send(message: ToChild): void;
  state(): 'stopped' | 'starting' | 'ready' | 'restarting';
  pid(): number | null;
  /** The child has done its work: the next restart need not wait long. */
  trust(): void;
}

export interface SupervisorOptions {
  logger: Logger;
  onMessage: (message: Exclude<FromChild, { type: 'pong' | 'ready' | 'log' }>) => void;
  /** The child is gone, and what it was doing with it; another one follows. */
  onCrash: (reason: string) => void;
  /** Whether it is loading a model, which may keep it from answering for long. */
  isLoading: () => boolean;
}

const firstRestartMs = 100;
const slowestRestartMs = 10_000;
/** A child that is silent for longer counts as stuck. */
const patienceMs = { starting: 30_000, loading: 60_000, serving: 3_000 };

/** Keeps one child process running: a new one follows each that ends, sooner or later by how the last ones fared. */
export function createSupervisor({ logger, onMessage, onCrash, isLoading }: SupervisorOptions): Supervisor {
  let child: ModelProcess | null = null;
  let ready = deferReadiness();
  let state: ReturnType<Supervisor['state']> = 'stopped';
  let stopping = new AbortController();
  /** Of the present child. */
  let life = new AbortController();
  let stopped: Promise<void> = Promise.resolve();
  let failures = 0;

  function launch(): void {
    life = new AbortController();
    const signal = AbortSignal.any([stopping.signal, life.signal]);
    child = startModelProcess({
      onMessage: (message) => {
        if (message.type !== 'ready' || !signal.aborted) receive(message);
      },
      onExit: (reason) => {
        child = null;
        if (!signal.aborted) void restart(reason);
      },
      patienceMs: () => {
        if (state !== 'ready') return patienceMs.starting;
        return isLoading() ? patienceMs.loading : patienceMs.serving;
      },
    });
  }

  function receive(message: Exclude<FromChild, { type: 'pong' }>): void {
    switch (message.type) {
      case 'ready':
        state = 'ready';
        ready.resolve();
        return;
      case 'log':
        logger[message.level]({ from: 'llama.cpp' }, message.message);
        return;
      default:
        onMessage(message);
    }
  }

  async function restart(reason: string): Promise<void> {
    if (state === 'ready') ready = deferReadiness();
    state = 'restarting';
    const waitMs = Math.min(slowestRestartMs, firstRestartMs * 2 ** failures++);
    logger.error({ reason, waitMs }, 'the model process ended; it is started again');
    onCrash(reason);
    try {
      await delay(waitMs, undefined, { signal: stopping.signal });
      launch();
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
  }

  return {
    start() {
      if (state !== 'stopped') return;
      state = 'starting';
      stopping = new AbortController();
      const { signal } = stopping;
      ready = deferReadiness();
      void stopped.then(() => {
        if (!signal.aborted) launch();
      });
    },
    stop(farewell) {
      if (state === 'stopped') return stopped;
      state = 'stopped';
      stopping.abort();
      ready.reject(new EngineError('stopped', 'The engine was stopped.'));
      stopped = (async () => {
        await farewell();
        await child?.stop();
      })();
      return stopped;
    },
    async recycle() {
      if (state !== 'ready') return;
      const { signal } = stopping;
      state = 'starting';
      ready = deferReadiness();
      life.abort();
      await child?.stop();
      if (!signal.aborted) launch();
    },
    whenReady: () => ready.promise,
    send: (message) => child?.send(message),
    state: () => state,
    pid: () => child?.pid ?? null,
    trust() {
      failures = 0;
    },
  };
}

function deferReadiness() {
  let resolve = () => {};
  let reject: (error: EngineError) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Nobody may be waiting.
  promise.catch(() => undefined);
  return { promise, resolve: () => resolve(), reject: (error: EngineError) => reject(error) };
}
