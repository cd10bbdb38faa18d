import { v4 as uuid } from 'uuid';
import type { Counters } from './counters.ts';
import type { RedisConnection } from './redis.ts';

const key = 'telemetry';
const flushEveryMs = 250;

/** Adds a batch once, however often it is sent: an answer that came too late leaves its sender in doubt. */
const addOnce = `
  if redis.call('SET', KEYS[2], 1, 'NX', 'EX', 3600) then
    for at = 1, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[1], ARGV[at], ARGV[at + 1]) end
  end`;

type Batch = { id: string; amounts: Map<string, number> };

/** The counters of all processes, in one hash; each process adds what it counted four times a second. */
export function createRedisCounters({ commands, isUp }: Pick<RedisConnection, 'commands' | 'isUp'>): Counters {
  let pending = new Map<string, number>();
  /** Sent, and not known to have arrived. */
  let sent: Batch | null = null;
  let last: ReadonlyMap<string, number> = new Map();
  let flushing: Promise<void> = Promise.resolve();

  function flush(): Promise<void> {
    flushing = flushing.then(send).catch(() => undefined);
    return flushing;
  }

  async function send(): Promise<void> {
    if (!isUp()) return;
    if (sent === null && pending.size > 0) {
      sent = { id: uuid(), amounts: pending };
      pending = new Map();
    }
    if (sent === null) return;
    await commands.eval(addOnce, 2, key, `${key}:batch:${sent.id}`, ...[...sent.amounts].flat());
    sent = null;
  }

  async function readShared(): Promise<ReadonlyMap<string, number>> {
    if (!isUp()) return last;
    const fields = await commands.hgetall(key).catch(() => null);
    // What was read last stands in.
    return fields === null ? last : new Map(Object.entries(fields).map(([name, value]) => [name, Number(value)]));
  }

  const timer = setInterval(flush, flushEveryMs).unref();

  return {
    add: (name, amount = 1) => void pending.set(name, (pending.get(name) ?? 0) + amount),

    async read() {
      await flush();
      last = await readShared();
      const all = new Map(last);
      for (const [name, amount] of [...(sent?.amounts ?? []), ...pending]) all.set(name, (all.get(name) ?? 0) + amount);
      return all;
    },

    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
