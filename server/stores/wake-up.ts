/**
 * Tells waiting readers that something happened. It carries no truth: a note may come more than once, or never (a broken
 * connection), so whoever waits also looks for itself from time to time.
 */
export interface WakeUp {
  /** Wakes every listener of the topic, in this process and others. Never throws, never waits for a listener. */
  notify(topic: string, note?: string): void;
  /** Listens from this call on, so that what is notified between a read and the next wait is not missed. */
  listen(topic: string): Listener;
}

export interface Listener {
  /**
   * Resolves as soon as anything was notified since the last call, with the distinct notes (the newest 1,000); with
   * none after `timeoutMs`, or when `signal` aborts or this is closed, before or meanwhile.
   */
  next(options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<readonly string[]>;
  close(): void;
}
