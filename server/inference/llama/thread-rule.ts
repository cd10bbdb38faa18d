/** What the rule looks at. CPU times are in seconds since some beginning. */
export interface Processors {
  /** Cores that are worth a thread of arithmetic. */
  cores: number;
  /** What all processes of the machine have used, this one included. */
  used(): number;
  /** What this process has used. */
  own(): number;
  /** Seconds that have passed. */
  now(): number;
}

export interface ThreadRule {
  /** Begins to look while something is computed; returns what ends that. */
  watch(): () => void;
}

const firstLookMs = 100;
const lookMs = 250;
/** Of a core: what others may use before a thread makes room for them, and what they must use less to get it back. */
const yieldsAt = 0.35;
const returnsAt = 0.2;

/**
 * How many threads compute beside what other processes use: as many as there are cores left to them. llama.cpp's threads wait
 * for each other many times a token, so one that shares its core holds up all; one thread less costs little or nothing.
 */
export function threadsBeside(others: number, cores: number, now: number): number {
  const room = (spare: number) => Math.max(1, Math.min(cores, Math.floor(cores - others + spare)));
  const fewer = room(yieldsAt);
  const more = room(returnsAt);
  return fewer < now ? fewer : Math.max(now, more);
}

/** Calls `apply` with each new number of threads, at first with all cores. */
export function createThreadRule(processors: Processors, apply: (threads: number) => void): ThreadRule {
  const { cores } = processors;
  let threads = cores;
  let watchers = 0;
  let timer: NodeJS.Timeout | null = null;
  apply(threads);

  const read = () => ({ used: processors.used(), own: processors.own(), at: processors.now() });

  function look(before: ReturnType<typeof read>, smoothed: number | null): void {
    const now = read();
    const passed = now.at - before.at;
    const others = passed <= 0 ? 0 : Math.max(0, (now.used - before.used - (now.own - before.own)) / passed);
    const average = smoothed === null ? others : (smoothed + others) / 2;
    const next = threadsBeside(average, cores, threads);
    if (next !== threads) apply(next);
    threads = next;
    timer = setTimeout(look, lookMs, now, average);
    timer.unref();
  }

  return {
    watch() {
      if (++watchers === 1 && cores > 1) {
        timer = setTimeout(look, firstLookMs, read(), null);
        timer.unref();
      }
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        if (--watchers === 0 && timer !== null) clearTimeout(timer);
      };
    },
  };
}
