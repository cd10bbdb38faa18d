/** Resolves after `ms`, or sooner when the machine is online again, the page is looked at again, or the signal aborts. */
export function pauseUntilHope(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const settled = new AbortController();
    const settle = () => {
      settled.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(settle, ms);
    const options = { signal: settled.signal };
    signal.addEventListener('abort', settle, options);
    window.addEventListener('online', settle, options);
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && settle(), options);
  });
}
