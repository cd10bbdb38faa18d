import { v4 as uuid } from 'uuid';
import type { RedisConnection } from './redis.ts';
import type { WakeUp } from './wake-up.ts';
import { createMemoryWakeUp } from './wake-up-memory.ts';

type Note = [topic: string, note: string];

const channel = 'portal:wake-ups';

/**
 * Wakes the listeners of this process at once, and those of others by Redis' Pub/Sub. One channel for all topics: there is
 * no moment between listening and being subscribed in which a note is lost.
 */
export function createRedisWakeUp({ commands, subscriber, isUp }: RedisConnection): WakeUp {
  const local = createMemoryWakeUp();
  const ourselves = uuid();
  let unsent: Note[] = [];

  subscriber.on('message', (from, message) => {
    if (from !== channel) return;
    const [sender, notes] = JSON.parse(message) as [string, Note[]];
    if (sender !== ourselves) for (const [topic, note] of notes) local.notify(topic, note);
  });
  // Said again by the client after each reconnection.
  subscriber.subscribe(channel).catch(() => undefined);

  /** What one turn of the event loop says goes as one message, after its answers: an answer of the cache says four things. */
  function send(): void {
    const notes = unsent;
    unsent = [];
    // A note that is lost costs its readers a moment: they look for themselves.
    if (isUp()) commands.publish(channel, JSON.stringify([ourselves, notes])).catch(() => undefined);
  }

  return {
    listen: local.listen,
    notify(topic, note = '') {
      local.notify(topic, note);
      if (unsent.push([topic, note]) === 1) setImmediate(send);
    },
  };
}
