import type { Logger } from '../logger.ts';
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
  /** Round trip to Redis in milliseconds, which throws where it cannot be reached; null: there is none. */
  ping: (() => Promise<number>) | null;
  close(): Promise<void>;
}

export function createLiveStores({ url, logger }: { url: string | null; logger: Logger }): LiveStores {
  if (url === null) {
    return { tokenLog: createMemoryTokenLog(), wakeUp: createMemoryWakeUp(), ping: null, close: async () => {} };
  }
  const redis = connectRedis({ url, logger });
  return {
    tokenLog: createRedisTokenLog(redis),
    wakeUp: createRedisWakeUp(redis),
    ping: redis.ping,
    close: redis.close,
  };
}
