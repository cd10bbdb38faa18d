import type { Listener, WakeUp } from './wake-up.ts';

interface Waiting {
  notes: Set<string>;
  wake: () => void;
}

const maxNotes = 1000;

/** Wakes the listeners of this process. */
export function createMemoryWakeUp(): WakeUp {
  const topics = new Map<string, Set<Waiting>>();

  return {
    notify(topic, note = '') {
      for (const waiting of topics.get(topic) ?? []) {
        waiting.notes.add(note);
        if (waiting.notes.size > maxNotes) waiting.notes.delete(oldest(waiting.notes));
        waiting.wake();
      }
    },

    listen(topic): Listener {
      const waiting: Waiting = { notes: new Set(), wake: () => {} };
      let closed = false;
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners.add(waiting));

      return {
        async next({ timeoutMs, signal } = {}) {
          if (waiting.notes.size === 0 && !closed && !signal?.aborted) await wokenOrGivenUp(waiting, timeoutMs, signal);
          const notes = [...waiting.notes];
          waiting.notes.clear();
          return notes;
        },
        close() {
          closed = true;
          listeners.delete(waiting);
          if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic);
          waiting.wake();
        },
      };
    },
  };
}

function wokenOrGivenUp(
  waiting: Waiting,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = timeoutMs === undefined ? undefined : setTimeout(done, timeoutMs);
    signal?.addEventListener('abort', done, { once: true });
    waiting.wake = done;

    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      waiting.wake = () => {};
      resolve();
    }
  });
}

function oldest(notes: Set<string>): string {
  const [first = ''] = notes;
  return first;
}
