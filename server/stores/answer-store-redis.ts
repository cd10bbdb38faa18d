import {
  type AnswerId,
  type AnswerStore,
  groupOf,
  groupsOf,
  keyOf,
  type PromptVector,
  type StoredAnswer,
  settingGroup,
  sizeOf,
  type Whose,
} from './answer-store.ts';
import type { RedisConnection } from './redis.ts';

/**
 * What keeps the books, beside an entry `cache:{scope}:{hash}` of each answer:
 * `cache_stats` (hash) `hits` and `misses` of all, and for each key `{key}:hits` and `{key}:cached_at`;
 * `cache_used` (sorted set) keys by their last use, `cache_ends` by their expiry; `cache_sizes` (hash) bytes of each key, and their `total`;
 * `cache_groups` (hash) the groups of each key, and a sorted set for each group, by the time of storing.
 */
const books = `
local function forget(key)
  redis.call('DEL', key)
  redis.call('ZREM', 'cache_used', key)
  redis.call('ZREM', 'cache_ends', key)
  redis.call('HDEL', 'cache_stats', key .. ':hits', key .. ':cached_at')
  local size = redis.call('HGET', 'cache_sizes', key)
  if not size then return 0 end
  redis.call('HDEL', 'cache_sizes', key)
  redis.call('HINCRBY', 'cache_sizes', 'total', -size)
  for group in string.gmatch(redis.call('HGET', 'cache_groups', key) or '', '%S+') do redis.call('ZREM', group, key) end
  redis.call('HDEL', 'cache_groups', key)
  return 1
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = time[1] * 1000000 + time[2]
local function forgetExpired()
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', 'cache_ends', '-inf', now)) do forget(key) end
end
`;

const scripts = {
  /** key; value, ttl, size, budget, groups, cached_at. */
  cachePut: `${books}
    forgetExpired()
    forget(KEYS[1])
    local size, budget = tonumber(ARGV[3]), tonumber(ARGV[4])
    if size > budget then return 0 end
    while (tonumber(redis.call('HGET', 'cache_sizes', 'total')) or 0) + size > budget do
      local oldest = redis.call('ZRANGE', 'cache_used', 0, 0)[1]
      if not oldest then break end
      forget(oldest)
    end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    redis.call('ZADD', 'cache_used', stamp, KEYS[1])
    redis.call('ZADD', 'cache_ends', now + ARGV[2], KEYS[1])
    redis.call('HSET', 'cache_sizes', KEYS[1], size)
    redis.call('HINCRBY', 'cache_sizes', 'total', size)
    redis.call('HSET', 'cache_groups', KEYS[1], ARGV[5])
    redis.call('HSET', 'cache_stats', KEYS[1] .. ':hits', 0, KEYS[1] .. ':cached_at', ARGV[6])
    for group in string.gmatch(ARGV[5], '%S+') do redis.call('ZADD', group, stamp, KEYS[1]) end
    return 1`,
  /** key. */
  cacheGet: `${books}
    local value = redis.call('GET', KEYS[1])
    if not value then return false end
    redis.call('ZADD', 'cache_used', stamp, KEYS[1])
    redis.call('HINCRBY', 'cache_stats', KEYS[1] .. ':hits', 1)
    redis.call('HINCRBY', 'cache_stats', 'hits', 1)
    return value`,
  /** group; limit: values of its newest keys. */
  cacheNewest: `${books}
    local values = {}
    for _, key in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1] - 1)) do
      local value = redis.call('GET', key)
      if value then values[#values + 1] = value else forget(key) end
    end
    return values`,
  /** key. */
  cacheRemove: `${books} return forget(KEYS[1])`,
  /** group. */
  cacheCount: `${books}
    forgetExpired()
    return redis.call('ZCARD', KEYS[1])`,
  /** group, whose keys all go. */
  cacheFlush: `${books}
    forgetExpired()
    local removed = 0
    for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do removed = removed + forget(key) end
    return removed`,
  cacheStats: `${books}
    forgetExpired()
    return {redis.call('ZCARD', 'cache_used'), redis.call('HGET', 'cache_sizes', 'total') or 0,
      redis.call('HGET', 'cache_stats', 'hits') or 0, redis.call('HGET', 'cache_stats', 'misses') or 0}`,
} as const;

