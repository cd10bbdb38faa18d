import { expect } from 'vitest';
import { createSession, send } from './chat.ts';
import { type Follower, followThroughFaults, insist, transports } from './follower.ts';

/** Asks for a reply of so many tokens in a session of its own each, and follows them over every transport. */
export async function askForStories(url: string, maxTokens: readonly number[]): Promise<Follower[]> {
  return Promise.all(
    maxTokens.map(async (most, index) => {
      const sessionId = await insist(() => createSession(url));
      const once = { idempotencyKey: crypto.randomUUID(), generation: { maxTokens: most } };
      const { reply } = await insist(() => send(url, sessionId, `Story ${index}`, once));
      return followThroughFaults(url, reply.id, transports[index % transports.length]);
    }),
  );
}

/** Resolves once so many events have reached the readers, or there is nothing more to come. */
export async function untilEvents(followers: readonly Follower[], atLeast: number): Promise<void> {
  const count = () => followers.reduce((sum, follower) => sum + follower.count(), 0);
  const enough = () => count() >= atLeast || followers.every((one) => one.ended());
  await expect.poll(enough, { timeout: 60_000, interval: 5 }).toBe(true);
}
