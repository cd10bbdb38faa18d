import type { Counters } from './counters.ts';

/** The counters of one process. */
export function createMemoryCounters(): Counters {
  const counted = new Map<string, number>();
  return {
    add: (name, amount = 1) => void counted.set(name, (counted.get(name) ?? 0) + amount),
    read: async () => new Map(counted),
    close: async () => {},
  };
}
