import { useEffect, useState } from 'react';
import { type PartHealth, readHealth } from './read-health.ts';

const everyMs = 2_000;
/** A part that hangs is given up by the server within some five seconds. */
const longestMs = 10_000;

export interface Health {
  /** As they were found last. */
  parts: readonly PartHealth[];
  /** Whether the portal answered when it was asked last; null before that. */
  isReached: boolean | null;
}

/** How each part is doing, asked again two seconds after each answer. */
export function useHealth(): Health {
  const [health, setHealth] = useState<Health>({ parts: [], isReached: null });
  useEffect(() => {
    const left = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function ask() {
      const signal = AbortSignal.any([left.signal, AbortSignal.timeout(longestMs)]);
      const parts = await readHealth(signal).catch(() => null);
      if (left.signal.aborted) return;
      setHealth((before) => ({ parts: parts ?? before.parts, isReached: parts !== null }));
      timer = setTimeout(ask, everyMs);
    }
    void ask();
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, []);
  return health;
}
