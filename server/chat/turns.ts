import { PortalError } from '../errors.ts';

export interface Turns {
  /** Whether whoever comes now would not wait. */
  free(): boolean;
  /**
   * Resolves with the way to leave once it is this user's turn: users in turn, those of one in order of arrival. Throws
   * `overloaded` at once where too many wait, and the signal's reason where it aborts first.
   */
  take(userId: string, signal: AbortSignal): Promise<() => void>;
  /**
   * Resolves with the way to leave once nobody has a turn; until then, and until that is used, nobody new gets one. Throws the
   * signal's reason where it aborts first.
   */
  clear(signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  admit(): void;
}

/** `places` at once; up to `mostWaiting` wait, and one user's many never hold up another's one. */
export function createTurns({ places, mostWaiting }: { places: number; mostWaiting: number }): Turns {
  /** Who waits, by user; the user whose turn is next comes first. */
  const queues = new Map<string, Waiting[]>();
  let waiting = 0;
  let taken = 0;
  /** Those who want nobody beside them. */
  let clearing = 0;
  const whenClear = new Set<() => void>();

  function leave(): void {
    taken--;
    if (taken === 0) for (const resolve of whenClear) resolve();
    admitNext();
  }

  function admitNext(): void {
    const [next] = queues;
    if (next === undefined || taken >= places || clearing > 0) return;
    const [userId, queue] = next;
    queues.delete(userId);
    const first = queue.shift();
    if (queue.length > 0) queues.set(userId, queue);
    taken++;
    first?.admit();
  }

  const free = () => taken < places && clearing === 0;

  function once(work: () => void): () => void {
    let done = false;
    return () => {
      if (done) return;
      done = true;
      work();
    };
  }

  return {
    free,

    async take(userId, signal) {
      signal.throwIfAborted();
      if (free()) {
        taken++;
        return once(leave);
      }
      if (waiting >= mostWaiting) {
        throw new PortalError('overloaded', 'The queue of answers is full; try again later.', {
          retryAfterSeconds: 30,
        });
      }
      waiting++;
      try {
        await new Promise<void>((resolve, reject) => {
          const entry: Waiting = { admit: resolve };
          queues.set(userId, [...(queues.get(userId) ?? []), entry]);
          const giveUp = () => {
            const left = (queues.get(userId) ?? []).filter((other) => other !== entry);
            if (left.length > 0) queues.set(userId, left);
            else queues.delete(userId);
            reject(signal.reason);
          };
          signal.addEventListener('abort', giveUp, { once: true });
          entry.admit = () => {
            signal.removeEventListener('abort', giveUp);
            resolve();
          };
        });
      } finally {
        waiting--;
      }
      return once(leave);
    },

    async clear(signal) {
      clearing++;
      const end = once(() => {
        clearing--;
        // Each of them may be the last that was held up.
        for (let place = taken; place < places; place++) admitNext();
      });
      try {
        if (taken > 0) await untilClear(signal);
        signal.throwIfAborted();
        return end;
      } catch (error) {
        end();
        throw error;
      }
    },
  };

  function untilClear(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => () => {
        whenClear.delete(clear);
        signal.removeEventListener('abort', giveUp);
        done();
      };
      const clear = settle(resolve);
      const giveUp = settle(() => reject(signal.reason));
      whenClear.add(clear);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}

/**
 * What is needed beside a turn that was asked for already, so that `free` knows of it. The turn is given back where that
 * rejects; where the turn itself rejects, whoever waits for it afterwards is told.
 */
export async function besideTurn<Needed>(turn: Promise<() => void>, needed: Promise<Needed>): Promise<Needed> {
  turn.catch(() => {});
  try {
    return await needed;
  } catch (error) {
    turn.then(
      (leave) => leave(),
      () => {},
    );
    throw error;
  }
}