type Run = (...parts: (string | number)[]) => Promise<unknown>;

/** The answers of all processes. Redis' own eviction would take token logs too, so the budget is kept by these scripts. */
export function createRedisAnswerStore({
  commands,
  maxBytes,
}: {
  commands: RedisConnection['commands'];
  maxBytes: number;
}): AnswerStore {
  for (const [name, lua] of Object.entries(scripts)) {
    commands.defineCommand(name, { lua, numberOfKeys: name === 'cacheStats' ? 0 : 1 });
  }
  const run = (name: keyof typeof scripts): Run =>
    (commands as unknown as Record<string, Run>)[name]?.bind(commands) as Run;

  return {
    async put(answer, ttlMs) {
      const value = JSON.stringify(toValue(answer));
      const cachedAt = new Date(answer.cachedAt).toISOString();
      await run('cachePut')(
        keyOf(answer),
        value,
        ttlMs,
        sizeOf(answer),
        maxBytes,
        groupsOf(answer).join(' '),
        cachedAt,
      );
    },

    async get(id) {
      const value = (await run('cacheGet')(keyOf(id))) as string | null;
      return value === null ? null : fromValue(id, value);
    },

    async promptsOf(setting, limit) {
      const values = (await run('cacheNewest')(settingGroup(setting), limit)) as string[];
      return values.reverse().flatMap((value) => {
        const { scope, hash, comparable } = JSON.parse(value) as Value;
        return comparable === null ? [] : [{ scope, hash, prompt: comparable.prompt, vector: vectorOf(comparable) }];
      });
    },

    async countMiss() {
      await commands.hincrby('cache_stats', 'misses', 1);
    },

    async remove(id) {
      await run('cacheRemove')(keyOf(id));
    },

    count: async (whose) => (await run('cacheCount')(keysOf(whose))) as number,
    flush: async (whose) => (await run('cacheFlush')(keysOf(whose))) as number,

    async stats() {
      const [entries = 0, sizeBytes = 0, hits = 0, misses = 0] = ((await run('cacheStats')()) as unknown[]).map(Number);
      return { backend: 'redis', entries, hits, misses, sizeBytes };
    },
  };
}

/** The sorted set of the keys. */
const keysOf = (whose: Whose): string => (whose === 'all' ? 'cache_used' : groupOf(whose));

/** As other programs may read it: names of the specification. */
interface Value {
  scope: string;
  hash: string;
  digest: string;
  user_id: string;
  session_id: string;
  message_id: string;
  content: string;
  cached_at: number;
  /** The values of the vector as bytes in base64. */
  comparable: { setting: string; prompt: string; vector: { model: string; values: string } | null } | null;
}

function toValue({ userId, sessionId, messageId, cachedAt, comparable, ...same }: StoredAnswer): Value {
  const vector = comparable?.vector ?? null;
  return {
    ...same,
    user_id: userId,
    session_id: sessionId,
    message_id: messageId,
    cached_at: cachedAt,
    comparable: comparable && {
      ...comparable,
      vector: vector && { model: vector.model, values: Buffer.from(vector.values).toString('base64') },
    },
  };
}

function vectorOf({ vector }: NonNullable<Value['comparable']>): PromptVector | null {
  return vector && { model: vector.model, values: Int8Array.from(Buffer.from(vector.values, 'base64')) };
}

function fromValue(id: AnswerId, value: string): StoredAnswer {
  const { digest, user_id, session_id, message_id, content, cached_at, comparable } = JSON.parse(value) as Value;
  return {
    ...id,
    digest,
    userId: user_id,
    sessionId: session_id,
    messageId: message_id,
    content,
    cachedAt: cached_at,
    comparable: comparable && { ...comparable, vector: vectorOf(comparable) },
  };
}
