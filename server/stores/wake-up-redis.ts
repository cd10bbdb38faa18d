import { v4 as uuid } from 'uuid';
import type { RedisConnection } from './redis.ts';
import type { WakeUp } from './wake-up.ts';
import { createMemoryWakeUp } from './wake-up-memory.ts';

const channel = 'portal:wake-up';

/**
 * Wakes the listeners of this process at once, and those of others by Redis' Pub/Sub. One channel for all topics: there is
 * no moment between listening and being subscribed in which a note is lost.
 */
export function createRedisWakeUp({ commands, subscriber, isUp }: RedisConnection): WakeUp {
  const local = createMemoryWakeUp();
  const ourselves = uuid();

  subscriber.on('message', (from, message) => {
    if (from !== channel) return;
    const [sender, topic, note] = JSON.parse(message) as [string, string, string];
    if (sender !== ourselves) local.notify(topic, note);
  });
  // Said again by the client after each reconnection.
  subscriber.subscribe(channel).catch(() => undefined);

  return {
    listen: local.listen,
    notify(topic, note = '') {
      local.notify(topic, note);
      // A note that is lost costs its readers a moment: they look for themselves.
      if (isUp()) commands.publish(channel, JSON.stringify([ourselves, topic, note])).catch(() => undefined);
    },
  };
}
