/** How many may do something at once; the others wait in order of arrival. */
export interface Places {
  /** Resolves with the way to leave. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
  resize(count: number): void;
}

export function createPlaces(initial: number): Places {
  let count = initial;
  let taken = 0;
  const waiting = new Set<() => void>();

  function admit(): void {
    for (const enter of waiting) {
      if (taken >= count) return;
      waiting.delete(enter);
      taken++;
      enter();
    }
  }

  function leaveOnce(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      taken--;
      admit();
    };
  }

  return {
    take: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          waiting.delete(enter);
          reject(signal.reason);
        };
        const enter = () => {
          signal.removeEventListener('abort', onAbort);
          resolve(leaveOnce());
        };
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.add(enter);
        admit();
      }),
    resize(next) {
      count = next;
      admit();
    },
  };
}
