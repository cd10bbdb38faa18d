import type { ServerTimeouts } from '../../config.ts';
import type { ServerConfig, ServerKind } from '../../config-servers.ts';
import type { Logger } from '../../logger.ts';
import { pause } from '../../pause.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import type { ListedModel } from './dialect.ts';
import { type ModelList, readModelList } from './model-list.ts';
import { createServerClient, type ServerClient } from './server-client.ts';
import { ServerError } from './server-error.ts';

/** One server: how to speak with it, what it has, and how it is doing. */
export interface RemoteServer {
  config: ServerConfig;
  readonly client: ServerClient;
  readonly breaker: CircuitBreaker;
  /** Aborts when it is stopped. */
  readonly life: AbortSignal;
  /** Looks at the server at once; nothing of it is awaited. */
  start(): void;
  /** Ends what is under way. It may be started again. */
  stop(): Promise<void>;
  /** What it is and has, as it said last; looks where nothing is known. Rejects as `ServerClient` does. */
  known(signal: AbortSignal): Promise<ModelList>;
  /**
   * The models that it listed last; none where it never did. Where that is longer ago than `freshMs` it is asked anew, and `waitMs` are
   * waited for its answer. Never rejects.
   */
  models(freshMs: number, waitMs: number): Promise<readonly ListedModel[]>;
  /** Whether it ever said what it has. */
  isKnown(): boolean;
  provider(): ServerKind;
  /** Whether its models come and go in its memory. */
  loadsOnDemand(): boolean;
  /** What it lists is asked for anew the next time; says how many models were known. */
  forget(): number;
  /** Why nothing of it can be used now; null where something can. */
  problem(): string | null;
}

const mostFailures = 3;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** What was refused is refused again for as long. */
const refusedMs = 10_000;
/** After a look that went wrong, until the breaker opens. */
const lookAgainMs = 1_000;

export function createRemoteServer(config: ServerConfig, timeouts: ServerTimeouts, logger: Logger): RemoteServer {
  const { name } = config;
  let list: (ModelList & { at: number }) | null = null;
  let looking: Promise<ModelList> | null = null;
  /** What it said where it refused the last look, or where there never was a good one. */
  let refusal: string | null = null;
  let refusedAt = Number.NEGATIVE_INFINITY;
  let session = open();

  function open() {
    const life = new AbortController();
    const breaker = createCircuitBreaker({
      mostFailures,
      firstPauseMs,
      longestPauseMs,
      probe: async () => void (await look()),
      onChange: (state, reason) => {
        if (state === 'open') logger.warn({ server: name, reason }, 'a server is left alone until it is well again');
        else logger.info({ server: name, state }, 'a server answers again');
      },
    });
    return { life, breaker, client: createServerClient(config, timeouts) };
  }

  /** One look at a time. */
  function look(): Promise<ModelList> {
    looking ??= readModelList(config, session.client, session.life.signal)
      .then((found) => {
        list = { ...found, at: performance.now() };
        refusal = null;
        return found;
      })
      .catch((error: unknown) => {
        const broken = error instanceof ServerError && error.broken;
        // Whoever is busy still has the models that it had.
        const busy = error instanceof ServerError && error.code === 'overloaded';
        if ((!broken && !busy) || list === null) refusal = error instanceof Error ? error.message : String(error);
        if (!broken) refusedAt = performance.now();
        throw error;
      })
      .finally(() => {
        looking = null;
      });
    return looking;
  }

  /** A look of which the breaker hears. While it is open its probes do the looking. */
  async function lookAround(): Promise<void> {
    const { breaker, life } = session;
    while (!life.signal.aborted && breaker.state() !== 'open') {
      try {
        await look();
        if (breaker.state() === 'closed') breaker.succeeded();
        return;
      } catch (error) {
        if (life.signal.aborted) return;
        if (!(error instanceof ServerError) || !error.broken) {
          logger.warn({ err: error, server: name }, 'the models of a server are not known');
          return;
        }
        breaker.failed(error.message);
        await pause(lookAgainMs, life.signal);
      }
    }
  }

  let around: Promise<void> | null = null;
  function lookAroundOnce(): Promise<void> {
    around ??= lookAround().finally(() => {
      around = null;
    });
    return around;
  }

  return {
    config,
    get client() {
      return session.client;
    },
    get breaker() {
      return session.breaker;
    },
    get life() {
      return session.life.signal;
    },
    start() {
      if (session.life.signal.aborted) session = open();
      void lookAroundOnce();
    },
    async stop() {
      const { life, breaker, client } = session;
      life.abort(new ServerError('stopped', 'The engine was stopped.'));
      breaker.stop();
      await client.close();
    },
    async known(signal) {
      if (list !== null) return list;
      const problem = session.breaker.problem();
      if (problem !== null) throw new ServerError('unavailable', problem);
      return unlessAborted(look(), signal);
    },
    async models(freshMs, waitMs) {
      if (list !== null && performance.now() - list.at <= freshMs) return list.models;
      if (performance.now() - refusedAt <= refusedMs) return list?.models ?? [];
      const looked = lookAroundOnce();
      if (session.breaker.state() !== 'open') await Promise.race([looked, pause(waitMs, session.life.signal)]);
      return list?.models ?? [];
    },
    isKnown: () => list !== null,
    provider: () => list?.dialect.kind ?? config.kind ?? 'openai',
    loadsOnDemand: () => list?.models.some(({ loaded }) => !loaded) === true && list.dialect.kind !== 'openai',
    forget() {
      const count = list?.models.length ?? 0;
      if (list !== null) list.at = Number.NEGATIVE_INFINITY;
      refusedAt = Number.NEGATIVE_INFINITY;
      return count;
    },
    problem: () => session.breaker.problem() ?? refusal,
  };
}

/** The result, or the signal's reason where that comes first. */
export function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
