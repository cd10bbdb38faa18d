import type { Logger } from '../logger.ts';
import type { AnswerStore } from './answer-store.ts';
import { createFallbackAnswerStore } from './answer-store-fallback.ts';
import { createMemoryAnswerStore } from './answer-store-memory.ts';
import { createRedisAnswerStore } from './answer-store-redis.ts';
import type { Calls } from './calls.ts';
import { createRedisCalls } from './calls-redis.ts';
import type { Counters } from './counters.ts';
import { createMemoryCounters } from './counters-memory.ts';
import { createRedisCounters } from './counters-redis.ts';
import { connectRedis } from './redis.ts';
import type { TokenLog } from './token-log.ts';
import { createMemoryTokenLog } from './token-log-memory.ts';
import { createRedisTokenLog } from './token-log-redis.ts';
import type { WakeUp } from './wake-up.ts';
import { createMemoryWakeUp } from './wake-up-memory.ts';
import { createRedisWakeUp } from './wake-up-redis.ts';

/** What lives for moments: in the memory of this process, or in one Redis for all processes. */
export interface LiveStores {
  tokenLog: TokenLog;
  wakeUp: WakeUp;
  answers: AnswerStore;
  counters: Counters;
  /** Null where there is no Redis: nobody else can be asked. */
  calls: Calls | null;
  /** Round trip to Redis in milliseconds, which throws where it cannot be reached; null: there is none. */
  ping: (() => Promise<number>) | null;
  close(): Promise<void>;
}

interface Options {
  url: string | null;
  /** What answers that may be given again may occupy. */
  maxAnswerBytes: number;
  logger: Logger;
}

export function createLiveStores({ url, maxAnswerBytes: maxBytes, logger }: Options): LiveStores {
  const inMemory = createMemoryAnswerStore({ maxBytes });
  if (url === null) {
    return {
      tokenLog: createMemoryTokenLog(),
      wakeUp: createMemoryWakeUp(),
      answers: inMemory,
      counters: createMemoryCounters(),
      calls: null,
      ping: null,
      close: async () => {},
    };
  }
  const redis = connectRedis({ url, logger });
  const counters = createRedisCounters(redis);
  return {
    tokenLog: createRedisTokenLog(redis),
    wakeUp: createRedisWakeUp(redis),
    answers: createFallbackAnswerStore(
      createRedisAnswerStore({ commands: redis.commands, maxBytes }),
      inMemory,
      redis.isUp,
    ),
    counters,
    calls: createRedisCalls(redis, logger),
    ping: redis.ping,
    async close() {
      await counters.close();
      await redis.close();
    },
  };
}
