import { pause } from '../../pause.ts';
import { ServerError } from './server-error.ts';

/** One use of what stands behind the breaker; exactly one of these is called, further calls do nothing. */
export interface Passage {
  succeeded(): void;
  /** It was to blame. */
  failed(reason: string): void;
  /** Nothing is known of it: whoever came gave up, or asked what it refuses. */
  left(): void;
}

/** Leaves a server alone that fails again and again, so that nobody waits for it in vain and it can recover. */
export interface CircuitBreaker {
  /**
   * Resolves at once while it is closed. Half open, after a probe that went well, one passes and the others wait for how that goes.
   * Rejects with ServerError `unavailable` and the reason while it is open, and with the signal's reason.
   */
  pass(signal: AbortSignal): Promise<Passage>;
  /** What is outside of any passage went well, or wrong. */
  succeeded(): void;
  failed(reason: string): void;
  state(): 'closed' | 'open' | 'half-open';
  /** Why it is open; null where it is not. */
  problem(): string | null;
  /** No probe follows. */
  stop(): void;
}

export interface CircuitBreakerOptions {
  /** Failures in a row that open it. */
  mostFailures: number;
  /** Until the first probe; each that fails doubles it. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** Looks whether it is well again; rejects where it is not. */
  probe: (signal: AbortSignal) => Promise<void>;
  onChange?: (state: 'closed' | 'open' | 'half-open', reason: string | null) => void;
}

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { mostFailures, firstPauseMs, longestPauseMs, probe, onChange } = options;
  let state: ReturnType<CircuitBreaker['state']> = 'closed';
  let failures = 0;
  let reason: string | null = null;
  let pauseMs = firstPauseMs;
  /** Of the passage that tries a half-open one out; resolves when it is known, or given up. */
  let trial: Promise<void> | null = null;
  let probing = new AbortController();

  function become(next: typeof state): void {
    if (state === next) return;
    state = next;
    onChange?.(next, reason);
  }

  function succeeded(): void {
    // What began before it opened proves nothing.
    if (state === 'open') return;
    failures = 0;
    reason = null;
    pauseMs = firstPauseMs;
    become('closed');
  }

  function failed(why: string): void {
    failures++;
    if (state === 'open' || (state === 'closed' && failures < mostFailures)) return;
    reason = why;
    if (state === 'half-open') pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    become('open');
    probing = new AbortController();
    void probeUntilWell(probing.signal);
  }

  async function probeUntilWell(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(pauseMs, signal);
      if (signal.aborted) return;
      try {
        await probe(signal);
        if (!signal.aborted) become('half-open');
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      }
    }
  }

  function passage(settle: () => void): Passage {
    let known = false;
    const once = (work: () => void) => {
      if (known) return;
      known = true;
      work();
      settle();
    };
    return {
      succeeded: () => once(succeeded),
      failed: (why) => once(() => failed(why)),
      left: () => once(() => undefined),
    };
  }

  return {
    async pass(signal) {
      for (;;) {
        signal.throwIfAborted();
        if (state === 'closed') return passage(() => undefined);
        if (state === 'open') throw new ServerError('unavailable', reason ?? 'The server is left alone for a while.');
        if (trial === null) {
          let settle = () => {};
          trial = new Promise<void>((resolve) => {
            settle = () => {
              trial = null;
              resolve();
            };
          });
          return passage(() => settle());
        }
        await untilSettled(trial, signal);
      }
    },
    succeeded,
    failed,
    state: () => state,
    problem: () => (state === 'open' ? reason : null),
    stop: () => probing.abort(),
  };
}

function untilSettled(settled: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void settled.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
