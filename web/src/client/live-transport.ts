import type { ExecutionResult, SubscriptionOperation } from '@urql/core';
import type { Store } from '../lib/store.ts';
import type { Carrier } from './carrier.ts';
import { firstRoute, type Route, retryDelayMs, routeAfterLoss } from './route.ts';

export type Connection = 'connecting' | 'live' | 'lost';

/** What a subscription wants to be told and asked when it is started again. */
export interface Restart {
  /** Variables for the next start, after this result: where to go on. */
  variablesAfter?: (
    variables: SubscriptionOperation['variables'],
    result: ExecutionResult,
  ) => SubscriptionOperation['variables'];
  /** It runs again; what happened in between was not seen, unless its variables say where to go on. */
  onRestarted?: () => void;
}

export interface LiveObserver {
  next(result: ExecutionResult): void;
  complete(): void;
}

export interface LiveTransport {
  /** Follows a subscription over every loss of the connection, until it completes, is refused, or is ended by the returned function. */
  subscribe(request: SubscriptionOperation, restart: Restart, observer: LiveObserver): () => void;
}

interface Options {
  carriers: Record<Route['carrier'], Carrier>;
  /** Whether a socket can be had again. */
  probeSocket: (signal: AbortSignal) => Promise<boolean>;
  connection: Store<Connection>;
  /** Waits that long, or until there is reason to hope again. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

const lastedMs = 5_000;
const firstProbeMs = 5_000;
const longestProbeMs = 300_000;

/**
 * Subscriptions over the socket; over server-sent events while no socket can be opened. All of them share one route: when
 * the connection breaks they move together, and each goes on where it stood.
 */
export function createLiveTransport({ carriers, probeSocket, connection, pause }: Options): LiveTransport {
  let route = firstRoute;
  let probing: AbortController | null = null;
  const restarts = new Set<() => void>();

  async function returnToSocket(signal: AbortSignal): Promise<void> {
    for (let delay = firstProbeMs; !signal.aborted; delay = Math.min(longestProbeMs, delay * 2)) {
      await pause(delay, signal);
      if (signal.aborted || !(await probeSocket(signal))) continue;
      route = firstRoute;
      for (const restart of [...restarts]) restart();
      return;
    }
  }

  function watchForSocket(): void {
    const wanted = route.carrier === 'events' && restarts.size > 0;
    if (!wanted) {
      probing?.abort();
      probing = null;
    } else if (probing === null) {
      const controller = new AbortController();
      probing = controller;
      void returnToSocket(controller.signal).finally(() => {
        if (probing === controller) probing = null;
      });
    }
  }

  return {
    subscribe(request, restart, observer) {
      const ended = new AbortController();
      let current = request;
      let attempts = 0;
      let timesOpened = 0;
      let stop = () => {};

      const end = () => {
        ended.abort();
        restarts.delete(start);
        stop();
        watchForSocket();
      };

      function start(): void {
        stop();
        const attempt = ++attempts;
        const taken = route;
        const began = performance.now();
        let opened = false;
        let over = false;
        const close = carriers[taken.carrier](current, {
          opened() {
            if (over || opened) return;
            opened = true;
            connection.set('live');
            watchForSocket();
            if (timesOpened++ > 0 || attempts > 1) restart.onRestarted?.();
          },
          next(result) {
            if (over) return;
            const variables = restart.variablesAfter?.(current.variables, result);
            if (variables !== undefined) current = { ...current, variables };
            observer.next(result);
          },
          refused(errors) {
            if (over) return;
            end();
            observer.next({ errors });
            observer.complete();
          },
          complete() {
            if (over) return;
            end();
            observer.complete();
          },
          async lost() {
            if (over) return;
            over = true;
            const lasted = performance.now() - began > lastedMs;
            // Whoever notices first decides for all.
            if (route === taken) route = routeAfterLoss(taken, { opened, lasted });
            connection.set('lost');
            await pause(retryDelayMs(route, Math.random), ended.signal);
            if (!ended.signal.aborted && attempt === attempts) start();
          },
        });
        stop = () => {
          over = true;
          close();
        };
      }

      restarts.add(start);
      start();
      return end;
    },
  };
}
