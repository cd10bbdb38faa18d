import { Redis } from 'ioredis';
import type { Logger } from '../logger.ts';

/** One Redis, by two connections: commands, and what is published. Both come back by themselves. */
export interface RedisConnection {
  /** Rejects within 500 ms where Redis does not answer; nothing is queued for later. */
  readonly commands: Redis;
  readonly subscriber: Redis;
  /** Whether commands have a chance now: it is connected, and answered when it was asked last. */
  isUp(): boolean;
  /** Round trip in milliseconds. Throws where Redis cannot be reached. */
  ping(): Promise<number>;
  close(): Promise<void>;
}

const commandTimeoutMs = 500;
const slowestRetryMs = 1_000;
const complainEveryMs = 60_000;
/** A server that hangs keeps its connections: whoever asked it for every token would wait for each. */
const askEveryMs = 500;

export function connectRedis({ url, logger }: { url: string; logger: Logger }): RedisConnection {
  const shared = {
    // What cannot be said now is not said later: callers have a way to do without.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: 3_000,
    retryStrategy: (attempt: number) => Math.min(attempt * 50, slowestRetryMs),
  };
  // A subscription has no answer to wait for, and must survive the loss of its connection.
  const commands = new Redis(url, { ...shared, commandTimeout: commandTimeoutMs });
  const subscriber = new Redis(url, { ...shared, enableOfflineQueue: true, maxRetriesPerRequest: null });

  let complainedAt = Number.NEGATIVE_INFINITY;
  let problem = '';
  for (const client of [commands, subscriber]) {
    // Without a listener the first lost connection would end the process.
    client.on('error', (error: Error) => {
      problem = error.message;
      if (performance.now() - complainedAt < complainEveryMs) return;
      complainedAt = performance.now();
      logger.warn({ err: error }, 'Redis cannot be reached; the portal does without until it is back');
    });
  }
  commands.on('ready', () => logger.info('Redis is there'));

  const isConnected = () => commands.status === 'ready';
  let hangs = false;
  let asking = false;
  const watch = setInterval(async () => {
    if (asking || !isConnected()) return;
    asking = true;
    hangs = await commands.ping().then(
      () => false,
      () => true,
    );
    asking = false;
  }, askEveryMs).unref();

  return {
    commands,
    subscriber,
    isUp: () => isConnected() && !hangs,
    async ping() {
      const started = performance.now();
      if (!isConnected()) throw new Error(`Redis cannot be reached${problem && `: ${problem}`}`);
      await commands.ping();
      return performance.now() - started;
    },
    async close() {
      clearInterval(watch);
      commands.disconnect();
      subscriber.disconnect();
    },
  };
}
